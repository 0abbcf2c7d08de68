//! The program as Lambda starts it.

use landfall_domain::Stage;
use landfall_testkit::TestStage;
use landfall_testkit::lambda::{LambdaFunction, LambdaRuntime, batch, queue_arn};
use serde_json::Value;

use crate::sample_events::{EVENTS, read};

const PROGRAM: &str = env!("CARGO_BIN_EXE_receive-object");
const OBJECTS: &str = "select concat_ws(' ', key, state, reason) from ingest.object order by key";

fn function(stage: &TestStage) -> LambdaFunction {
    stage.function(Stage::ReceiveObject, PROGRAM)
}

/// Puts these objects; gives a batch of a notification for each.
async fn put(stage: &TestStage, keys: &[&str]) -> Vec<String> {
    let mut bodies = Vec::new();
    for key in keys {
        bodies.push(stage.notification(key, &stage.put(key, &[], (*key).to_owned()).await));
    }
    bodies
}

fn batch_of(stage: &TestStage, bodies: &[String]) -> Value {
    batch(&queue_arn(Stage::ReceiveObject), stage.now(), bodies)
}

#[tokio::test]
async fn the_program_enters_what_the_sample_events_tell_of_and_once() {
    let stage = TestStage::unversioned().await;
    stage.put("dumps/acme/core/CHG-1004/night.tgz", &[], "no archive, only a line of text\n").await;
    let mut program = LambdaRuntime::start(&function(&stage)).await.unwrap();
    for name in EVENTS {
        let event = read(name);
        assert!(program.invoke_batch(&event).await.unwrap().is_empty(), "{name}:\n{}", program.log());
    }
    insta::assert_snapshot!(stage.texts(OBJECTS).await.join("\n"), @"
    dumps/acme/core/CHG-1001/GMRE DUMP_CORE+EDGE_20250118-031500.tgz dispatched plan-archive
    dumps/acme/core/CHG-1003/100% ready+able.tar.gz dispatched plan-archive
    dumps/acme/core/CHG-1004/night.tgz dispatched plan-archive
    dumps/globex/metro/CHG-2002/GMRE_DUMP_METRO_20250119-031500.tgz dispatched plan-archive
    dumps/globex/metro/CHG-2002/GMRE_DUMP_METRO_20250119-031500.tgz.json ignored sidecar
    ");
    let before = stage.fingerprint().await;
    // Another instance, as Lambda may start one for a redelivery.
    let mut another = LambdaRuntime::start(&function(&stage)).await.unwrap();
    for name in EVENTS {
        let event = read(name);
        assert!(program.invoke_batch(&event).await.unwrap().is_empty(), "{name}");
        assert!(another.invoke_batch(&event).await.unwrap().is_empty(), "{name}");
    }
    assert_eq!(stage.fingerprint().await, before);
}

#[tokio::test]
async fn the_program_puts_a_bad_message_aside_and_enters_its_neighbours() {
    let stage = TestStage::unversioned().await;
    let mut bodies = put(&stage, &["dumps/a.tgz", "dumps/b.tgz"]).await;
    bodies.insert(1, "hello".into());
    let mut program = LambdaRuntime::start(&function(&stage)).await.unwrap();
    assert!(program.invoke_batch(&batch_of(&stage, &bodies)).await.unwrap().is_empty());
    let entered = ["dumps/a.tgz dispatched plan-archive", "dumps/b.tgz dispatched plan-archive"];
    assert_eq!(stage.texts(OBJECTS).await, entered);
    let letters = "select concat_ws(' ', stage, kind, code, body) from ops.dead_letter";
    assert_eq!(stage.texts(letters).await, ["receive-object quarantined event_not_json hello"]);
    assert!(program.log().contains(r#""code":"event_not_json""#), "{}", program.log());
}

#[tokio::test]
async fn the_program_asks_for_the_message_that_failed_and_for_no_other() {
    let stage = TestStage::unversioned().await;
    let bodies = put(&stage, &["dumps/a.tgz", "dumps/b.tgz", "dumps/c.tgz"]).await;
    let struck = function(&stage).set("LANDFALL_FAULTS", "receive-object:read:before:panic:2");
    let mut program = LambdaRuntime::start(&struck).await.unwrap();
    assert_eq!(program.invoke_batch(&batch_of(&stage, &bodies)).await.unwrap(), ["m1"]);
    assert_eq!(
        stage.texts("select key from ingest.object order by key").await,
        ["dumps/a.tgz", "dumps/c.tgz"]
    );
    // The process has outlived the panic.
    assert!(program.invoke_batch(&batch_of(&stage, &bodies)).await.unwrap().is_empty());
    assert_eq!(stage.count("select count(*) from ingest.object").await, 3);
}

#[tokio::test]
async fn a_program_that_is_killed_after_its_commit_leaves_a_redelivery_nothing_to_do() {
    let stage = TestStage::unversioned().await;
    let event = batch_of(&stage, &put(&stage, &["dumps/a.tgz"]).await);
    let struck = function(&stage).set("LANDFALL_FAULTS", "receive-object:commit:after:kill:1");
    let mut program = LambdaRuntime::start(&struck).await.unwrap();
    let killed = program.invoke(&event).await.unwrap_err().to_string();
    assert!(killed.starts_with("the process ended: signal: 6"), "{killed}");
    let before = stage.fingerprint().await;
    assert_eq!(stage.count("select count(*) from ingest.object").await, 1);
    let mut another = LambdaRuntime::start(&function(&stage)).await.unwrap();
    assert!(another.invoke_batch(&event).await.unwrap().is_empty());
    assert_eq!(stage.fingerprint().await, before);
}

#[tokio::test]
async fn a_batch_whose_messages_cannot_be_told_apart_is_an_error_and_not_the_end() {
    let stage = TestStage::unversioned().await;
    let mut event = batch_of(&stage, &put(&stage, &["dumps/a.tgz"]).await);
    let mut program = LambdaRuntime::start(&function(&stage)).await.unwrap();
    let id = event["Records"][0]["messageId"].take();
    let error = program.invoke(&event).await.unwrap().answer.unwrap_err();
    assert_eq!(error.error_message, "record 0 of the batch has no message id");
    event["Records"][0]["messageId"] = id;
    assert!(program.invoke_batch(&event).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_program_without_its_database_says_so_to_lambda() {
    let mut program =
        LambdaRuntime::start(&LambdaFunction::new(Stage::ReceiveObject, PROGRAM)).await.unwrap();
    let error = program.init_error().await.unwrap();
    assert_eq!(error.error_type, "Runtime.InitError");
    insta::assert_snapshot!(error.error_message, @"environment variable DATABASE_URL is not set: the Postgres database");
}

#[tokio::test]
async fn a_program_tells_no_secret_of_a_database_url_that_does_not_read() {
    let function = LambdaFunction::new(Stage::ReceiveObject, PROGRAM)
        .set("DATABASE_URL", "postgres://landfall:hunter2@[bad");
    let mut program = LambdaRuntime::start(&function).await.unwrap();
    let error = program.init_error().await.unwrap();
    insta::assert_snapshot!(error.error_message, @"environment variable DATABASE_URL does not read");
    assert!(!program.log().contains("hunter2"), "{}", program.log());
}
