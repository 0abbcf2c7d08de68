//! The ledger owns the retries: an error is committed with the message that tries again.

use landfall_archive::Limits;
use landfall_domain::Stage;
use landfall_testkit::{TestStage, production, received};
use parse_member::ParseMember;

use crate::scene::{LEDGER, parse, planned, whole_dump, worker};

/// Seconds until each message, and its plugins.
pub const WAITING: &str =
    "select concat_ws(' ', extract(epoch from visible_at - '2025-03-01T09:00:00Z')::int,
     body::jsonb->'body'->>'plugins') from ops.outbox where stage = 'parse-member' order by visible_at, id";

fn striking(stage: &TestStage, script: &str) -> ParseMember {
    ParseMember::new(stage.clients_with(script), production(), "w", Limits::default())
}

#[tokio::test]
async fn an_error_is_committed_with_the_message_that_tries_again_and_the_old_one_is_done() {
    let stage = TestStage::start().await;
    let object = planned(&stage, whole_dump()).await;
    let worker = striking(&stage, "parse-member:read:before:fail:1");
    let event = stage.take(Stage::ParseMember).await;
    assert!(stage.handle(&worker, event).await.is_empty(), "the ledger tries again, not the queue");
    insta::assert_snapshot!(stage.texts(LEDGER).await.join("\n"), @"
    HEL-CORE-01 node FAILED failed 1 scripted_fault
    HEL-CORE-01 lsp PENDING 0
    HEL-CORE-01 alarm_state PENDING 0
    ");
    assert_eq!(stage.texts(WAITING).await, [r#"30 ["node", "lsp", "alarm_state"]"#]);
    stage.pass(29);
    assert!(stage.take(Stage::ParseMember).await.records.is_empty());
    stage.pass(1);
    parse(&stage, &worker).await;
    assert_eq!(stage.state(object).await, "done complete");
    let tries = "select concat_ws(' ', unit, attempt, outcome, error_code) from ingest.attempt
         where stage = 'parse-member' order by attempt_id";
    insta::assert_snapshot!(stage.texts(tries).await.join("\n"), @"
    HEL-CORE-01 node 1 retry scripted_fault
    HEL-CORE-01 node 2 ok
    HEL-CORE-01 lsp 1 ok
    HEL-CORE-01 alarm_state 1 ok
    ");
}

#[tokio::test]
async fn an_error_after_node_gives_each_plugin_a_message_of_its_own() {
    let stage = TestStage::start().await;
    let object = planned(&stage, whole_dump()).await;
    let worker = striking(&stage, "parse-member:read:before:fail:2");
    parse(&stage, &worker).await;
    insta::assert_snapshot!(stage.texts(LEDGER).await.join("\n"), @"
    HEL-CORE-01 node DONE ok 1
    HEL-CORE-01 lsp FAILED failed 1 scripted_fault
    HEL-CORE-01 alarm_state FAILED failed 1 scripted_fault
    ");
    assert_eq!(stage.texts(WAITING).await, [r#"30 ["lsp"]"#, r#"30 ["alarm_state"]"#]);
    stage.pass(30);
    parse(&stage, &worker).await;
    assert_eq!(stage.state(object).await, "done complete");
}

#[tokio::test]
async fn the_third_error_is_final_and_ends_what_needs_node_and_the_load() {
    let stage = TestStage::start().await;
    let object = planned(&stage, whole_dump()).await;
    let one = "parse-member:read:before:fail";
    let worker = striking(&stage, &format!("{one}:1,{one}:2,{one}:3"));
    let mut waits = Vec::new();
    for wait in [30, 60, 0] {
        let event = stage.take(Stage::ParseMember).await;
        assert_eq!(event.records.len(), 1);
        assert!(stage.handle(&worker, event).await.is_empty());
        waits.extend(stage.texts(WAITING).await);
        stage.pass(wait);
    }
    insta::assert_debug_snapshot!(waits, @r#"
    [
        "30 [\"node\", \"lsp\", \"alarm_state\"]",
        "90 [\"node\", \"lsp\", \"alarm_state\"]",
    ]
    "#);
    parse(&stage, &worker).await;
    insta::assert_snapshot!(stage.texts(LEDGER).await.join("\n"), @"
    HEL-CORE-01 node FAILED failed 3 scripted_fault
    HEL-CORE-01 lsp FAILED failed 3 E_DEPENDENCY
    HEL-CORE-01 alarm_state FAILED failed 3 E_DEPENDENCY
    ");
    assert_eq!(stage.state(object).await, "quarantined scripted_fault");
}

#[tokio::test]
async fn a_message_whose_tries_are_used_up_fails_its_object() {
    let stage = TestStage::start().await;
    let object = planned(&stage, whole_dump()).await;
    let event = stage.take(Stage::ParseMember).await;
    let last = received(&[event.records[0].body.clone().unwrap()], 5);
    let worker = striking(&stage, "parse-member:commit:before:fail:1");
    assert_eq!(stage.handle(&worker, last).await, ["m0"]);
    assert_eq!(stage.state(object).await, "failed scripted_fault");
}

#[tokio::test]
async fn work_that_ends_after_its_object_failed_still_makes_it_done() {
    let stage = TestStage::start().await;
    let object = planned(&stage, whole_dump()).await;
    stage.execute("update ingest.object set state = 'failed', reason = 'receives_used_up'").await;
    parse(&stage, &worker(&stage, "w")).await;
    assert_eq!(stage.state(object).await, "done complete");
}
