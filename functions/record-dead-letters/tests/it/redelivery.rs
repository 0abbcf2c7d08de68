//! The same message more than once, and replies that are lost.

use landfall_testkit::TestStage;
use record_dead_letters::RecordDeadLetters;

use crate::scene::{DEAD, dead, landed, letters};

#[tokio::test]
async fn the_same_event_twice_leaves_what_one_leaves() {
    let stage = TestStage::start().await;
    let (_, message) = landed(&stage).await;
    let handler = RecordDeadLetters::new(stage.clients());
    let event = dead(&stage, DEAD, &[message, "notification".into()]);
    assert!(stage.handle(&handler, event.clone()).await.is_empty());
    let once = stage.fingerprint().await;
    stage.pass(600);
    assert!(stage.handle(&handler, event).await.is_empty());
    assert_eq!(stage.fingerprint().await, once);
}

#[tokio::test]
async fn a_message_twice_in_one_batch_is_one_letter() {
    let stage = TestStage::start().await;
    let (_, message) = landed(&stage).await;
    let event = dead(&stage, DEAD, &[message.clone(), message]);
    assert!(stage.handle(&RecordDeadLetters::new(stage.clients()), event).await.is_empty());
    assert_eq!(letters(&stage).await.len(), 1);
}

#[tokio::test]
async fn a_commit_that_worked_and_whose_reply_was_lost_is_repeated_without_effect() {
    let stage = TestStage::start().await;
    let (object, message) = landed(&stage).await;
    let clients = stage.clients_with("record-dead-letters:commit:after:fail:1");
    let faults = clients.faults.clone();
    let handler = RecordDeadLetters::new(clients);
    let event = dead(&stage, DEAD, &[message]);
    assert_eq!(stage.handle(&handler, event.clone()).await, ["m0"]);
    assert_eq!(faults.outstanding(), 0);
    assert_eq!(stage.state(object).await, "failed receives_used_up");
    let once = stage.fingerprint().await;
    assert!(stage.handle(&handler, event).await.is_empty());
    assert_eq!(stage.fingerprint().await, once);
}

#[tokio::test]
async fn two_functions_with_the_same_message_at_the_same_time_store_one_letter() {
    let stage = TestStage::start().await;
    let (_, message) = landed(&stage).await;
    let handler = RecordDeadLetters::new(stage.clients());
    let event = dead(&stage, DEAD, &[message]);
    let (one, two) = tokio::join!(stage.handle(&handler, event.clone()), stage.handle(&handler, event));
    assert!(one.is_empty() && two.is_empty(), "{one:?} {two:?}");
    assert_eq!(letters(&stage).await.len(), 1);
}
