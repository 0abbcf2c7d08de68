//! What is seen of a real database.

use chrono::TimeDelta;
use landfall_domain::{Clock, Level, Stage, SystemClock};
use landfall_store::health::{self, MigrationState};
use landfall_store::{NewMessage, Store, outbox};
use landfall_testkit::database::TestDatabase;

use crate::scene::run;

/// Names and levels of the findings.
async fn told(store: &Store) -> Vec<(String, Level)> {
    let facts = health::observe(store, &SystemClock).await;
    let findings = health::judge(&facts, SystemClock.now(), 2);
    findings.into_iter().map(|finding| (finding.name, finding.level)).collect()
}

/// The names of findings of a level.
async fn at(level: Level, store: &Store) -> Vec<String> {
    told(store).await.into_iter().filter(|(_, l)| *l == level).map(|(name, _)| name).collect()
}

#[tokio::test]
async fn a_migrated_database_has_no_problem() {
    let database = TestDatabase::create().await;
    let store = Store::over(database.pool().clone());
    assert_eq!(at(Level::Problem, &store).await, [""; 0]);
    assert_eq!(at(Level::Skipped, &store).await, [""; 0]);
    let facts = health::observe(&store, &SystemClock).await;
    let server = facts.server.unwrap();
    assert!(server.version >= 150_000 && server.connections.in_use > 0, "{server:?}");
    assert_eq!(server.skew.0, TimeDelta::zero(), "it is the same machine");
}

#[tokio::test]
async fn a_database_without_the_schema_lacks_all_migrations_and_the_rest_is_still_told() {
    let database = TestDatabase::empty().await;
    let store = Store::over(database.pool().clone());
    assert_eq!(at(Level::Problem, &store).await, ["database.migrations"]);
    assert_eq!(at(Level::Skipped, &store).await, ["database.partitions", "database.default-partitions"]);
    let facts = health::observe_outbox(&store, SystemClock.now()).await;
    assert!(facts.due.unwrap_err().contains("landfall migrate"));
}

#[tokio::test]
async fn a_missing_a_changed_an_unknown_and_a_half_done_migration_are_told_apart() {
    let database = TestDatabase::create().await;
    let store = Store::over(database.pool().clone());
    let changes = [
        ("delete from _sqlx_migrations where version = 9", MigrationState::Pending),
        ("update _sqlx_migrations set checksum = '\\x00' where version = 2", MigrationState::Changed),
        (
            "insert into _sqlx_migrations select 9999, 'later', now(), true, checksum, 1 from _sqlx_migrations limit 1",
            MigrationState::Unknown,
        ),
        ("update _sqlx_migrations set success = false where version = 3", MigrationState::HalfDone),
    ];
    for (change, state) in changes {
        run(database.pool(), change).await;
        let migrations = health::observe(&store, &SystemClock).await.migrations.unwrap();
        let found = migrations.iter().filter(|migration| migration.state == state).count();
        assert_eq!(found, 1, "{change}: {migrations:?}");
        assert_eq!(at(Level::Problem, &store).await, ["database.migrations"]);
    }
}

#[tokio::test]
async fn a_row_in_a_default_partition_and_a_missing_partition_are_problems() {
    let database = TestDatabase::create().await;
    let store = Store::over(database.pool().clone());
    run(
        database.pool(),
        "insert into ingest.attempt (stage, run, attempt, started, ended, outcome)
         values ('plan-archive', 1, 1, '2001-01-01', '2001-01-01', 'ok')",
    )
    .await;
    assert_eq!(at(Level::Problem, &store).await, ["database.default-partitions"]);
    let this_month = SystemClock.now().format("%Y%m");
    run(database.pool(), format!("drop table ingest.event_log_{this_month}")).await;
    assert_eq!(at(Level::Problem, &store).await, ["database.partitions", "database.default-partitions"]);
}

#[tokio::test]
async fn only_due_messages_that_nobody_holds_count() {
    let database = TestDatabase::create().await;
    let now = SystemClock.now();
    let message = |minutes| NewMessage {
        stage: Stage::PlanArchive,
        tenant: String::new(),
        subject: String::new(),
        body: "x".into(),
        visible_at: now - TimeDelta::minutes(minutes),
    };
    let mut conn = database.pool().acquire().await.unwrap();
    outbox::send(&mut conn, &[message(7), message(3), message(-1)], now).await.unwrap();
    let facts = health::observe_outbox(&Store::over(database.pool().clone()), now).await;
    let due = facts.due.unwrap();
    assert_eq!((due.len(), due[0].messages, due[0].stage.as_str()), (1, 2, "plan-archive"));
    assert_eq!((now - due[0].since).num_minutes(), 7);
    assert_eq!(facts.dead_letters.unwrap(), 0);
}
