//! The program as Lambda starts it, by a schedule.

use landfall_domain::Stage;
use landfall_testkit::lambda::LambdaRuntime;
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
