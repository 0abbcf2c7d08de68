//! A store that refuses the front door: the notification is given again, and at the last time its object is `failed`,
//! with what has to be mended. Nothing is blamed on the input.

use std::fmt::Write;

use landfall_domain::notification::{Change, ObjectEvent, WrittenEvent, to_json};
use landfall_objects::{ObjectStore, Settings, StaticCredentials};
use landfall_runtime::Clients;
use landfall_testkit::{Refusing, TestStage, received};
use receive_object::ReceiveObject;

/// Names and values.
type Headers = &'static [(&'static str, &'static str)];

/// What S3 answers to a HEAD, which has no body: what is wrong, the status, and the headers.
const REFUSALS: [(&str, u16, Headers); 4] = [
    ("no permission, or a bucket of another account", 403, &[]),
    ("a bucket of another region", 301, &[("x-amz-bucket-region", "eu-west-1")]),
    ("expired credentials", 400, &[]),
    ("too many requests", 503, &[]),
];

/// The stage with another store.
async fn door(stage: &TestStage, url: &str) -> ReceiveObject {
    let objects = ObjectStore::connect(&Settings {
        endpoint: Some(url.to_owned()),
        region: Some("us-east-1".into()),
        credentials: Some(StaticCredentials::new("landfall", "secret")),
        force_path_style: true,
    })
    .await;
    ReceiveObject::new(Clients { objects, ..stage.clients() })
}

/// A notification of a bucket that nobody has set up for us.
fn foreign(stage: &TestStage, key: &str) -> String {
    let event = ObjectEvent {
        change: Change::Created,
        bucket: "somebody-elses".into(),
        key: key.to_owned(),
        version_id: None,
        etag: Some("e".into()),
        size: None,
        time: Some(stage.now()),
        sequencer: None,
    };
    to_json(&[WrittenEvent { event, name: "Put" }])
}

#[tokio::test]
async fn what_the_store_refuses_is_tried_again_and_ends_as_failed_with_the_cause() {
    let stage = TestStage::unversioned().await;
    let mut table = String::new();
    for (number, (what, status, headers)) in REFUSALS.into_iter().enumerate() {
        let server = Refusing::serve(status, headers, "").await;
        let door = door(&stage, server.url()).await;
        let body = [foreign(&stage, &format!("dumps/{number}.tgz"))];
        assert_eq!(stage.handle(&door, received(&body, 4)).await, ["m0"], "{what}: to be given again");
        assert_eq!(stage.count("select count(*) from ingest.object").await, i64::try_from(number).unwrap());
        assert_eq!(stage.handle(&door, received(&body, 5)).await, ["m0"], "{what}: for the queue to bury");
        let row = "select concat_ws(' ', state, reason, reason_text) from ingest.object order by object_id desc limit 1";
        writeln!(table, "{what}: {}", stage.texts(row).await.concat()).unwrap();
    }
    insta::assert_snapshot!(table, @"
    no permission, or a bucket of another account: failed front_door object_access_denied: head s3://somebody-elses/dumps/0.tgz: access denied: unhandled error: Error
    a bucket of another region: failed front_door object_request: head s3://somebody-elses/dumps/1.tgz: the bucket is in the region eu-west-1 (status 301): unhandled error: Error
    expired credentials: failed front_door object_request: head s3://somebody-elses/dumps/2.tgz: refused without a reason, perhaps for expired credentials (status 400): unhandled error: Error
    too many requests: failed front_door object_store_unavailable: head s3://somebody-elses/dumps/3.tgz: the store does not answer as it should: unhandled error: Error
    ");
    assert_eq!(stage.count("select count(*) from ops.dead_letter").await, 0, "the queue buries them");
}
