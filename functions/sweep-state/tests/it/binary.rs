//! The program as Lambda starts it, by a schedule.

use landfall_domain::Stage;
use landfall_testkit::TestStage;
use landfall_testkit::lambda::{LambdaFunction, LambdaRuntime, schedule};
use serde_json::{Value, json};

use crate::expired::{FIRST_TRY, orphaned, run_out};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sweep-state");

fn function(stage: &TestStage) -> LambdaFunction {
    stage.function(Stage::SweepState, PROGRAM)
}

/// Lets the program sweep; gives what it did.
async fn swept(program: &mut LambdaRuntime, event: &Value) -> Value {
    program.invoke(event).await.unwrap().answer.unwrap()
}

#[tokio::test]
async fn the_program_hands_lost_work_out_again_and_once() {
    let stage = TestStage::start().await;
    orphaned(&stage).await;
    run_out(&stage, FIRST_TRY).await;
    let event = schedule(Stage::SweepState, stage.now());
    let mut program = LambdaRuntime::start(&function(&stage)).await.unwrap();
    let report = swept(&mut program, &event).await;
    assert_eq!((&report["sent"], &report["leases_lost"]), (&json!(1), &json!(0)), "{}", program.log());
    let sent = "select concat_ws(' ', stage, subject, body::jsonb->'body'->>'plugins') from ops.outbox";
    insta::assert_snapshot!(
        stage.texts(sent).await.join("\n"),
        @r#"parse-member load 1 ne HEL-CORE-01 ["node", "lsp", "alarm_state"]"#
    );

    let before = stage.fingerprint().await;
    let mut another = LambdaRuntime::start(&function(&stage)).await.unwrap();
    for program in [&mut program, &mut another] {
        let report = swept(program, &event).await;
        assert_eq!(report["sent"], json!(0), "{report}");
    }
    assert_eq!(stage.fingerprint().await, before);
}

#[tokio::test]
async fn whatever_the_schedule_says_the_program_sweeps() {
    let stage = TestStage::start().await;
    let mut program = LambdaRuntime::start(&function(&stage)).await.unwrap();
    for event in [json!({}), json!(null), json!({"Records": "none"})] {
        assert_eq!(swept(&mut program, &event).await["sent"], json!(0), "{event}");
    }
}

#[tokio::test]
async fn a_sweep_that_fails_is_an_error_and_the_next_event_sweeps() {
    let stage = TestStage::start().await;
    let event = schedule(Stage::SweepState, stage.now());
    let struck = function(&stage).set("LANDFALL_FAULTS", "sweep-state:read:before:fail:1");
    let mut program = LambdaRuntime::start(&struck).await.unwrap();
    let error = program.invoke(&event).await.unwrap().answer.unwrap_err();
    assert_eq!(error.error_message, "scripted fault in sweep-state Before Read");
    assert_eq!(swept(&mut program, &event).await["sent"], json!(0));
}

#[tokio::test]
async fn a_program_with_a_variable_that_does_not_read_names_it_to_lambda() {
    let stage = TestStage::start().await;
    let mut told = Vec::new();
    for (name, value) in
        [("DATABASE_URL", ""), ("LANDFALL_DB_CONNECTIONS", "many"), ("LANDFALL_QUEUE", "sqs")]
    {
        let mut program = LambdaRuntime::start(&function(&stage).set(name, value)).await.unwrap();
        told.push(program.init_error().await.unwrap().error_message);
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    environment variable DATABASE_URL is not set: the Postgres database
    environment variable LANDFALL_DB_CONNECTIONS does not read: "many": invalid digit found in string
    environment variable LANDFALL_QUEUE does not read: sqs needs the URL of a queue, LANDFALL_QUEUE_URL_...
    "#);
}
