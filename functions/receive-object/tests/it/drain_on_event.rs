//! Change files that land where draining on the event is on.

use chrono::TimeDelta;
use landfall_domain::{Dataset, Stage};
use landfall_testkit::{TestStage, received, sqs_event};
use receive_object::{DrainOnEvent, ReceiveObject};

/// Messages that ask for a drain: of what, and in how many seconds from 12:00 in East Africa, where the clock begins.
const ASKED: &str =
    "select subject || ' ' || extract(epoch from visible_at - timestamptz '2025-03-01 09:00:00Z')::bigint
     from ops.outbox where stage = 'drain-changes' order by subject";
/// From there to 20:37, in seconds.
const BEFORE_THE_LAST_DRAIN: i64 = (8 * 60 + 37) * 60;

fn inc(time: &str) -> String {
    format!("automations/inc/changes/2025-03-01T{time}-00.csv")
}

fn crq(time: &str) -> String {
    inc(time).replace("/inc/", "/crq/")
}

fn on(datasets: &[Dataset]) -> DrainOnEvent {
    DrainOnEvent { datasets: datasets.iter().copied().collect(), settle: TimeDelta::seconds(120) }
}

fn door(stage: &TestStage, faults: &str) -> ReceiveObject {
    ReceiveObject::new(stage.clients_with(faults)).draining(on(&[Dataset::Inc]))
}

async fn notified(stage: &TestStage, key: &str) -> String {
    stage.notification(key, &stage.put(key, &[], key.to_owned()).await)
}

#[tokio::test]
async fn test_53_a_change_file_asks_for_a_drain_only_where_the_switch_of_its_dataset_is_on() {
    let table: [(&[Dataset], &[&str]); 4] = [
        (&[], &[]),
        (&[Dataset::Inc], &["inc 120"]),
        (&[Dataset::Crq], &["crq 120"]),
        (&Dataset::ALL, &["crq 120", "inc 120"]),
    ];
    for (datasets, asked) in table {
        let stage = TestStage::start().await;
        let door = ReceiveObject::new(stage.clients()).draining(on(datasets));
        let mut bodies = Vec::new();
        for key in
            [inc("08-20"), crq("08-20"), "automations/inc/changes/readme.txt".into(), "dumps/a.tgz".into()]
        {
            bodies.push(notified(&stage, &key).await);
        }
        assert!(stage.handle(&door, sqs_event(&bodies)).await.is_empty());
        assert_eq!(stage.texts(ASKED).await, asked, "{datasets:?}");
        let states =
            "select state || ' ' || reason from ingest.object where feed = 'tickets' and state = 'waiting'";
        assert_eq!(stage.texts(states).await, ["waiting turn"; 2]);
    }
}

#[tokio::test]
async fn files_that_land_before_a_drain_is_due_do_not_ask_for_another() {
    let stage = TestStage::start().await;
    let door = door(&stage, "");
    for (after, time, asked) in [(0, "08-20", "inc 120"), (60, "08-40", "inc 120"), (59, "09-00", "inc 120")]
    {
        stage.pass(after);
        let bodies = [notified(&stage, &inc(time)).await];
        assert!(stage.handle(&door, sqs_event(&bodies)).await.is_empty());
        assert_eq!(stage.texts(ASKED).await, [asked]);
    }
    // That drain is due: it may have listed the bucket before this one landed.
    stage.pass(1);
    let bodies = [notified(&stage, &inc("09-20")).await, notified(&stage, &inc("09-40")).await];
    assert!(stage.handle(&door, sqs_event(&bodies)).await.is_empty());
    assert_eq!(stage.texts(ASKED).await, ["inc 120", "inc 240"]);
    assert_eq!(stage.take(Stage::DrainChanges).await.records.len(), 1);
}

#[tokio::test]
async fn the_same_event_twice_and_a_lost_reply_ask_once() {
    let stage = TestStage::unversioned().await;
    let bodies = [notified(&stage, &inc("08-20")).await];
    let lost = door(&stage, "receive-object:commit:before:fail:1,receive-object:commit:after:fail:1");
    assert_eq!(stage.handle(&lost, sqs_event(&bodies)).await, ["m0"]);
    assert_eq!(stage.texts(ASKED).await, [""; 0], "nothing has happened");
    assert_eq!(stage.handle(&lost, received(&bodies, 2)).await, ["m0"]);
    let before = (stage.fingerprint().await, stage.texts("select name from ops.lease").await);
    // Also after that drain is done.
    for pass in [0, 600] {
        stage.pass(pass);
        assert!(stage.handle(&door(&stage, ""), received(&bodies, 3)).await.is_empty());
        let after = (stage.fingerprint().await, stage.texts("select name from ops.lease").await);
        assert_eq!(after, before);
    }
    assert_eq!(stage.texts(ASKED).await, ["inc 120"]);
}

#[tokio::test]
async fn test_53_what_settles_after_the_last_drain_of_a_day_waits_for_the_first_of_the_next() {
    let stage = TestStage::start().await;
    let door = door(&stage, "");
    stage.pass(BEFORE_THE_LAST_DRAIN + 61);
    let bodies = [notified(&stage, &inc("20-20")).await];
    assert!(stage.handle(&door, sqs_event(&bodies)).await.is_empty());
    assert_eq!(stage.texts(ASKED).await, [""; 0], "settled at 20:40:01");
    let stage = TestStage::start().await;
    let door = self::door(&stage, "");
    stage.pass(BEFORE_THE_LAST_DRAIN + 60);
    let bodies = [notified(&stage, &inc("20-20")).await];
    assert!(stage.handle(&door, sqs_event(&bodies)).await.is_empty());
    assert_eq!(
        stage.texts(ASKED).await,
        [format!("inc {}", BEFORE_THE_LAST_DRAIN + 180)],
        "settled at 20:40"
    );
}
