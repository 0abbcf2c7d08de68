//! The program as Lambda starts it.

use landfall_domain::Stage;
use landfall_testkit::TestStage;
use landfall_testkit::lambda::{LambdaFunction, LambdaRuntime, batch};

use crate::scene::{DEAD, landed, letters};

const PROGRAM: &str = env!("CARGO_BIN_EXE_record-dead-letters");

fn function(stage: &TestStage) -> LambdaFunction {
    stage.function(Stage::RecordDeadLetters, PROGRAM)
}

#[tokio::test]
async fn the_program_stores_a_dead_message_and_its_object_fails_and_once() {
    let stage = TestStage::start().await;
    let (object, message) = landed(&stage).await;
    let event = batch(DEAD, stage.now(), &[message]);
    let mut program = LambdaRuntime::start(&function(&stage)).await.unwrap();
    assert!(program.invoke_batch(&event).await.unwrap().is_empty(), "{}", program.log());
    assert_eq!(stage.state(object).await, "failed receives_used_up");
    insta::assert_snapshot!(
        letters(&stage).await.join("\n"),
        @r#"plan-archive failed receives_used_up 5 object 1 2025-03-01 09:00:00 {"v":1,"body":{"object_id":1,""#
    );
    stage.repeats_change_nothing(&function(&stage), &mut program, &event).await;
}

#[tokio::test]
async fn the_program_leaves_the_message_of_an_unknown_queue_where_it_is() {
    let stage = TestStage::start().await;
    let (object, message) = landed(&stage).await;
    let mut event = batch(DEAD, stage.now(), &[message, "other".into()]);
    event["Records"][1]["eventSourceARN"] = "arn:aws:sqs:eu-north-1:123456789012:somebodys".into();
    let mut program = LambdaRuntime::start(&function(&stage)).await.unwrap();
    assert_eq!(program.invoke_batch(&event).await.unwrap(), ["m1"]);
    assert_eq!(stage.state(object).await, "failed receives_used_up");
    assert_eq!(letters(&stage).await.len(), 1);
}

#[tokio::test]
async fn a_program_without_its_database_says_so_to_lambda() {
    let function = LambdaFunction::new(Stage::RecordDeadLetters, PROGRAM);
    let mut program = LambdaRuntime::start(&function).await.unwrap();
    let error = program.init_error().await.unwrap();
    insta::assert_snapshot!(error.error_message, @"environment variable DATABASE_URL is not set: the Postgres database");
}
