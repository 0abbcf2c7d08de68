//! What becomes of a message that SQS gave up.

use landfall_domain::Stage;
use landfall_store::dead_letter;
use landfall_testkit::TestStage;
use record_dead_letters::RecordDeadLetters;

use crate::scene::{DEAD, dead, landed, letters};

#[tokio::test]
async fn a_message_that_killed_its_workers_is_a_letter_and_its_object_failed() {
    let stage = TestStage::start().await;
    let (object, message) = landed(&stage).await;
    let event = dead(&stage, DEAD, &[message]);
    stage.pass(3600);
    assert!(stage.handle(&RecordDeadLetters::new(stage.clients()), event).await.is_empty());
    assert_eq!(stage.state(object).await, "failed receives_used_up");
    insta::assert_snapshot!(stage.reason_text(object).await, @"received 5 times without success, then given up by SQS");
    insta::assert_snapshot!(
        letters(&stage).await.join("\n"),
        @r#"plan-archive failed receives_used_up 5 object 1 2025-03-01 09:00:00 {"v":1,"body":{"object_id":1,""#
    );
}

#[tokio::test]
async fn the_queue_that_a_message_came_from_tells_its_stage() {
    let stage = TestStage::start().await;
    let (object, message) = landed(&stage).await;
    let mut event = dead(&stage, "arn:aws:sqs:eu-north-1:123456789012:all-dead", &[message]);
    let source = "arn:aws:sqs:eu-north-1:123456789012:landfall-plan-archive".to_owned();
    event.records[0].attributes.insert("DeadLetterQueueSourceArn".into(), source);
    assert!(stage.handle(&RecordDeadLetters::new(stage.clients()), event).await.is_empty());
    assert_eq!(stage.state(object).await, "failed receives_used_up");
}

#[tokio::test]
async fn an_object_that_has_gone_on_stays_as_it_is() {
    let stage = TestStage::start().await;
    let (object, message) = landed(&stage).await;
    stage.execute("update ingest.object set state = 'gone', reason = 'gone'").await;
    let event = dead(&stage, DEAD, &[message]);
    assert!(stage.handle(&RecordDeadLetters::new(stage.clients()), event).await.is_empty());
    assert_eq!(stage.state(object).await, "gone gone");
    assert_eq!(letters(&stage).await.len(), 1);
}

#[tokio::test]
async fn a_message_of_no_known_queue_stays_where_it_is_and_its_neighbours_do_not() {
    let stage = TestStage::start().await;
    let (object, message) = landed(&stage).await;
    let mut event = dead(&stage, DEAD, &[message, "other".into(), "nul \0 byte".into()]);
    event.records[1].event_source_arn = Some("arn:aws:sqs:eu-north-1:123456789012:somebodys".into());
    let failed = stage.handle(&RecordDeadLetters::new(stage.clients()), event).await;
    assert_eq!(failed, ["m1"]);
    assert_eq!(stage.state(object).await, "failed receives_used_up");
    let bodies = stage.texts("select body from ops.dead_letter order by id").await;
    assert_eq!((bodies.len(), bodies[1].as_str()), (2, "nul \u{2400} byte"));
}

#[tokio::test]
async fn a_letter_can_be_sent_again_and_its_message_is_the_one_that_died() {
    let stage = TestStage::start().await;
    let (object, message) = landed(&stage).await;
    let event = dead(&stage, DEAD, std::slice::from_ref(&message));
    assert!(stage.handle(&RecordDeadLetters::new(stage.clients()), event).await.is_empty());
    let letter = dead_letter::list(stage.pool(), false, 10).await.unwrap().remove(0);
    let mut tx = stage.clients().store.begin().await.unwrap();
    assert!(dead_letter::redrive(&mut tx, &letter, stage.now()).await.unwrap());
    tx.commit().await.unwrap();
    let again = stage.take(Stage::PlanArchive).await.records.remove(0).body.unwrap();
    assert_eq!(again, message);
    // It dies once more: another letter, because it was sent at another time.
    stage.pass(60);
    let event = dead(&stage, DEAD, &[again]);
    assert!(stage.handle(&RecordDeadLetters::new(stage.clients()), event).await.is_empty());
    assert_eq!(letters(&stage).await.len(), 2);
    assert_eq!(stage.state(object).await, "failed receives_used_up");
}
