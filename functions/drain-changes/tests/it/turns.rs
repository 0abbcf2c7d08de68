//! Whose turn it is: order, settling, the watermark.

use drain_changes::{DrainStatus, Mode};

use crate::scene::{Scene, incidents, key, processed, told};

#[tokio::test]
async fn test_01_settled_files_are_applied_oldest_first_and_moved() {
    for scene in [Scene::start().await, Scene::unversioned().await] {
        for (at, time) in (0..).zip(["09-20", "08-20", "09-00", "08-40"]) {
            scene.land(time, incidents(at..at + 2)).await;
        }
        scene.stage.pass(121);
        let report = scene.drain().await;
        assert_eq!(report.status, DrainStatus::Success);
        assert_eq!(told(&report), ["08-20 applied", "08-40 applied", "09-00 applied", "09-20 applied"]);
        // The later file wins: its row is the newer one.
        assert_eq!(
            scene.tickets().await,
            [" open 09-20", "1 open 09-20", "2 open 09-00", "3 open 09-00", "4 open 08-40"]
        );
        assert_eq!(scene.watermark().await, key("09-20"));
        assert_eq!(scene.changes().await, [""; 0]);
        assert_eq!(scene.processed().await.len(), 4);
        let states = "select distinct state || ' ' || reason || ' ' || present from ingest.object";
        assert_eq!(scene.stage.texts(states).await, ["done applied false"]);
    }
}

#[tokio::test]
async fn test_02_a_run_without_a_new_file_changes_nothing_but_runs_the_hooks() {
    let scene = Scene::start().await;
    scene.settled("08-20", incidents(1..4)).await;
    scene.drain().await;
    let before = scene.left_behind().await;
    let report = scene.drain().await;
    assert_eq!((report.files.len(), report.hooks.len()), (0, 1));
    assert!(report.hooks[0].error.is_none(), "{:?}", report.hooks);
    assert_eq!(scene.left_behind().await, before);
    assert_eq!(scene.stage.count("select count(*) from tickets.inc_daily_snapshot").await, 1);
}

#[tokio::test]
async fn test_03_a_file_older_than_the_watermark_is_late_and_stays_where_it_is() {
    let scene = Scene::start().await;
    scene.settled("08-40", incidents(1..4)).await;
    scene.drain().await;
    let late = scene.settled("08-30", incidents(4..6)).await;
    assert_eq!(told(&scene.drain().await), ["08-30 late"]);
    assert_eq!(told(&scene.drain().await), [""; 0], "it is told once");
    assert_eq!((scene.count().await, scene.watermark().await), (3, key("08-40")));
    assert_eq!(scene.changes().await.len(), 1);
    assert_eq!(scene.stage.state(late).await, "waiting late");
    assert_eq!(scene.alerts().await, [format!("late {}", key("08-30"))]);
}

#[tokio::test]
async fn test_11_12_a_reseed_takes_lower_keys_and_an_empty_bucket_changes_nothing() {
    let scene = Scene::start().await;
    scene.settled("12-00", incidents(1..4)).await;
    scene.drain().await;
    assert_eq!(told(&scene.order(Mode::Reseed).await.unwrap()), [""; 0]);
    assert_eq!(scene.watermark().await, key("12-00"));
    scene.land("08-20", incidents(1..2)).await;
    scene.settled("08-40", incidents(4..5)).await;
    assert_eq!(told(&scene.order(Mode::Reseed).await.unwrap()), ["08-20 applied", "08-40 applied"]);
    assert_eq!(scene.watermark().await, key("08-40"));
    assert_eq!(scene.tickets().await, ["1 open 08-20", "2 open 12-00", "3 open 12-00", "4 open 08-40"]);
}

#[tokio::test]
async fn test_47_a_dry_run_counts_and_changes_nothing() {
    let scene = Scene::start().await;
    scene.land("08-20", incidents(1..4)).await;
    scene.settled("08-40", incidents(4..6)).await;
    let before = (scene.left_behind().await, scene.stage.fingerprint().await);
    let report = scene.dry(Mode::Drain).await;
    assert_eq!(told(&report), ["08-20 applied", "08-40 applied"]);
    assert_eq!(report.files.iter().map(|file| file.counts.kept).collect::<Vec<_>>(), [3, 2]);
    assert_eq!((scene.left_behind().await, scene.stage.fingerprint().await), before);
    assert_eq!(scene.changes().await.len(), 2);
}

#[tokio::test]
async fn test_52_a_young_file_holds_up_what_comes_behind_it() {
    let scene = Scene::start().await;
    let newer = scene.land("08-40", incidents(1..2)).await;
    scene.stage.pass(170);
    let older = scene.land("08-20", incidents(2..3)).await;
    scene.stage.pass(30);
    let report = scene.drain().await;
    assert_eq!((told(&report).len(), report.unsettled, scene.count().await), (0, 2, 0));
    for object in [older, newer] {
        assert_eq!(scene.stage.state(object).await, "waiting settle");
    }
    scene.stage.pass(121);
    assert_eq!(told(&scene.drain().await), ["08-20 applied", "08-40 applied"]);
    assert_eq!(scene.alerts().await, [""; 0]);
}

#[tokio::test]
async fn keys_that_are_no_change_files_are_told_and_left_alone() {
    let scene = Scene::start().await;
    let odd = scene.stage.land("automations/inc/changes/2026-02-30T08-00-00.csv", &[], "x").await;
    scene.settled("08-20", incidents(1..2)).await;
    let report = scene.drain().await;
    assert_eq!(report.ignored_keys, ["automations/inc/changes/2026-02-30T08-00-00.csv"]);
    assert_eq!(scene.stage.state(odd).await, "ignored not_ours");
    assert_eq!(scene.changes().await, ["2026-02-30T08-00-00.csv"]);
    let copy = scene.stage.land(&processed("08-20"), &[], incidents(1..2)).await;
    assert_eq!(scene.stage.state(copy).await, "ignored own_output");
}
