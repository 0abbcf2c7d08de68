//! Messages whose bodies lie in the work bucket, under the batch adapter, on an embedded endpoint.

use aws_lambda_events::event::sqs::SqsEvent;
use chrono::TimeDelta;
use landfall_domain::{BodyAt, ObjectId, Run, Stage};
use landfall_objects::{Condition, PutOptions};
use landfall_runtime::{BodyError, MessageBodies, WORK_BUCKET};
use landfall_testkit::TestStage;

use crate::scripted::{Scripted, batch, handle_large, last_receive};

/// A body that is no small one.
fn large(word: &str) -> String {
    format!("{word} {}", "x".repeat(300 << 10))
}

/// A body that is kept, and where.
async fn kept(stage: &TestStage, id: i64, body: &str) -> (MessageBodies, BodyAt) {
    let bodies = MessageBodies::of(&stage.clients());
    let at = BodyAt::of(Stage::ReceiveObject, id, body);
    bodies.keep(&at, body, stage.now()).await.unwrap();
    (bodies, at)
}

fn event(places: &[&BodyAt]) -> SqsEvent {
    let texts: Vec<String> = places.iter().map(|at| at.encode().unwrap()).collect();
    batch(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What lies at a place.
async fn content(stage: &TestStage, at: &BodyAt) -> Option<Vec<u8>> {
    let objects = stage.clients().objects;
    objects.read_whole(WORK_BUCKET, &at.key, 8 << 20).await.unwrap().map(|(_, content)| content)
}

async fn put(stage: &TestStage, at: &BodyAt, content: &'static str) {
    let options = PutOptions { condition: Condition::Always, ..PutOptions::default() };
    stage.clients().objects.put(WORK_BUCKET, &at.key, content.into(), options).await.unwrap();
}

#[tokio::test]
async fn a_body_reaches_the_handler_and_leaves_a_mark_once_it_is_done() {
    let stage = TestStage::start().await;
    let (bodies, at) = kept(&stage, 7, &large("fine")).await;
    let handler = Scripted::default();
    assert_eq!(handle_large(&handler, &bodies, event(&[&at])).await, [""; 0]);
    assert_eq!(handler.seen.lock().unwrap()[0].body, large("fine"));
    assert_eq!(content(&stage, &at).await.unwrap(), at.done_mark().as_bytes());
}

#[tokio::test]
async fn the_same_message_twice_is_worked_on_once() {
    let stage = TestStage::start().await;
    let (bodies, at) = kept(&stage, 7, &large("fine")).await;
    let handler = Scripted::default();
    for _ in 0..2 {
        // The answer to the first was lost: the queue gives the message again.
        assert_eq!(handle_large(&handler, &bodies, event(&[&at])).await, [""; 0]);
    }
    assert_eq!((handler.seen.lock().unwrap().len(), handler.log().len()), (1, 1));
}

#[tokio::test]
async fn a_function_that_ends_after_its_commit_finds_the_body_again() {
    let stage = TestStage::start().await;
    let (bodies, at) = kept(&stage, 7, &large("fine")).await;
    let (first, again) = (Scripted::default(), Scripted::default());
    handle_large(&first, &bodies, event(&[&at])).await;
    // It was killed before it could put the mark.
    bodies.keep(&at, &large("fine"), stage.now()).await.unwrap();
    assert_eq!(handle_large(&again, &bodies, event(&[&at])).await, [""; 0]);
    assert_eq!(again.seen.lock().unwrap().len(), 1, "its stage knows what it has done");
    assert_eq!(content(&stage, &at).await.unwrap(), at.done_mark().as_bytes());
}

#[tokio::test]
async fn a_message_to_be_given_again_keeps_its_body_and_its_neighbours_do_not_wait() {
    let stage = TestStage::start().await;
    let (bodies, retry) = kept(&stage, 1, &large("retry")).await;
    let (_, fine) = kept(&stage, 2, &large("fine")).await;
    let (_, down) = kept(&stage, 3, &large("bad")).await;
    let handler = Scripted::default();
    assert_eq!(handle_large(&handler, &bodies, event(&[&retry, &fine, &down])).await, ["m0"]);
    assert_eq!(content(&stage, &retry).await.unwrap(), large("retry").as_bytes());
    assert_eq!(content(&stage, &fine).await.unwrap(), fine.done_mark().as_bytes());
    assert_eq!(content(&stage, &down).await.unwrap(), down.done_mark().as_bytes(), "it is a letter");
}

#[tokio::test]
async fn a_damaged_body_is_quarantined_and_what_lies_there_stays() {
    let stage = TestStage::start().await;
    let (bodies, at) = kept(&stage, 7, &large("fine")).await;
    put(&stage, &at, "something else").await;
    let handler = Scripted::default();
    assert_eq!(handle_large(&handler, &bodies, event(&[&at])).await, [""; 0]);
    let log = handler.log();
    assert_eq!(log.len(), 2, "{log:?}");
    let told =
        format!("give up m0 message_body_damaged: the body of the message is damaged: {}: 14 bytes", at.key);
    assert!(log[0].starts_with(&told), "{log:?}");
    assert_eq!(log[1], "quarantine m0 message_body_damaged");
    assert!(handler.seen.lock().unwrap().is_empty());
    assert_eq!(content(&stage, &at).await.unwrap(), b"something else");
}

#[tokio::test]
async fn a_body_that_is_missing_is_looked_for_again_and_in_the_end_given_up() {
    let stage = TestStage::start().await;
    let (bodies, at) = (MessageBodies::of(&stage.clients()), BodyAt::of(Stage::ReceiveObject, 7, "lost"));
    let handler = Scripted::default();
    assert_eq!(handle_large(&handler, &bodies, event(&[&at])).await, ["m0"]);
    assert_eq!(handler.log(), [""; 0]);
    assert_eq!(handle_large(&handler, &bodies, last_receive(event(&[&at]))).await, ["m0"]);
    let told = format!("give up m0 message_body_missing: the body of the message is missing: {}", at.key);
    assert_eq!(handler.log(), [told]);
    assert!(content(&stage, &at).await.is_none(), "nothing says that it was done");
}

#[tokio::test]
async fn a_work_bucket_out_of_reach_is_waited_for() {
    let stage = TestStage::start().await;
    let (_, at) = kept(&stage, 7, &large("fine")).await;
    let elsewhere = MessageBodies::new(stage.clients().objects, "elsewhere");
    let handler = Scripted::default();
    assert_eq!(handle_large(&handler, &elsewhere, event(&[&at])).await, ["m0"]);
    assert!(handler.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_kept_again_lies_at_the_same_place_and_is_put_only_where_it_must_be() {
    let stage = TestStage::start().await;
    let body = large("fine");
    let (bodies, at) = kept(&stage, 7, &body).await;
    let put_at =
        async || stage.clients().objects.head(WORK_BUCKET, &at.key, None).await.unwrap().last_modified;
    let first = put_at().await;
    stage.pass(60);
    bodies.keep(&at, &body, stage.now()).await.unwrap();
    assert_eq!(put_at().await, first, "it is there");
    stage.pass(86_400);
    bodies.keep(&at, &body, stage.now()).await.unwrap();
    assert_eq!(put_at().await, first + TimeDelta::seconds(86_460), "the lifecycle rule counts from anew");
    put(&stage, &at, "something else").await;
    bodies.keep(&at, &body, stage.now()).await.unwrap();
    assert_eq!(bodies.fetch(&at).await.unwrap(), body);
    bodies.done(&at).await;
    assert!(matches!(bodies.fetch(&at).await, Err(BodyError::Done { .. })));
    bodies.keep(&at, &body, stage.now()).await.unwrap();
    assert_eq!(bodies.fetch(&at).await.unwrap(), body, "what is in the outbox may not be done");
}

#[tokio::test]
async fn a_place_of_another_stage_is_not_read() {
    let stage = TestStage::start().await;
    let (bodies, _) = kept(&stage, 7, &large("fine")).await;
    let other = BodyAt::of(Stage::ParseMember, 7, &large("fine")).about(Some((ObjectId(1), Run(1))));
    bodies.keep(&other, &large("fine"), stage.now()).await.unwrap();
    let handler = Scripted::default();
    handle_large(&handler, &bodies, event(&[&other])).await;
    assert_eq!(handler.seen.lock().unwrap()[0].body, other.encode().unwrap());
}
