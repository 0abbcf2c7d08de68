//! Sidecars at the front door: they start no run, and who waits for one is looked at again (specs: dumps 6.1).

use landfall_domain::Stage;
use landfall_testkit::{TestStage, received, sqs_event};
use receive_object::ReceiveObject;

const KEY: &str = "dumps/night.tgz";
const SIDECAR: &str = "dumps/night.tgz.json";
const STATES: &str = "select concat_ws(' ', key, state, reason) from ingest.object order by object_id";

/// An archive that waits for a ticket, and nothing on its way but the end of its wait.
async fn waiting(stage: &TestStage) {
    stage.land(KEY, &[("customer", "acme"), ("network", "core")], "no archive").await;
    stage.plan().await;
    assert_eq!(stage.texts(STATES).await, ["dumps/night.tgz waiting meta_missing:ticket"]);
    assert!(stage.take(Stage::PlanArchive).await.records.is_empty());
}

/// The notification of a sidecar that was just written.
async fn sidecar(stage: &TestStage) -> String {
    let put = stage.put(SIDECAR, &[], r#"{"ticket": "CHG-1"}"#).await;
    stage.notification(SIDECAR, &put)
}

#[tokio::test]
async fn a_sidecar_starts_no_run_of_its_own() {
    let stage = TestStage::start().await;
    stage.land(SIDECAR, &[], "{}").await;
    assert_eq!(stage.texts(STATES).await, ["dumps/night.tgz.json ignored sidecar"]);
    assert_eq!(stage.count("select count(*) from ops.outbox").await, 0);
}

#[tokio::test]
async fn a_sidecar_s_event_lets_the_waiting_archive_be_looked_at_at_once_and_once() {
    for stage in [TestStage::start().await, TestStage::unversioned().await] {
        waiting(&stage).await;
        let event = sidecar(&stage).await;
        let door = ReceiveObject::new(stage.clients());
        let twice = sqs_event(&[event.clone(), event.clone()]);
        assert!(stage.handle(&door, twice).await.is_empty());
        let before = stage.fingerprint().await;
        assert!(stage.handle(&door, sqs_event(&[event])).await.is_empty());
        assert_eq!(stage.fingerprint().await, before, "the same event again");
        let due = stage.take(Stage::PlanArchive).await;
        let bodies: Vec<_> = due.records.into_iter().filter_map(|record| record.body).collect();
        assert_eq!(bodies, [r#"{"v":1,"body":{"object_id":1,"run":1,"look":{"sidecar":2}}}"#]);
    }
}

#[tokio::test]
async fn worked_but_the_reply_was_lost_and_the_archive_is_looked_at_once() {
    let stage = TestStage::start().await;
    waiting(&stage).await;
    let event = sidecar(&stage).await;
    let door = ReceiveObject::new(stage.clients_with("receive-object:commit:after:fail:1"));
    assert_eq!(stage.handle(&door, sqs_event(std::slice::from_ref(&event))).await, ["m0"]);
    let before = stage.fingerprint().await;
    assert!(stage.handle(&door, received(&[event], 2)).await.is_empty());
    assert_eq!(stage.fingerprint().await, before);
    assert_eq!(stage.take(Stage::PlanArchive).await.records.len(), 1);
}

#[tokio::test]
async fn killed_before_the_commit_nobody_was_told_of_the_sidecar() {
    let stage = TestStage::start().await;
    waiting(&stage).await;
    let event = sidecar(&stage).await;
    let before = stage.fingerprint().await;
    let door = ReceiveObject::new(stage.clients_with("receive-object:commit:before:fail:1"));
    assert_eq!(stage.handle(&door, sqs_event(std::slice::from_ref(&event))).await, ["m0"]);
    assert_eq!(stage.fingerprint().await, before);
    assert!(stage.handle(&door, received(&[event], 2)).await.is_empty());
    assert_eq!(stage.take(Stage::PlanArchive).await.records.len(), 1);
}

#[tokio::test]
async fn sidecars_of_one_batch_each_wake_their_own_archives() {
    let stage = TestStage::start().await;
    let keys = ["dumps/a.tgz", "dumps/b.tar.gz", "dumps/c.TGZ"];
    let mut events = Vec::new();
    for key in keys {
        stage.land(key, &[], "no archive").await;
        let sidecar = format!("{key}.JSON");
        let put = stage.put(&sidecar, &[], "{}").await;
        events.push(stage.notification(&sidecar, &put));
    }
    stage.land("dumps/d.tgz", &[], "no archive").await;
    stage.plan().await;
    let door = ReceiveObject::new(stage.clients());
    assert!(stage.handle(&door, sqs_event(&events)).await.is_empty());
    let woken = "select subject from ops.outbox where stage = 'plan-archive' and body like '%sidecar%' order by subject";
    assert_eq!(stage.texts(woken).await, keys);
}

#[tokio::test]
async fn a_sidecar_that_comes_after_the_verdict_is_late() {
    let stage = TestStage::start().await;
    waiting(&stage).await;
    stage.pass(60);
    stage.plan().await;
    stage.tell(sidecar(&stage).await).await;
    assert_eq!(
        stage.texts(STATES).await,
        ["dumps/night.tgz rejected meta_missing:ticket", "dumps/night.tgz.json ignored late_sidecar"]
    );
    assert!(stage.take(Stage::PlanArchive).await.records.is_empty());
}
