//! The program as Lambda starts it.

use landfall_domain::{Envelope, ObjectId, Run, Stage};
use landfall_local::sample::fixtures::example_two_nodes;
use landfall_testkit::TestStage;
use landfall_testkit::lambda::{LambdaFunction, LambdaRuntime, batch, queue_arn};
use serde_json::Value;

use crate::scene::{FOLDER, land};

const PROGRAM: &str = env!("CARGO_BIN_EXE_plan-archive");

fn function(stage: &TestStage) -> LambdaFunction {
    stage.function(Stage::PlanArchive, PROGRAM).set("LANDFALL_AUTO_CREATE_CUSTOMER", "true")
}

fn message(object_id: i64) -> String {
    let body = landfall_domain::PlanArchive::of(ObjectId(object_id), Run(1));
    Envelope::new(body).encode().unwrap()
}

fn batch_of(stage: &TestStage, bodies: &[String]) -> Value {
    batch(&queue_arn(Stage::PlanArchive), stage.now(), bodies)
}

#[tokio::test]
async fn the_program_plans_an_upload_and_once() {
    let stage = TestStage::start().await;
    let object = land(&stage, FOLDER, &[], &example_two_nodes()).await;
    let event = batch_of(&stage, &[message(object)]);
    let mut program = LambdaRuntime::start(&function(&stage)).await.unwrap();
    assert!(program.invoke_batch(&event).await.unwrap().is_empty(), "{}", program.log());
    assert_eq!(stage.state(object).await, "dispatched plan-archive");
    let asked = "select concat_ws(' ', subject, body::jsonb->'body'->>'plugins') from ops.outbox
         where stage = 'parse-member' order by id";
    insta::assert_snapshot!(stage.texts(asked).await.join("\n"), @r#"
    load 1 ne HEL-CORE-01 ["node", "lsp", "alarm_state"]
    load 1 ne TMP-AGG-02 ["node", "lsp", "alarm_state"]
    "#);
    assert!(!program.log().contains("the index is not kept"), "{}", program.log());
    stage.repeats_change_nothing(&function(&stage), &mut program, &event).await;
}

#[tokio::test]
async fn the_program_puts_what_does_not_read_aside_and_asks_for_what_a_newer_release_wrote() {
    let stage = TestStage::start().await;
    let object = land(&stage, FOLDER, &[], &example_two_nodes()).await;
    let bodies = ["hello".to_owned(), r#"{"v":2,"body":{}}"#.to_owned(), message(object)];
    let mut program = LambdaRuntime::start(&function(&stage)).await.unwrap();
    assert_eq!(program.invoke_batch(&batch_of(&stage, &bodies)).await.unwrap(), ["m1"]);
    let letters = "select concat_ws(' ', stage, kind, code) from ops.dead_letter";
    assert_eq!(stage.texts(letters).await, ["plan-archive quarantined message_form"]);
    assert_eq!(stage.count("select count(*) from dump.load").await, 1);
}

#[tokio::test]
async fn the_program_reads_its_rules_from_its_variables() {
    let stage = TestStage::start().await;
    let object = land(&stage, FOLDER, &[], &example_two_nodes()).await;
    let event = batch_of(&stage, &[message(object)]);
    // Without the variable, customers are not made.
    let mut program = LambdaRuntime::start(&stage.function(Stage::PlanArchive, PROGRAM)).await.unwrap();
    assert!(program.invoke_batch(&event).await.unwrap().is_empty());
    assert_eq!(stage.state(object).await, "rejected customer_unknown");
}

#[tokio::test]
async fn a_program_with_a_variable_that_does_not_read_names_it_to_lambda() {
    let stage = TestStage::start().await;
    let mut told = Vec::new();
    for (name, value) in [
        ("DATABASE_URL", ""),
        ("LANDFALL_MAX_DEPTH", "deep"),
        ("LANDFALL_SIDECAR_WAIT_SECONDS", "-1"),
        ("LANDFALL_AUTO_CREATE_CUSTOMER", "maybe"),
    ] {
        let mut program = LambdaRuntime::start(&function(&stage).set(name, value)).await.unwrap();
        told.push(program.init_error().await.unwrap().error_message);
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    environment variable DATABASE_URL is not set: the Postgres database
    environment variable LANDFALL_MAX_DEPTH does not read: "deep": invalid digit found in string
    environment variable LANDFALL_SIDECAR_WAIT_SECONDS does not read: "-1": invalid digit found in string
    environment variable LANDFALL_AUTO_CREATE_CUSTOMER does not read: "maybe": provided string was not `true` or `false`
    "#);
}
