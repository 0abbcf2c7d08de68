//! The program as Lambda starts it, by a schedule or with messages.

use landfall_domain::{Cadence, Clock, Dataset, DrainChanges, Envelope, Stage, SystemClock};
use landfall_testkit::lambda::{LambdaRuntime, batch, queue_arn};
use serde_json::json;

use crate::scene::{Scene, incidents};

const PROGRAM: &str = env!("CARGO_BIN_EXE_drain-changes");

#[tokio::test]
async fn the_program_drains_the_dataset_that_its_schedule_names_and_once() {
    let scene = Scene::start().await;
    scene.settled("08-20", incidents(1..4)).await;
    let mut program =
        LambdaRuntime::start(&scene.stage.function(Stage::DrainChanges, PROGRAM)).await.unwrap();
    let tick = json!({ "dataset": "inc" });
    let report = program.invoke(&tick).await.unwrap().answer.unwrap();
    assert_eq!(
        (&report["status"], &report["files"][0]["inserted"]),
        (&json!("success"), &json!(3)),
        "{report}"
    );
    let before = scene.left_behind().await;
    let again = program.invoke(&tick).await.unwrap().answer.unwrap();
    assert_eq!(again["files"], json!([]));
    assert_eq!(scene.left_behind().await, before);
    assert_eq!(scene.changes().await, [""; 0]);
}

#[tokio::test]
async fn the_program_answers_messages_and_drains_only_within_the_hours_of_drains() {
    let scene = Scene::start().await;
    scene.settled("08-20", incidents(1..4)).await;
    let function = scene.stage.function(Stage::DrainChanges, PROGRAM);
    let mut program = LambdaRuntime::start(&function).await.unwrap();
    let message = Envelope::new(DrainChanges { dataset: Dataset::Inc, asked: None }).encode().unwrap();
    let event = batch(&queue_arn(Stage::DrainChanges), scene.stage.now(), &[message]);
    // The program goes by the true time.
    let is_within = || Cadence::OFFICE_HOURS.spans(SystemClock.now());
    let (before, failed, after) = (is_within(), program.invoke_batch(&event).await.unwrap(), is_within());
    assert_eq!(failed, [""; 0], "{}", program.log());
    if before == after {
        assert_eq!(scene.count().await, if before { 3 } else { 0 });
    }
    scene.stage.repeats_change_nothing(&function, &mut program, &event).await;
    let bad = batch(&queue_arn(Stage::DrainChanges), scene.stage.now(), &["hello".to_owned()]);
    assert_eq!(program.invoke_batch(&bad).await.unwrap(), [""; 0]);
    let letters = "select concat_ws(' ', stage, kind, code, body) from ops.dead_letter";
    assert_eq!(scene.stage.texts(letters).await, ["drain-changes quarantined message_form hello"]);
}

#[tokio::test]
async fn an_event_that_names_no_dataset_is_an_error_and_the_next_one_is_worked_on() {
    let scene = Scene::start().await;
    let mut program =
        LambdaRuntime::start(&scene.stage.function(Stage::DrainChanges, PROGRAM)).await.unwrap();
    for event in [json!({}), json!({ "dataset": "prb" })] {
        assert!(program.invoke(&event).await.unwrap().answer.is_err(), "{event}");
    }
    let report = program.invoke(&json!({ "dataset": "crq" })).await.unwrap().answer.unwrap();
    assert_eq!(report["status"], json!("success"));
}
