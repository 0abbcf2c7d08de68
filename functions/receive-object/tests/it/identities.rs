//! Which versions an event makes known (design: identity and states).

use landfall_domain::Stage;
use landfall_testkit::{TestStage, sqs_event};
use receive_object::ReceiveObject;

const KEY: &str = "dumps/acme/core/CHG-1/a.tgz";
const STATES: &str =
    "select concat_ws(' ', state, reason, case when present then 'present' else 'absent' end) from ingest.object
     order by object_id";

#[tokio::test]
async fn a_b_a_under_one_key_are_three_identities_and_the_last_is_present() {
    let stage = TestStage::unversioned().await;
    for body in ["a", "b", "a"] {
        stage.land(KEY, &[], body).await;
        stage.pass(1);
    }
    assert_eq!(
        stage.texts(STATES).await,
        [
            "dispatched plan-archive absent",
            "dispatched plan-archive absent",
            "dispatched plan-archive present"
        ]
    );
    assert_eq!(stage.take(Stage::PlanArchive).await.records.len(), 3);
}

#[tokio::test]
async fn all_versions_of_a_versioned_bucket_are_present() {
    let stage = TestStage::start().await;
    for body in ["a", "b", "a"] {
        stage.land(KEY, &[], body).await;
    }
    assert_eq!(stage.texts(STATES).await, ["dispatched plan-archive present"; 3]);
}

#[tokio::test]
async fn the_same_bytes_within_one_second_are_one_identity_unless_the_metadata_differs() {
    let stage = TestStage::unversioned().await;
    let first = stage.land(KEY, &[("ticket", "CHG-1")], "a").await;
    assert_eq!(stage.land(KEY, &[("ticket", "CHG-1")], "a").await, first);
    let other = stage.land(KEY, &[("ticket", "CHG-2")], "a").await;
    assert_ne!(other, first);
    let versions = stage.texts("select version from ingest.object order by object_id").await;
    assert_eq!(versions[1].split('#').next(), Some(versions[0].as_str()));
    assert_eq!(stage.land(KEY, &[("ticket", "CHG-2")], "a").await, other, "it is known by now");
    assert_eq!(versions.len(), 2);
}

#[tokio::test]
async fn an_overwritten_version_is_superseded_and_the_current_one_lands() {
    let stage = TestStage::unversioned().await;
    let door = ReceiveObject::new(stage.clients());
    let first = stage.put(KEY, &[], "a").await;
    let told = stage.notification(KEY, &first);
    stage.pass(3);
    let second = stage.put(KEY, &[], "b").await;
    assert!(stage.handle(&door, sqs_event(&[told])).await.is_empty());
    let expected = ["dispatched plan-archive present", "superseded overwritten absent"];
    assert_eq!(stage.texts(STATES).await, expected);
    // Its own event, later, brings nothing new.
    assert!(stage.handle(&door, sqs_event(&[stage.notification(KEY, &second)])).await.is_empty());
    assert_eq!(stage.texts(STATES).await, expected);
}

#[tokio::test]
async fn a_key_that_is_empty_when_its_event_is_handled_is_gone() {
    let stage = TestStage::unversioned().await;
    let door = ReceiveObject::new(stage.clients());
    let told = stage.notification(KEY, &stage.put(KEY, &[], "a").await);
    stage.delete(KEY, None).await;
    assert!(stage.handle(&door, sqs_event(std::slice::from_ref(&told))).await.is_empty());
    assert!(stage.handle(&door, sqs_event(&[told])).await.is_empty());
    assert_eq!(stage.texts(STATES).await, ["gone gone absent"]);
    assert!(stage.take(Stage::PlanArchive).await.records.is_empty());
}

#[tokio::test]
async fn keys_that_no_stage_works_on_are_ignored_with_their_reason() {
    let stage = TestStage::unversioned().await;
    for key in ["dumps/a.tgz.json", "dumps/b.TGZ.Json", "dumps/readme.txt", "other/a.tgz", "dumps/A.TAR.GZ"] {
        stage.land(key, &[], "a").await;
    }
    let rows =
        stage.texts("select concat_ws(' ', key, state, reason, feed) from ingest.object order by key").await;
    insta::assert_snapshot!(rows.join("\n"), @"
    dumps/A.TAR.GZ dispatched plan-archive dumps
    dumps/a.tgz.json ignored sidecar dumps
    dumps/b.TGZ.Json ignored sidecar dumps
    dumps/readme.txt ignored suffix dumps
    other/a.tgz ignored no_feed
    ");
}
