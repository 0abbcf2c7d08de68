//! The same message again, lost answers, stale messages.

use landfall_archive::Limits;
use std::time::Duration;

use landfall_domain::{Envelope, LoadId, ParseMember as Message, PlanId, Stage};
use landfall_testkit::{TestStage, production, sqs_event};
use parse_member::ParseMember;
use uuid::Uuid;

use crate::scene::{LEDGER, parse, planned, whole_dump, worker};

const ROWS: &str = "select row_to_json(r)::text from dump.lsp_entry r union all
     select row_to_json(r)::text from dump.alarm_state_entry r order by 1";

#[tokio::test]
async fn the_same_message_twice_stores_once() {
    let stage = TestStage::start().await;
    planned(&stage, whole_dump()).await;
    let event = stage.take(Stage::ParseMember).await;
    assert!(stage.handle(&worker(&stage, "w"), event.clone()).await.is_empty());
    let before = stage.fingerprint().await;
    assert!(stage.handle(&worker(&stage, "x"), event).await.is_empty());
    assert_eq!(stage.fingerprint().await, before);
}

#[tokio::test]
async fn struck_at_any_commit_the_redelivery_ends_with_the_same_rows() {
    let reference = TestStage::start().await;
    planned(&reference, whole_dump()).await;
    parse(&reference, &worker(&reference, "w")).await;
    let rows = reference.texts(ROWS).await;
    for fault in ["before:fail:1", "after:fail:1", "before:panic:2", "after:fail:2", "after:panic:3"] {
        let stage = TestStage::start().await;
        let object = planned(&stage, whole_dump()).await;
        let clients = stage.clients_with(&format!("parse-member:commit:{fault}"));
        let struck = ParseMember::new(clients, production(), "w", Limits::default());
        let event = stage.take(Stage::ParseMember).await;
        assert_eq!(stage.handle(&struck, event.clone()).await, ["m0"], "{fault}");
        // A worker that panicked did not give its leases up: others wait until they run out.
        stage.pass(301);
        assert!(stage.handle(&worker(&stage, "x"), event).await.is_empty(), "{fault}");
        assert_eq!(stage.texts(ROWS).await, rows, "{fault}");
        assert_eq!(stage.state(object).await, "done complete", "{fault}");
        assert_eq!(stage.count("select open_units::bigint from dump.load").await, 0, "{fault}");
    }
}

#[tokio::test]
async fn an_answer_lost_after_the_last_commit_changes_nothing() {
    let stage = TestStage::start().await;
    planned(&stage, whole_dump()).await;
    let clients = stage.clients_with("parse-member:commit:after:fail:3");
    let event = stage.take(Stage::ParseMember).await;
    assert_eq!(
        stage.handle(&ParseMember::new(clients, production(), "w", Limits::default()), event.clone()).await,
        ["m0"]
    );
    let before = stage.fingerprint().await;
    assert!(stage.handle(&worker(&stage, "w"), event).await.is_empty());
    assert_eq!(stage.fingerprint().await, before);
}

#[tokio::test]
async fn a_worker_that_still_runs_keeps_its_rows_from_the_redelivery() {
    let stage = TestStage::start().await;
    planned(&stage, whole_dump()).await;
    stage
        .execute(
            "update dump.plugin_ledger set state = 'RUNNING', attempts = 1, lease_owner = 'x',
                lease_until = '2025-03-01T09:05:00Z' where plugin = 'node'",
        )
        .await;
    let before = stage.fingerprint().await;
    let event = stage.take(Stage::ParseMember).await;
    assert!(stage.handle(&worker(&stage, "w"), event).await.is_empty());
    let without_message: Vec<_> = before.into_iter().filter(|row| !row.starts_with("outbox")).collect();
    assert_eq!(stage.fingerprint().await, without_message);
}

#[tokio::test]
async fn messages_of_another_plan_load_or_element_are_stale() {
    let stage = TestStage::start().await;
    planned(&stage, whole_dump()).await;
    let event = stage.take(Stage::ParseMember).await;
    let body = event.records[0].body.clone().unwrap();
    let message = Envelope::<Message>::decode(&body).unwrap().body;
    let stale = [
        Message { plan_id: PlanId(Uuid::nil()), ..message.clone() },
        Message { load_id: LoadId(99_999), ..message.clone() },
        Message { ne: "NOBODY".into(), ..message.clone() },
        Message { plugins: vec!["no_such_plugin".into()], ..message.clone() },
        Message { plugins: vec!["lsp".into()], ..message },
    ];
    let bodies: Vec<String> = stale.into_iter().map(|m| Envelope::new(m).encode().unwrap()).collect();
    let before = stage.fingerprint().await;
    assert!(stage.handle(&worker(&stage, "w"), sqs_event(&bodies)).await.is_empty());
    assert_eq!(stage.fingerprint().await, before, "while node is open, lsp waits for it");
}

#[tokio::test]
async fn at_its_deadline_a_worker_gives_the_rest_back_and_no_try_is_counted() {
    let stage = TestStage::start().await;
    let object = planned(&stage, whole_dump()).await;
    let event = stage.take(Stage::ParseMember).await;
    let late = Duration::from_secs(5);
    assert!(stage.handle_within(&worker(&stage, "w"), event, late).await.is_empty());
    assert_eq!(
        stage.texts(LEDGER).await,
        ["HEL-CORE-01 node PENDING 0", "HEL-CORE-01 lsp PENDING 0", "HEL-CORE-01 alarm_state PENDING 0"]
    );
    parse(&stage, &worker(&stage, "x")).await;
    assert_eq!(stage.state(object).await, "done complete");
}

#[tokio::test]
async fn a_message_of_no_known_form_is_put_aside() {
    let stage = TestStage::start().await;
    assert!(stage.handle(&worker(&stage, "w"), sqs_event(&["hello".into()])).await.is_empty());
    assert_eq!(
        stage.texts("select stage || ' ' || code from ops.dead_letter").await,
        ["parse-member message_form"]
    );
}
