//! How a batch of messages becomes records, decisions, one commit, and an answer.

use std::sync::atomic::Ordering;
use std::time::Duration;

use landfall_runtime::{Deadline, handle_batch};

use crate::scripted::{Scripted, batch, message, now, of, run, with_attribute};

#[tokio::test]
async fn a_batch_is_committed_once_in_the_order_of_its_records() {
    let handler = Scripted::default();
    assert!(run(&handler, batch(&["a", "wait b", "c", "wait d", "e"])).await.is_empty());
    assert_eq!(handler.log(), ["commit a wait b c wait d e"]);
}

#[tokio::test]
async fn an_empty_batch_is_answered_without_a_commit() {
    let handler = Scripted::default();
    assert!(run(&handler, batch(&[])).await.is_empty());
    assert!(handler.log().is_empty());
}

#[tokio::test]
async fn at_most_sixteen_records_are_decided_at_a_time() {
    let handler = Scripted::default();
    let bodies: Vec<String> = (0..100).map(|n| format!("wait {n}")).collect();
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    assert!(run(&handler, batch(&bodies)).await.is_empty());
    assert_eq!(handler.most_deciding.load(Ordering::SeqCst), 16);
    assert_eq!(handler.committed.lock().unwrap().len(), 100);
    assert_eq!(handler.log().len(), 1, "one commit for all hundred");
}

#[tokio::test]
async fn a_record_without_an_id_is_an_error_of_the_whole_batch_before_anything_is_done() {
    for id in [None, Some(String::new())] {
        let mut nameless = message("", "b");
        nameless.message_id = id;
        let event = of(vec![message("m0", "a"), nameless]);
        let handler = Scripted::default();
        let deadline = Deadline::within(Duration::from_mins(1));
        let error = handle_batch(&handler, event, deadline, now()).await.unwrap_err();
        assert_eq!(error.to_string(), "record 1 of the batch has no message id");
        assert!(handler.log().is_empty() && handler.seen.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_missing_body_is_an_empty_one() {
    let mut bodiless = message("m0", "");
    bodiless.body = None;
    let handler = Scripted::default();
    assert!(run(&handler, of(vec![bodiless])).await.is_empty());
    assert_eq!(handler.seen.lock().unwrap()[0].body, "");
}

#[tokio::test]
async fn receives_and_sent_time_are_read_and_have_safe_stand_ins() {
    let sent = |value| with_attribute(message("m", "a"), "SentTimestamp", value);
    let received = |value| with_attribute(message("m", "a"), "ApproximateReceiveCount", value);
    let messages = vec![
        message("m", "a"),
        sent("1737190800123"),
        sent("yesterday"),
        sent("99999999999999999999"),
        received("4"),
        received("5"),
        received("many"),
        received("-1"),
        received("99999999999"),
    ];
    let handler = Scripted::default();
    run(&handler, of(messages)).await;
    let seen: Vec<String> = handler
        .seen
        .lock()
        .unwrap()
        .iter()
        .map(|r| format!("{} {} last={}", r.sent_at.to_rfc3339(), r.receives, r.is_last))
        .collect();
    insta::assert_snapshot!(seen.join("\n"), @"
    2025-01-18T09:00:00+00:00 1 last=false
    2025-01-18T09:00:00.123+00:00 1 last=false
    2025-01-18T09:00:00+00:00 1 last=false
    2025-01-18T09:00:00+00:00 1 last=false
    2025-01-18T09:00:00+00:00 4 last=false
    2025-01-18T09:00:00+00:00 5 last=true
    2025-01-18T09:00:00+00:00 1 last=false
    2025-01-18T09:00:00+00:00 1 last=false
    2025-01-18T09:00:00+00:00 1 last=false
    ");
}

#[test]
fn a_deadline_knows_when_too_little_is_left() {
    let deadline = Deadline::within(Duration::from_secs(30));
    assert!(!deadline.is_short_of(Duration::from_secs(20)));
    assert!(deadline.is_short_of(Duration::from_secs(31)));
    assert!(deadline.left() <= Duration::from_secs(30));
    assert_eq!(Deadline::within(Duration::ZERO).left(), Duration::ZERO);
}
