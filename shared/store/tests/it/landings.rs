//! Registering a batch of landings (design: identity and states).

use landfall_domain::{Reason, State};
use landfall_store::object::{self, NewObject, Registered};
use landfall_testkit::database::TestDatabase;

use crate::scene::{at, count, landing, now, run, texts, version};

async fn register(database: &TestDatabase, objects: &[NewObject]) -> Vec<usize> {
    let mut conn = database.pool().acquire().await.unwrap();
    indexes(object::register(&mut conn, objects, now()).await.unwrap())
}

async fn superseded(database: &TestDatabase, object: NewObject) -> usize {
    let mut conn = database.pool().acquire().await.unwrap();
    let object = NewObject { state: State::Superseded, reason: Reason::new("overwritten"), ..object };
    object::register_superseded(&mut conn, &[object], now()).await.unwrap().len()
}

fn indexes(registered: Vec<Registered>) -> Vec<usize> {
    registered.into_iter().map(|r| r.index).collect()
}

#[tokio::test]
async fn duplicates_inside_a_batch_and_in_the_next_one_are_one_identity() {
    let database = TestDatabase::create().await;
    let (a, b) = (landing("a", "1", now()), landing("b", "1", now()));
    assert_eq!(register(&database, &[a.clone(), b.clone(), a.clone()]).await, [0, 1]);
    assert_eq!(register(&database, &[b, landing("c", "1", now()), a]).await, [1]);
    assert_eq!(count(database.pool(), "select count(*) from ingest.object").await, 3);
    assert_eq!(count(database.pool(), "select count(*) from ingest.event_log").await, 3);
}

#[tokio::test]
async fn the_same_version_with_other_metadata_is_a_version_of_its_own() {
    let database = TestDatabase::create().await;
    let first = landing("a", "1", now());
    let mut other = first.clone();
    other.landing.metadata_digest = Some("m2".into());
    assert_eq!(register(&database, &[first.clone(), other.clone()]).await, [0, 1], "also in one batch");
    let versions = texts(database.pool(), "select version from ingest.object order by object_id").await;
    assert_eq!(versions, ["1@1737190800", "1@1737190800#m2"]);
    let present = "select version from ingest.object where present";
    assert_eq!(texts(database.pool(), present).await, ["1@1737190800#m2"], "the one that was seen last");
    assert!(register(&database, &[first]).await.is_empty());
    assert_eq!(texts(database.pool(), present).await, ["1@1737190800"], "it was written once more");
    assert!(register(&database, &[other]).await.is_empty());
    assert_eq!(texts(database.pool(), present).await, ["1@1737190800#m2"], "and so was the other");
}

#[tokio::test]
async fn metadata_of_a_store_version_does_not_make_another_one() {
    let database = TestDatabase::create().await;
    let first = version("a", "v1");
    let mut other = first.clone();
    other.landing.metadata_digest = Some("m2".into());
    register(&database, &[first]).await;
    assert!(
        register(&database, &[other]).await.is_empty(),
        "a version id names one content with its metadata"
    );
}

#[tokio::test]
async fn what_the_front_door_gave_up_is_opened_again_and_nothing_else_is() {
    let database = TestDatabase::create().await;
    let failed =
        |reason| NewObject { state: State::Failed, reason: Reason::new(reason), ..landing("a", "1", now()) };
    register(&database, &[failed("front_door")]).await;
    assert!(register(&database, &[failed("front_door")]).await.is_empty(), "failing again opens nothing");
    assert_eq!(register(&database, &[landing("a", "1", now())]).await, [0]);
    run(database.pool(), "update ingest.object set state = 'failed', reason = 'receives_used_up'").await;
    assert!(
        register(&database, &[landing("a", "1", now())]).await.is_empty(),
        "a stage's failure is redriven"
    );
    let life = "select coalesce(from_state, '-') || ' ' || to_state from ingest.event_log order by event_id";
    assert_eq!(texts(database.pool(), life).await, ["- failed", "failed dispatched"]);
}

#[tokio::test]
async fn an_overwritten_version_is_present_no_more_and_a_late_event_of_an_older_one_hides_nothing() {
    let database = TestDatabase::create().await;
    register(&database, &[landing("a", "1", at("09:00:00"))]).await;
    register(&database, &[landing("a", "2", at("09:00:05")), landing("b", "1", at("09:00:05"))]).await;
    register(&database, &[landing("a", "0", at("08:00:00"))]).await;
    let present = "select key || ' ' || etag from ingest.object where present order by key, etag";
    assert_eq!(texts(database.pool(), present).await, ["a 0", "a 2", "b 1"]);
}

#[tokio::test]
async fn versions_of_a_versioned_bucket_stay_present() {
    let database = TestDatabase::create().await;
    register(&database, &[version("a", "v1"), version("a", "v2")]).await;
    assert_eq!(count(database.pool(), "select count(*) from ingest.object where present").await, 2);
}

#[tokio::test]
async fn a_superseded_version_is_known_by_version_by_sequencer_and_by_a_listing_of_about_that_time() {
    let database = TestDatabase::create().await;
    let mut with_sequencer = landing("a", "1", at("09:00:00"));
    with_sequencer.landing.sequencer = Some("0a".into());
    register(&database, &[with_sequencer.clone(), landing("listed", "1", at("09:00:00"))]).await;

    assert_eq!(superseded(&database, landing("a", "1", at("09:00:00"))).await, 0, "by its version");
    let mut by_sequencer = landing("a", "1", at("09:00:01"));
    by_sequencer.landing.sequencer = Some("0a".into());
    assert_eq!(superseded(&database, by_sequencer).await, 0, "by its sequencer");
    assert_eq!(superseded(&database, landing("listed", "1", at("09:00:02"))).await, 0, "two seconds off");
    assert_eq!(superseded(&database, landing("listed", "1", at("08:59:58"))).await, 0, "two seconds off");

    assert_eq!(superseded(&database, landing("listed", "1", at("09:00:03"))).await, 1, "three seconds off");
    assert_eq!(superseded(&database, landing("listed", "2", at("09:00:00"))).await, 1, "other bytes");
    assert_eq!(superseded(&database, landing("other", "1", at("09:00:00"))).await, 1, "another key");
    assert_eq!(superseded(&database, landing("a", "1", at("09:00:01"))).await, 1, "its sequencer is another");
    let absent = "select count(*) from ingest.object where state = 'superseded' and not present and removed_at is not null";
    assert_eq!(count(database.pool(), absent).await, 4);
}

#[tokio::test]
async fn a_removal_marks_the_version_it_names_and_without_versions_what_was_there() {
    let database = TestDatabase::create().await;
    register(&database, &[version("v", "v1"), version("v", "v2")]).await;
    register(&database, &[landing("a", "1", at("09:00:00")), landing("b", "1", at("09:00:00"))]).await;
    let mut conn = database.pool().acquire().await.unwrap();
    let mut removed = async |key: &str, version: Option<&str>, time: &str| {
        object::mark_removed(&mut conn, ("landing", key), version, at(time)).await.unwrap()
    };
    assert_eq!(removed("v", Some("v1"), "08:00:00").await, 1, "a version is removed at any time");
    assert_eq!(removed("v", Some("v1"), "08:00:00").await, 0, "it was told before");
    assert_eq!(removed("v", None, "10:00:00").await, 0, "no object of this key is without a version");
    assert_eq!(removed("a", None, "08:59:59").await, 0, "it was written after that removal");
    assert_eq!(removed("a", None, "09:00:00").await, 1);
    assert_eq!(removed("missing", None, "09:00:00").await, 0);
    let present =
        "select key || ' ' || coalesce(version_id, etag) from ingest.object where present order by 1";
    assert_eq!(texts(database.pool(), present).await, ["b 1", "v v2"]);
}
