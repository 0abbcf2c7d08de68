//! Each test has a database of its own, migrated, and it goes when the test is done.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use landfall_testkit::database::{SERVER_VARIABLE, TestDatabase};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

/// Whether the server has a database of this name.
async fn exists(name: &str) -> bool {
    let server: sqlx::postgres::PgConnectOptions = std::env::var(SERVER_VARIABLE).unwrap().parse().unwrap();
    let mut admin = server.connect().await.unwrap();
    let there = sqlx::query_scalar("select exists (select from pg_database where datname = $1)");
    let there = there.bind(name).fetch_one(&mut admin).await.unwrap();
    admin.close().await.unwrap();
    there
}

/// Runs one of the tests below as a process of its own.
fn child(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--nocapture"]).arg(format!("test_database::{test}")).env("RUST_BACKTRACE", "0");
    command
}

#[tokio::test]
async fn what_one_test_writes_no_other_sees() {
    let (one, other) = (TestDatabase::create().await, TestDatabase::create().await);
    sqlx::query("create table written (n integer)").execute(one.pool()).await.unwrap();
    let seen = sqlx::query_scalar::<_, bool>("select to_regclass('written') is not null");
    assert!(!seen.fetch_one(other.pool()).await.unwrap());
}

#[tokio::test]
async fn every_migration_is_applied_and_the_url_leads_to_the_same_database() {
    let database = TestDatabase::create().await;
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let on_disk: BTreeSet<i64> = std::fs::read_dir(migrations)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.split_once('_')?.0.parse().ok())
        .collect();
    let url: sqlx::postgres::PgConnectOptions = database.url().parse().unwrap();
    let mut connection = url.connect().await.unwrap();
    let applied = sqlx::query_scalar("select version from _sqlx_migrations where success");
    let applied: Vec<i64> = applied.fetch_all(&mut connection).await.unwrap();
    assert_eq!(applied.into_iter().collect::<BTreeSet<_>>(), on_disk);
    let name: String =
        sqlx::query_scalar("select current_database()::text").fetch_one(&mut connection).await.unwrap();
    assert_eq!(name, database.name());
}

#[tokio::test]
async fn an_empty_database_holds_no_table_of_ours() {
    let database = TestDatabase::empty().await;
    let tables = sqlx::query_scalar::<_, i64>(
        "select count(*) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
    );
    assert_eq!(tables.fetch_one(database.pool()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_database_goes_with_its_value_even_while_connections_are_open() {
    let database = TestDatabase::create().await;
    let name = database.name().to_owned();
    let held = database.pool().acquire().await.unwrap();
    assert!(exists(&name).await);
    drop(database);
    assert!(!exists(&name).await);
    drop(held);
}

/// Not a test by itself: fails in a process of its own, for the next one.
#[tokio::test]
async fn failing_on_request() {
    if std::env::var_os("LANDFALL_TEST_FAIL").is_none() {
        return;
    }
    let database = TestDatabase::create().await;
    panic!("this test fails with {}", database.name());
}

#[tokio::test]
async fn the_database_of_a_failed_test_is_kept_and_its_url_is_printed() {
    let output = child("failing_on_request").env("LANDFALL_TEST_FAIL", "1").output().unwrap();
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    let url = printed
        .lines()
        .find_map(|line| line.strip_prefix("the database of the failed test is kept for an hour: "));
    let (_, name) = url.unwrap().rsplit_once("dbname=").unwrap();
    assert!(exists(name).await);
    drop_database(name).await;
}

#[tokio::test]
async fn without_a_server_the_test_says_how_to_get_one() {
    let output = child("failing_on_request")
        .env("LANDFALL_TEST_FAIL", "1")
        .env_remove(SERVER_VARIABLE)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(
        printed.contains("LANDFALL_TEST_DATABASE_URL is not set. `./dev test` starts a server"),
        "{printed}"
    );
}

#[tokio::test]
async fn a_database_left_behind_long_ago_is_removed_and_a_recent_one_is_not() {
    let database = TestDatabase::empty().await;
    let now: i64 = sqlx::query_scalar("select extract(epoch from now())::bigint")
        .fetch_one(database.pool())
        .await
        .unwrap();
    let unique = database.name().rsplit_once('_').unwrap().1;
    let (old, recent) =
        (format!("landfall_test_{}_{unique}", now - 3700), format!("landfall_test_{}_{unique}", now - 3500));
    for name in [&old, &recent] {
        let statement = format!("create database {name}");
        sqlx::query(AssertSqlSafe(statement)).execute(database.pool()).await.unwrap();
    }
    // Each removes a few, and other processes may be removing the same.
    for _ in 0..50 {
        if !exists(&old).await {
            break;
        }
        drop(TestDatabase::empty().await);
    }
    assert!(!exists(&old).await);
    assert!(exists(&recent).await);
    drop_database(&recent).await;
}

async fn drop_database(name: &str) {
    let server: sqlx::postgres::PgConnectOptions = std::env::var(SERVER_VARIABLE).unwrap().parse().unwrap();
    let mut admin = server.connect().await.unwrap();
    sqlx::query(AssertSqlSafe(format!("drop database if exists {name}"))).execute(&mut admin).await.unwrap();
}
