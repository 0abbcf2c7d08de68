//! The same event again, and work whose answer was lost.

use landfall_domain::Stage;
use landfall_testkit::{TestStage, received, sqs_event};
use receive_object::ReceiveObject;

const KEY: &str = "dumps/acme/core/CHG-1/a.tgz";

#[tokio::test]
async fn the_same_event_twice_is_one_object_one_message_and_one_attempt() {
    for stage in [TestStage::start().await, TestStage::unversioned().await] {
        let door = ReceiveObject::new(stage.clients());
        let put = stage.put(KEY, &[], "a").await;
        let body = stage.notification(KEY, &put);
        assert!(stage.handle(&door, sqs_event(&[body.clone(), body.clone()])).await.is_empty());
        let before = stage.fingerprint().await;
        assert!(stage.handle(&door, sqs_event(&[body])).await.is_empty());
        assert_eq!(stage.fingerprint().await, before);
        assert_eq!(stage.count("select count(*) from ingest.object").await, 1);
        assert_eq!(stage.count("select count(*) from ingest.event_log").await, 1);
        assert_eq!(stage.count("select count(*) from ingest.attempt").await, 1);
        assert_eq!(stage.take(Stage::PlanArchive).await.records.len(), 1);
    }
}

#[tokio::test]
async fn worked_but_the_reply_was_lost_and_the_redelivery_changes_nothing() {
    let stage = TestStage::unversioned().await;
    let door = ReceiveObject::new(stage.clients_with("receive-object:commit:after:fail:1"));
    let (one, two) = (stage.put(KEY, &[], "a").await, stage.put("dumps/b.tgz", &[], "b").await);
    let bodies = [stage.notification(KEY, &one), stage.notification("dumps/b.tgz", &two)];
    assert_eq!(stage.handle(&door, sqs_event(&bodies)).await, ["m0", "m1"]);
    let before = stage.fingerprint().await;
    assert_eq!(stage.count("select count(*) from ingest.object").await, 2);
    assert!(stage.handle(&door, received(&bodies, 2)).await.is_empty());
    assert_eq!(stage.fingerprint().await, before);
}

#[tokio::test]
async fn killed_before_the_commit_nothing_has_happened() {
    let stage = TestStage::unversioned().await;
    let untouched = stage.fingerprint().await;
    let door = ReceiveObject::new(stage.clients_with("receive-object:commit:before:fail:1"));
    let bodies = [stage.notification(KEY, &stage.put(KEY, &[], "a").await)];
    assert_eq!(stage.handle(&door, sqs_event(&bodies)).await, ["m0"]);
    assert_eq!(stage.fingerprint().await, untouched);
    assert!(stage.handle(&door, received(&bodies, 2)).await.is_empty());
    assert_eq!(stage.count("select count(*) from ingest.object").await, 1);
}

#[tokio::test]
async fn a_panic_over_one_notification_leaves_its_neighbours() {
    let stage = TestStage::unversioned().await;
    let door = ReceiveObject::new(stage.clients_with("receive-object:read:before:panic:2"));
    let mut bodies = Vec::new();
    for key in ["dumps/a.tgz", "dumps/b.tgz", "dumps/c.tgz"] {
        bodies.push(stage.notification(key, &stage.put(key, &[], key).await));
    }
    assert_eq!(stage.handle(&door, sqs_event(&bodies)).await, ["m1"]);
    assert_eq!(
        stage.texts("select key from ingest.object order by key").await,
        ["dumps/a.tgz", "dumps/c.tgz"]
    );
}

#[tokio::test]
async fn what_the_front_door_gave_up_is_accounted_for_and_opened_by_the_next_event() {
    let stage = TestStage::unversioned().await;
    let broken = ReceiveObject::new(stage.clients_with("receive-object:read:before:fail:1"));
    let bodies = [stage.notification(KEY, &stage.put(KEY, &[], "a").await)];
    assert_eq!(stage.handle(&broken, received(&bodies, 5)).await, ["m0"]);
    assert_eq!(stage.texts("select state || ' ' || reason from ingest.object").await, ["failed front_door"]);
    assert!(stage.take(Stage::PlanArchive).await.records.is_empty());

    let door = ReceiveObject::new(stage.clients());
    assert!(stage.handle(&door, sqs_event(&bodies)).await.is_empty());
    assert_eq!(stage.texts("select state from ingest.object").await, ["dispatched"]);
    let life =
        "select coalesce(from_state, '-') || ' > ' || to_state from ingest.event_log order by event_id";
    assert_eq!(stage.texts(life).await, ["- > failed", "failed > dispatched"]);
    assert_eq!(stage.take(Stage::PlanArchive).await.records.len(), 1);
}
