//! Keys that are uploaded again, before and after they were applied.

use crate::scene::{Scene, incidents, key, processed, told};

#[tokio::test]
async fn test_04_other_bytes_under_an_applied_key_are_told_once_and_left() {
    for scene in [Scene::start().await, Scene::unversioned().await] {
        scene.settled("08-20", incidents(1..4)).await;
        scene.drain().await;
        let again = scene.settled("08-20", incidents(7..9)).await;
        assert_eq!(told(&scene.drain().await), ["08-20 reuploaded"]);
        assert_eq!(told(&scene.drain().await), [""; 0]);
        assert_eq!(scene.stage.state(again).await, "waiting reuploaded");
        assert_eq!((scene.count().await, scene.changes().await.len()), (3, 1));
        assert_eq!(scene.alerts().await, [format!("reuploaded {}", key("08-20"))]);
    }
}

#[tokio::test]
async fn test_51_bytes_that_come_between_commit_and_move_are_never_deleted() {
    for scene in [Scene::start().await, Scene::unversioned().await] {
        for point in ["effect:before", "effect:after"] {
            let time = if point == "effect:before" { "08-20" } else { "08-40" };
            scene.settled(time, incidents(1..4)).await;
            scene.struck(&format!("drain-changes:{point}:fail:1")).await;
            let other = incidents(7..9);
            scene.settled(time, other.clone()).await;
            let told = told(&scene.drain().await);
            assert!(told.contains(&format!("{time} reuploaded")), "{point}: {told:?}");
            assert_eq!(scene.content(&key(time)).await, Some(other), "{point}");
            let there = scene.content(&processed(time)).await;
            assert!(there.is_none_or(|there| there == incidents(1..4)), "{point}");
        }
    }
}

#[tokio::test]
async fn test_56_the_same_bytes_under_an_applied_key_are_moved() {
    let scene = Scene::unversioned().await;
    scene.settled("08-20", incidents(1..4)).await;
    scene.drain().await;
    let again = scene.settled("08-20", incidents(1..4)).await;
    let before = scene.tickets().await;
    assert_eq!(told(&scene.drain().await), ["08-20 duplicate"]);
    assert_eq!(scene.stage.state(again).await, "duplicate same_bytes");
    assert_eq!((scene.tickets().await, scene.changes().await.len()), (before, 0));
    assert_eq!(scene.processed().await.len(), 1);
}

#[tokio::test]
async fn what_was_overwritten_or_removed_before_its_turn_waits_no_longer() {
    let scene = Scene::unversioned().await;
    let old = scene.land("08-20", incidents(1..3)).await;
    scene.stage.pass(5);
    let new = scene.land("08-20", incidents(3..5)).await;
    let removed = scene.settled("08-40", incidents(5..6)).await;
    let marked = "update ingest.object set present = false where object_id = (select max(object_id) from ingest.object)";
    scene.stage.delete(&key("08-40"), None).await;
    assert_eq!(scene.stage.execute(marked).await, 1, "as its event says");
    assert_eq!(told(&scene.drain().await), ["08-20 applied"]);
    let states = [old, new, removed];
    let mut told = Vec::new();
    for object in states {
        told.push(scene.stage.state(object).await);
    }
    assert_eq!(told, ["superseded overwritten", "done applied", "gone gone"]);
    let life = "select string_agg(to_state, ' ' order by event_id) from ingest.event_log group by object_id order by object_id";
    assert_eq!(scene.stage.texts(life).await, ["waiting superseded", "waiting done", "waiting gone"]);
}

#[tokio::test]
async fn versions_of_a_key_that_were_not_applied_are_applied_oldest_first() {
    let scene = Scene::start().await;
    scene.land("08-20", incidents(1..3)).await;
    scene.stage.pass(5);
    scene.land("08-20", "not a change file").await;
    scene.stage.pass(5);
    scene.settled("08-20", incidents(3..5)).await;
    let report = scene.drain().await;
    assert_eq!(told(&report), ["08-20 applied", "08-20 failed", "08-20 applied"]);
    assert_eq!((scene.count().await, scene.watermark().await), (4, key("08-20")));
    assert_eq!(scene.processed().await.len(), 2, "under two names");
    let states = "select state || ' ' || reason from ingest.object order by object_id";
    assert_eq!(scene.stage.texts(states).await, ["done applied", "quarantined file_failed", "done applied"]);
}
