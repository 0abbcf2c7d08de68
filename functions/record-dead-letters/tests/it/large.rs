//! Dead messages whose bodies lie in the work bucket.

use landfall_domain::{BodyAt, ObjectId, Run, Stage};
use landfall_runtime::{BodyError, MessageBodies};
use landfall_store::dead_letter;
use landfall_testkit::TestStage;
use record_dead_letters::RecordDeadLetters;

use crate::scene::{DEAD, dead, landed, letters};

/// An upload whose message to plan-archive is large: its id, that message, where it lies, and what was sent.
async fn large(stage: &TestStage) -> (i64, String, BodyAt, String) {
    let (object, message) = landed(stage).await;
    let message = message + &" ".repeat(300 << 10);
    let at = BodyAt::of(Stage::PlanArchive, 77, &message).about(Some((ObjectId(object), Run(1))));
    let sent = at.encode().unwrap();
    (object, message, at, sent)
}

async fn kept(stage: &TestStage) -> (i64, String, BodyAt, String) {
    let (object, message, at, sent) = large(stage).await;
    MessageBodies::of(&stage.clients()).keep(&at, &message, stage.now()).await.unwrap();
    (object, message, at, sent)
}

#[tokio::test]
async fn a_letter_has_the_body_and_its_place_is_done_with() {
    let stage = TestStage::start().await;
    let (object, message, at, sent) = kept(&stage).await;
    let handler = RecordDeadLetters::new(stage.clients());
    let event = dead(&stage, DEAD, &[sent]);
    assert!(stage.handle(&handler, event.clone()).await.is_empty());
    assert_eq!(stage.state(object).await, "failed receives_used_up");
    let letter = dead_letter::list(stage.pool(), false, 10).await.unwrap().remove(0);
    assert!(letter.body == message, "{} bytes", letter.body.len());
    let again = MessageBodies::of(&stage.clients()).fetch(&at).await;
    assert!(matches!(again, Err(BodyError::Done { .. })), "{again:?}");
    let once = stage.fingerprint().await;
    assert!(stage.handle(&handler, event).await.is_empty());
    assert_eq!(stage.fingerprint().await, once, "the same event twice");
}

#[tokio::test]
async fn a_commit_whose_reply_was_lost_is_repeated_without_effect_and_keeps_the_body_until_then() {
    let stage = TestStage::start().await;
    let (object, _, at, sent) = kept(&stage).await;
    let handler = RecordDeadLetters::new(stage.clients_with("record-dead-letters:commit:after:fail:1"));
    let event = dead(&stage, DEAD, &[sent]);
    assert_eq!(stage.handle(&handler, event.clone()).await, ["m0"]);
    assert!(MessageBodies::of(&stage.clients()).fetch(&at).await.is_ok());
    assert!(stage.handle(&handler, event).await.is_empty());
    assert_eq!(letters(&stage).await.len(), 1);
    assert_eq!(stage.state(object).await, "failed receives_used_up");
}

#[tokio::test]
async fn a_letter_whose_body_is_lost_names_its_place_and_its_object_is_failed() {
    let stage = TestStage::start().await;
    let (object, _, at, sent) = large(&stage).await;
    let event = dead(&stage, DEAD, std::slice::from_ref(&sent));
    assert!(stage.handle(&RecordDeadLetters::new(stage.clients()), event).await.is_empty());
    assert_eq!(stage.state(object).await, "failed message_body_missing");
    assert!(stage.reason_text(object).await.contains(&at.key));
    let letter = dead_letter::list(stage.pool(), false, 10).await.unwrap().remove(0);
    assert_eq!((letter.code.as_str(), letter.body), ("message_body_missing", sent));
}

#[tokio::test]
async fn a_message_that_was_done_and_never_acknowledged_is_no_letter() {
    let stage = TestStage::start().await;
    let (object, _, at, sent) = kept(&stage).await;
    MessageBodies::of(&stage.clients()).done(&at).await;
    let event = dead(&stage, DEAD, &[sent]);
    assert!(stage.handle(&RecordDeadLetters::new(stage.clients()), event).await.is_empty());
    assert_eq!(letters(&stage).await, [""; 0]);
    assert_eq!(stage.state(object).await, "dispatched plan-archive");
}
