//! Messages that cannot be used cost themselves only.

use landfall_testkit::{TestStage, received, sqs_event};
use receive_object::ReceiveObject;

const LETTERS: &str =
    "select concat_ws(' ', stage, kind, code, attempts, error_text) from ops.dead_letter order by id";

#[tokio::test]
async fn a_message_that_is_no_json_is_put_aside_once() {
    let stage = TestStage::unversioned().await;
    let door = ReceiveObject::new(stage.clients());
    let bodies = ["hello".to_owned()];
    assert!(stage.handle(&door, sqs_event(&bodies)).await.is_empty());
    assert!(stage.handle(&door, received(&bodies, 2)).await.is_empty(), "it was delivered twice");
    insta::assert_snapshot!(stage.texts(LETTERS).await.join("\n"), @"receive-object quarantined event_not_json 1 notification does not read: event is not json: expected value at line 1 column 1");
    assert_eq!(stage.texts("select body from ops.dead_letter").await, ["hello"]);
}

#[tokio::test]
async fn bad_messages_beside_a_good_one_leave_it_alone() {
    let stage = TestStage::unversioned().await;
    let door = ReceiveObject::new(stage.clients());
    let good = stage.notification("dumps/a.tgz", &stage.put("dumps/a.tgz", &[], "a").await);
    let bodies = ["{}".to_owned(), good, "\0".to_owned(), r#"{"Records":[]}"#.to_owned()];
    assert!(stage.handle(&door, sqs_event(&bodies)).await.is_empty());
    assert_eq!(stage.texts("select key from ingest.object").await, ["dumps/a.tgz"]);
    let codes = stage.texts("select code from ops.dead_letter order by code").await;
    assert_eq!(codes, ["event_not_json", "event_shape"]);
}

#[tokio::test]
async fn a_bad_record_is_put_aside_with_its_notification_and_its_neighbours_land() {
    let stage = TestStage::unversioned().await;
    let door = ReceiveObject::new(stage.clients());
    let put = stage.put("dumps/a.tgz", &[], "a").await;
    let mut event: serde_json::Value =
        serde_json::from_str(&stage.notification("dumps/a.tgz", &put)).unwrap();
    let mut bad = event["Records"][0].clone();
    bad["s3"]["object"]["key"] = "%FF".into();
    event["Records"].as_array_mut().unwrap().insert(0, bad);
    assert!(stage.handle(&door, sqs_event(&[event.to_string()])).await.is_empty());
    assert_eq!(stage.texts("select key from ingest.object").await, ["dumps/a.tgz"]);
    insta::assert_snapshot!(stage.texts(LETTERS).await.join("\n"), @"receive-object quarantined event_record 1 event record 0 names no usable key");
}
