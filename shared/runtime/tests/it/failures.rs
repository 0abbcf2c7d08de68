//! Whatever happens to one record costs that record alone.

use crate::scripted::{Scripted, batch, message, of, run, with_attribute};

fn last(id: &str, body: &str) -> aws_lambda_events::event::sqs::SqsMessage {
    with_attribute(message(id, body), "ApproximateReceiveCount", "5")
}

fn committed(handler: &Scripted) -> Vec<String> {
    handler.committed.lock().unwrap().iter().cloned().collect()
}

#[tokio::test]
async fn exactly_the_failed_records_are_named() {
    let handler = Scripted::default();
    let failed = run(&handler, batch(&["a", "retry", "b", "ack", "retry too", "bad", "c"])).await;
    assert_eq!(failed, ["m1", "m4"]);
    assert_eq!(committed(&handler), ["a", "b", "c"]);
}

#[tokio::test]
async fn a_panic_over_one_of_ten_records_costs_that_one() {
    let handler = Scripted::default();
    let failed = run(&handler, batch(&["a", "b", "c", "panic", "d", "e", "f", "g", "h", "i"])).await;
    assert_eq!(failed, ["m3"]);
    assert_eq!(committed(&handler).len(), 9);
    assert_eq!(handler.log(), ["commit a b c d e f g h i"]);
}

#[tokio::test]
async fn a_batch_that_fails_by_its_data_is_committed_record_by_record() {
    let handler = Scripted::default();
    let failed = run(&handler, batch(&["a", "data", "b"])).await;
    assert_eq!(failed, ["m1"]);
    assert_eq!(handler.log(), ["commit a data b", "commit a", "commit data", "commit b"]);
    assert_eq!(committed(&handler), ["a", "b"]);
}

#[tokio::test]
async fn a_panic_in_the_commit_costs_the_record_that_causes_it() {
    let handler = Scripted::default();
    let failed = run(&handler, batch(&["a", "b", "c", "d", "panic-commit", "e", "f", "g", "h", "i"])).await;
    assert_eq!(failed, ["m4"]);
    assert_eq!(committed(&handler).len(), 9);
}

#[tokio::test]
async fn a_database_that_is_down_fails_the_whole_commit_and_is_not_asked_again() {
    let handler = Scripted::default();
    let failed = run(&handler, batch(&["a", "down", "ack", "b"])).await;
    assert_eq!(failed, ["m0", "m1", "m3"]);
    assert_eq!(handler.log(), ["commit a down b"]);
}

#[tokio::test]
async fn bad_input_is_stored_once_and_acknowledged() {
    let handler = Scripted::default();
    assert!(run(&handler, batch(&["bad"])).await.is_empty());
    assert_eq!(handler.log(), ["quarantine m0 message_form"]);
}

#[tokio::test]
async fn bad_input_whose_outcome_cannot_be_stored_is_given_again() {
    let handler = Scripted::default();
    assert_eq!(run(&handler, batch(&["bad unstorable"])).await, ["m0"]);
}

#[tokio::test]
async fn nothing_to_do_is_done() {
    let handler = Scripted::default();
    assert!(run(&handler, batch(&["ack"])).await.is_empty());
    assert!(handler.log().is_empty(), "neither committed nor stored");
}

#[tokio::test]
async fn the_last_receive_stores_the_failure_before_it_is_reported() {
    let handler = Scripted::default();
    let failed = run(&handler, of(vec![last("m0", "retry"), message("m1", "retry"), last("m2", "a")])).await;
    assert_eq!(failed, ["m0", "m1"]);
    assert_eq!(handler.log(), ["commit a", "give up m0 store_throttled"]);
}

#[tokio::test]
async fn a_failure_for_good_that_cannot_be_stored_is_reported_all_the_same() {
    let handler = Scripted::default();
    assert_eq!(run(&handler, of(vec![last("m0", "retry unstorable")])).await, ["m0"]);
}

#[tokio::test]
async fn a_failed_commit_on_the_last_receive_is_a_failure_for_good_with_its_cause() {
    let handler = Scripted::default();
    let failed = run(&handler, of(vec![last("m0", "down"), message("m1", "a")])).await;
    assert_eq!(failed, ["m0", "m1"]);
    let given_up = handler.log().pop().unwrap();
    insta::assert_snapshot!(given_up, @"give up m0 database_unavailable: database is not available: pool timed out while waiting for an open connection");
}

#[tokio::test]
async fn a_panic_tells_its_text_when_tries_are_used_up() {
    let handler = Scripted::default();
    run(&handler, of(vec![last("m0", "panic")])).await;
    assert_eq!(handler.log(), ["give up m0 panic: cannot bear panic"]);
}
