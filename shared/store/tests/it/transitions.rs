//! State changes, logged one by one.

use landfall_domain::Stage;
use landfall_domain::{ObjectId, Reason, Run, State};
use landfall_store::object::{self, Move};
use landfall_store::{StoreError, step};
use landfall_testkit::database::TestDatabase;

use crate::scene::{at, count, landing, now, texts};

async fn one_object() -> TestDatabase {
    let database = TestDatabase::create().await;
    let mut conn = database.pool().acquire().await.unwrap();
    object::register(&mut conn, &[landing("a", "1", now())], now()).await.unwrap();
    drop(conn);
    database
}

async fn go(database: &TestDatabase, to: State, run: i32) -> Result<(), StoreError> {
    let mut tx = database.pool().begin().await.unwrap();
    let object = object::lock(&mut tx, ObjectId(1)).await?.expect("the object is there");
    let reason = Reason::new("because").with_text("of this");
    object::transition(&mut tx, &object, &Move { to, reason, run: Run(run) }, at("10:00:00")).await?;
    Ok(tx.commit().await?)
}

#[tokio::test]
async fn each_move_is_one_event() {
    let database = one_object().await;
    for (to, run) in [(State::Done, 1), (State::Dispatched, 2), (State::Quarantined, 2)] {
        go(&database, to, run).await.unwrap();
    }
    let log = "select concat_ws(' ', coalesce(from_state, '-'), to_state, reason, run) from ingest.event_log order by event_id";
    assert_eq!(
        texts(database.pool(), log).await,
        [
            "- dispatched plan-archive 1",
            "dispatched done because 1",
            "done dispatched because 2",
            "dispatched quarantined because 2"
        ]
    );
    let before =
        object::state_before(&mut database.pool().acquire().await.unwrap(), ObjectId(1), Run(2)).await;
    let (state, reason) = before.unwrap().unwrap();
    assert_eq!((state, reason.to_string().as_str()), (State::Done, "because: of this"));
}

#[tokio::test]
async fn a_move_that_the_table_does_not_have_leaves_row_and_log_as_they_were() {
    let database = one_object().await;
    go(&database, State::Rejected, 1).await.unwrap();
    let rows = "select row_to_json(o)::text from ingest.object o";
    let before = texts(database.pool(), rows).await;
    let error = go(&database, State::Done, 1).await.unwrap_err();
    assert!(error.is_data());
    insta::assert_snapshot!(error, @"object 1: transition refused");
    assert_eq!(texts(database.pool(), rows).await, before);
    assert_eq!(count(database.pool(), "select count(*) from ingest.event_log").await, 2);
}

#[tokio::test]
async fn a_version_that_is_gone_is_present_no_more_and_a_done_one_still_is() {
    let database = one_object().await;
    go(&database, State::Done, 1).await.unwrap();
    assert_eq!(count(database.pool(), "select count(*) from ingest.object where present").await, 1);
    go(&database, State::Dispatched, 2).await.unwrap();
    go(&database, State::Gone, 2).await.unwrap();
    let gone = "select count(*) from ingest.object where not present and removed_at = '2025-01-18T10:00:00Z'";
    assert_eq!(count(database.pool(), gone).await, 1);
}

#[tokio::test]
async fn a_step_is_entered_once_for_each_run_and_unit() {
    let database = one_object().await;
    let mut conn = database.pool().acquire().await.unwrap();
    let mut enter = async |unit: &str, run: i32| {
        step::enter(&mut conn, (ObjectId(1), Stage::PlanArchive, unit, Run(run)), "ok", now()).await.unwrap()
    };
    assert!(enter("", 1).await);
    assert!(!enter("", 1).await);
    assert!(enter("u", 1).await);
    assert!(enter("", 2).await);
    let done = async |unit: &str, run: i32| {
        step::is_done(database.pool(), (ObjectId(1), Stage::PlanArchive, unit, Run(run))).await.unwrap()
    };
    assert!(done("u", 1).await);
    assert!(!done("u", 2).await);
}
