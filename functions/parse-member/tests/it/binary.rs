//! The program as Lambda starts it.

use landfall_domain::Stage;
use landfall_testkit::TestStage;
use landfall_testkit::lambda::{LambdaFunction, LambdaRuntime, batch, queue_arn};
use serde_json::Value;

use crate::scene::{LEDGER, parse, planned, whole_dump, worker};

const PROGRAM: &str = env!("CARGO_BIN_EXE_parse-member");
const ROWS: &str = "select row_to_json(r)::text from dump.lsp_entry r union all
     select row_to_json(r)::text from dump.alarm_state_entry r order by 1";

fn function(stage: &TestStage) -> LambdaFunction {
    stage.function(Stage::ParseMember, PROGRAM)
}

/// The messages of a planned dump, and these.
async fn batch_with(stage: &TestStage, others: &[&str]) -> Value {
    let mut bodies: Vec<String> = others.iter().map(|body| (*body).to_owned()).collect();
    let taken = stage.take(Stage::ParseMember).await.records;
    bodies.extend(taken.into_iter().map(|record| record.body.unwrap()));
    batch(&queue_arn(Stage::ParseMember), stage.now(), &bodies)
}

#[tokio::test]
async fn the_program_stores_the_rows_that_the_handler_stores_and_once() {
    let reference = TestStage::start().await;
    planned(&reference, whole_dump()).await;
    parse(&reference, &worker(&reference, "w")).await;

    let stage = TestStage::start().await;
    let object = planned(&stage, whole_dump()).await;
    let event = batch_with(&stage, &[]).await;
    let mut program = LambdaRuntime::start(&function(&stage)).await.unwrap();
    assert!(program.invoke_batch(&event).await.unwrap().is_empty(), "{}", program.log());
    assert_eq!(stage.state(object).await, "done complete");
    assert_eq!(stage.texts(LEDGER).await, reference.texts(LEDGER).await);
    let rows = stage.texts(ROWS).await;
    assert!(!rows.is_empty());
    assert_eq!(rows, reference.texts(ROWS).await);

    stage.repeats_change_nothing(&function(&stage), &mut program, &event).await;
}

#[tokio::test]
async fn the_program_puts_what_does_not_read_aside_and_asks_for_what_a_newer_release_wrote() {
    let stage = TestStage::start().await;
    let object = planned(&stage, whole_dump()).await;
    let event = batch_with(&stage, &["hello", r#"{"v":2,"body":{}}"#]).await;
    let mut program = LambdaRuntime::start(&function(&stage)).await.unwrap();
    assert_eq!(program.invoke_batch(&event).await.unwrap(), ["m1"]);
    let letters = "select concat_ws(' ', stage, kind, code) from ops.dead_letter";
    assert_eq!(stage.texts(letters).await, ["parse-member quarantined message_form"]);
    assert_eq!(stage.state(object).await, "done complete");
}

#[tokio::test]
async fn a_program_whose_store_is_gone_keeps_the_try_for_later() {
    let stage = TestStage::start().await;
    let object = planned(&stage, whole_dump()).await;
    let event = batch_with(&stage, &[]).await;
    // Nothing listens there.
    let lost = function(&stage).set("LANDFALL_S3_ENDPOINT", "http://127.0.0.1:9");
    let mut program = LambdaRuntime::start(&lost).await.unwrap();
    assert!(program.invoke_batch(&event).await.unwrap().is_empty(), "the ledger owns this retry");
    let node =
        "select concat_ws(' ', state, attempts, error_code) from dump.plugin_ledger where plugin = 'node'";
    assert_eq!(stage.texts(node).await, ["FAILED 1 object_store_unavailable"]);
    assert_eq!(stage.state(object).await, "dispatched plan-archive");
    assert_eq!(stage.count("select count(*) from ops.outbox where stage = 'parse-member'").await, 1);
}

#[tokio::test]
async fn a_program_with_a_variable_that_does_not_read_names_it_to_lambda() {
    let stage = TestStage::start().await;
    let mut told = Vec::new();
    for (name, value) in [("DATABASE_URL", ""), ("LANDFALL_MAX_RATIO", "-1"), ("LANDFALL_QUEUE", "rabbit")] {
        let mut program = LambdaRuntime::start(&function(&stage).set(name, value)).await.unwrap();
        told.push(program.init_error().await.unwrap().error_message);
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    environment variable DATABASE_URL is not set: the Postgres database
    environment variable LANDFALL_MAX_RATIO does not read: "-1": invalid digit found in string
    environment variable LANDFALL_QUEUE does not read: "rabbit": expected postgres or sqs
    "#);
}
