//! What else happens while a run takes over: it is killed, or a drain writes.

use std::process::Child;

use landfall_testkit::Standing;
use serde_json::json;

use super::super::command::json as document;
use super::after::change;
use super::scene::{KEY, Scene, Ticket, stored};

/// A change file that landed after the system before was stopped.
const NEXT: &str = "automations/inc/changes/2026-06-25T08-40-00.csv";

/// The platform has taken over once, the system before has one ticket more, and a change file waits.
async fn adopted_before() -> Scene {
    let scene = Scene::new().await;
    assert!(scene.adopt_database(&[]).status.success());
    scene.put(&Ticket("INC000000000009", 0, &[])).await;
    scene.stage.put(NEXT, &[], change("INC000000000001")).await;
    scene
}

/// Exit code and document of a command that goes on.
fn ended(child: Child) -> (Option<i32>, serde_json::Value) {
    let output = child.wait_with_output().unwrap();
    (output.status.code(), document(&output))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_killed_before_its_commit_leaves_nothing_and_the_next_takes_all_over() {
    let scene = Scene::new().await;
    // The last table of all.
    let standing = Standing::at(&scene.stage, "tickets.crq_daily_snapshot", "true").await;
    let mut run = scene.start(&["adopt", "--from", scene.old.url()]);
    standing.reached(&scene.stage).await;
    run.kill().unwrap();
    run.wait().unwrap();
    standing.abandon(&scene.stage).await;
    assert_eq!(scene.stored().await, Vec::<String>::new());
    assert!(scene.adopt_database(&[]).status.success());
    assert_eq!(scene.stored().await, stored(scene.old.pool()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_waits_for_a_run_and_goes_on_behind_it() {
    let scene = adopted_before().await;
    let standing = Standing::at(&scene.stage, "tickets.inc", "new.ticket_id = 'INC000000000009'").await;
    let run = scene.start(&["adopt", "--from", scene.old.url(), "--json"]);
    standing.reached(&scene.stage).await;
    let drain = scene.start(&["drain", "inc", "--apply", "--json"]);
    standing.queued(&scene.stage).await;
    standing.release().await;
    let (code, adopted) = ended(run);
    assert_eq!((code, &adopted["written"]), (Some(0), &json!(true)), "{adopted}");
    let (code, drained) = ended(drain);
    assert_eq!((code, &drained["files"][0]["status"]), (Some(0), &json!("applied")), "{drained}");
    let tickets = "select concat_ws(' ', ticket_id, is_open, source_key) from tickets.inc order by 1";
    assert_eq!(
        scene.stage.texts(tickets).await,
        [
            format!("INC000000000001 f {NEXT}"),
            format!("INC000000000002 f {KEY}"),
            format!("INC000000000003 t {KEY}"),
            format!("INC000000000009 t {KEY}"),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_waits_for_a_drain_and_is_refused_by_what_it_changed() {
    let scene = adopted_before().await;
    let standing = Standing::at(&scene.stage, "tickets.import_files", "true").await;
    let drain = scene.start(&["drain", "inc", "--apply", "--json"]);
    standing.reached(&scene.stage).await;
    let run = scene.start(&["adopt", "--from", scene.old.url(), "--json"]);
    standing.queued(&scene.stage).await;
    standing.release().await;
    let (code, drained) = ended(drain);
    assert_eq!((code, &drained["files"][0]["status"]), (Some(0), &json!("applied")), "{drained}");
    let (code, refused) = ended(run);
    assert_eq!((code, &refused["written"]), (Some(3), &json!(false)), "{refused}");
    let keys: Vec<_> =
        refused["conflicts"].as_array().unwrap().iter().map(|row| row["key"].clone()).collect();
    assert!(keys.contains(&json!("INC000000000001")), "{refused}");
    let tickets = "select ticket_id from tickets.inc where source_key <> '' order by 1";
    assert_eq!(
        scene.stage.texts(tickets).await.len(),
        3,
        "the drain's work stays, and nothing else is written"
    );
}
