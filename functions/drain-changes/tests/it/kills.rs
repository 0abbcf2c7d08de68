//! A process that is killed in a drain leaves what the next one needs to end in the same state as an undisturbed one.

use std::os::unix::process::ExitStatusExt;

use landfall_domain::Stage;
use landfall_testkit::TestStage;
use landfall_testkit::lambda::{LambdaFunction, LambdaRuntime};
use serde_json::json;

use crate::scene::{Scene, incidents};

const PROGRAM: &str = env!("CARGO_BIN_EXE_drain-changes");

/// Where a drain of two files dies, and what it has left by then: applied files, files in `changes/` and in
/// `processed/`, rows in the stage.
const POINTS: [(&str, [i64; 4]); 12] = [
    ("read:before:kill:1", [0, 2, 0, 0]),
    ("read:after:kill:1", [0, 2, 0, 0]),
    // After the rows were copied into the stage.
    ("commit:before:kill:1", [0, 2, 0, 3]),
    ("commit:after:kill:1", [1, 2, 0, 0]),
    ("effect:before:kill:1", [1, 2, 0, 0]),
    // Between copy and delete.
    ("effect:after:kill:1", [1, 2, 1, 0]),
    ("ack:after:kill:1", [1, 1, 1, 0]),
    ("commit:before:kill:2", [1, 1, 1, 3]),
    ("commit:after:kill:2", [2, 1, 1, 0]),
    ("effect:before:kill:2", [2, 1, 1, 0]),
    ("effect:after:kill:2", [2, 1, 2, 0]),
    ("ack:after:kill:2", [2, 0, 2, 0]),
];

/// Two files that share tickets, one of which closes in the second and has an unreadable neighbour.
async fn files(scene: &Scene) {
    scene.land("08-20", incidents(1..4)).await;
    let second = incidents(2..5).replacen("open", "closed", 1) + "INC000000000009,x\n";
    scene.settled("08-40", second).await;
}

fn function(stage: &TestStage, faults: &str) -> LambdaFunction {
    stage.function(Stage::DrainChanges, PROGRAM).set("LANDFALL_FAULTS", faults)
}

/// A process of its own drains incidents to the end.
async fn drained(stage: &TestStage) {
    let mut program = LambdaRuntime::start(&function(stage, "")).await.unwrap();
    let report = program.invoke(&json!({ "dataset": "inc" })).await.unwrap().answer.unwrap();
    assert_eq!(report.get("status"), Some(&json!("success")), "{report}");
}

/// A process of its own dies in a drain of incidents.
async fn killed(stage: &TestStage, point: &str) {
    let mut program =
        LambdaRuntime::start(&function(stage, &format!("drain-changes:{point}"))).await.unwrap();
    let died = program.invoke(&json!({ "dataset": "inc" })).await;
    assert!(died.is_err(), "{point}: {died:?}");
    assert_eq!(program.ended().await.unwrap().signal(), Some(6), "{point}");
    assert_eq!(stage.count("select count(*) from ops.lease where name = 'tickets/inc'").await, 1, "{point}");
}

/// The lease of a dead process ends by itself after five minutes: as if they had passed.
async fn lease_ends(stage: &TestStage) {
    stage.execute("update ops.lease set until = now() where name = 'tickets/inc'").await;
}

/// Rows and books, history, and what lies in the bucket.
async fn left(scene: &Scene) -> (Vec<String>, Vec<String>, Vec<String>) {
    let history = "select concat_ws(' ', ticket_id, reopen_count, outcome) from tickets.closure_events
        union all select concat_ws(' ', open_total, opened_count, closed_count) from tickets.inc_daily_snapshot
        order by 1";
    let mut objects = Vec::new();
    for key in scene.keys("automations/").await {
        let content = scene.content(&format!("automations/{key}")).await;
        objects.push(format!("{key} {content:?}"));
    }
    (scene.left_behind().await, scene.stage.texts(history).await, objects)
}

async fn left_by_the_dead(scene: &Scene) -> [i64; 4] {
    let applied = "select count(*) from tickets.import_files where status = 'applied'";
    let count = |keys: Vec<String>| i64::try_from(keys.len()).unwrap();
    [
        scene.stage.count(applied).await,
        count(scene.changes().await),
        count(scene.processed().await),
        scene.stage.count("select count(*) from tickets.stage").await,
    ]
}

#[tokio::test]
async fn test_05_06_07_58_a_process_killed_anywhere_in_a_drain_is_made_good_by_the_next() {
    let undisturbed = Scene::unversioned().await;
    files(&undisturbed).await;
    drained(&undisturbed.stage).await;
    let expected = left(&undisturbed).await;
    assert!(expected.0.iter().any(|line| line.starts_with("ticket ")), "{expected:?}");
    for (point, dead) in POINTS {
        let scene = Scene::unversioned().await;
        files(&scene).await;
        killed(&scene.stage, point).await;
        assert_eq!(left_by_the_dead(&scene).await, dead, "{point}");
        lease_ends(&scene.stage).await;
        drained(&scene.stage).await;
        assert_eq!(left(&scene).await, expected, "{point}");
    }
}

#[tokio::test]
async fn test_05_06_killed_in_the_move_of_a_version_the_next_run_finishes_it_unread() {
    for (point, copies) in [("commit:after:kill:1", 0), ("effect:after:kill:1", 1)] {
        let scene = Scene::start().await;
        scene.settled("08-20", incidents(1..4)).await;
        killed(&scene.stage, point).await;
        assert_eq!(scene.processed().await.len(), copies, "{point}");
        let tickets = scene.stage.texts("select t::text from tickets.inc t order by 1").await;
        lease_ends(&scene.stage).await;
        drained(&scene.stage).await;
        let status = "select status from tickets.import_files";
        assert_eq!(scene.stage.texts(status).await, ["archived_leftover"], "{point}");
        assert_eq!(
            scene.stage.texts("select t::text from tickets.inc t order by 1").await,
            tickets,
            "{point}"
        );
        assert_eq!((scene.changes().await.len(), scene.processed().await.len()), (0, 1), "{point}");
    }
}

#[tokio::test]
async fn a_lease_that_a_dead_process_left_keeps_others_out_until_it_ends() {
    let scene = Scene::start().await;
    scene.settled("08-20", incidents(1..4)).await;
    killed(&scene.stage, "commit:before:kill:1").await;
    let mut program = LambdaRuntime::start(&function(&scene.stage, "")).await.unwrap();
    let report = program.invoke(&json!({ "dataset": "inc" })).await.unwrap().answer.unwrap();
    assert_eq!((&report["status"], scene.count().await), (&json!("skipped_locked"), 0));
    lease_ends(&scene.stage).await;
    drained(&scene.stage).await;
    assert_eq!((scene.count().await, scene.stage.count("select count(*) from tickets.stage").await), (3, 0));
}
