//! Drains that a message asks for: given twice, answered in vain, held up, too early.

use drain_changes::{DrainByMessage, DrainChanges, DrainSettings};
use landfall_domain::Stage;
use landfall_testkit::{BUCKET, received};

use crate::scene::{Scene, incidents};

const LETTERS: &str = "select concat_ws(' ', stage, kind, code) from ops.dead_letter";

#[tokio::test]
async fn the_same_message_twice_drains_once() {
    let scene = Scene::start().await;
    scene.settled("08-20", incidents(1..4)).await;
    assert_eq!(scene.message("", 1).await, [""; 0]);
    assert_eq!((scene.count().await, scene.changes().await.len()), (3, 0));
    let before = (scene.left_behind().await, scene.stage.fingerprint().await);
    assert_eq!(scene.message("", 1).await, [""; 0]);
    assert_eq!((scene.left_behind().await, scene.stage.fingerprint().await), before);
    assert_eq!(scene.asked().await, [""; 0]);
}

#[tokio::test]
async fn worked_but_the_reply_was_lost_and_the_redelivery_ends_in_the_same_state() {
    let undisturbed = Scene::unversioned().await;
    undisturbed.settled("08-20", incidents(1..4)).await;
    undisturbed.message("", 1).await;
    for point in ["read:before", "commit:before", "commit:after", "effect:after", "ack:after"] {
        let scene = Scene::unversioned().await;
        scene.settled("08-20", incidents(1..4)).await;
        assert_eq!(scene.message(&format!("drain-changes:{point}:fail:1"), 1).await, ["m0"], "{point}");
        assert_eq!(scene.message("", 2).await, [""; 0], "{point}");
        assert_eq!(scene.left_behind().await, undisturbed.left_behind().await, "{point}");
        assert_eq!(scene.changes().await, [""; 0], "{point}");
    }
}

#[tokio::test]
async fn two_messages_at_once_drain_once_and_the_second_looks_again() {
    let scene = Scene::start().await;
    scene.settled("08-20", incidents(1..4)).await;
    scene
        .stage
        .execute("insert into ops.lease values ('tickets/inc', 'another run', '2025-03-01 10:00:00Z')")
        .await;
    for _ in 0..2 {
        assert_eq!(scene.message("", 1).await, [""; 0], "it is no failure: no try is used up");
    }
    // The other run has perhaps listed the bucket before the file had settled.
    assert_eq!((scene.count().await, scene.asked().await), (0, vec!["inc 60".to_owned()]));
    scene.stage.execute("delete from ops.lease where owner = 'another run'").await;
    scene.stage.pass(60);
    assert_eq!(scene.message("", 1).await, [""; 0]);
    assert_eq!(scene.count().await, 3);
}

#[tokio::test]
async fn a_drain_that_came_too_early_for_some_files_asks_for_one_more() {
    let scene = Scene::start().await;
    scene.land("08-20", incidents(1..3)).await;
    for (at, time) in (3..).zip(["08-40", "09-00", "09-20"]) {
        scene.stage.pass(20);
        scene.land(time, incidents(at..at + 1)).await;
    }
    scene.stage.pass(60);
    scene.message("", 1).await;
    assert_eq!((scene.count().await, scene.asked().await), (2, vec!["inc 60".to_owned()]));
    scene.message("", 1).await;
    assert_eq!(scene.asked().await, ["inc 60"], "one is on its way");
    scene.stage.pass(60);
    scene.message("", 1).await;
    assert_eq!((scene.count().await, scene.changes().await.len()), (5, 0));
    assert_eq!(scene.asked().await, ["inc 0"], "it was that one");
}

#[tokio::test]
async fn a_message_that_arrives_before_its_time_does_not_keep_the_next_from_being_sent() {
    let scene = Scene::start().await;
    scene.land("08-20", incidents(1..3)).await;
    scene.stage.pass(60);
    scene.message("", 1).await;
    // The clock of its sender is ahead of ours.
    let asked =
        "update ops.outbox set visible_at = visible_at - interval '60 s' where stage = 'drain-changes'";
    assert_eq!(scene.stage.execute(asked).await, 1);
    let early = scene.stage.take(Stage::DrainChanges).await;
    let again = early.clone();
    let drain = DrainByMessage::new(Scene::drain_of(scene.stage.clients()));
    assert!(scene.stage.handle(&drain, early).await.is_empty());
    assert_eq!((scene.count().await, scene.asked().await), (0, vec!["inc 60".to_owned()]));
    // The same once more: it is not what is under way.
    assert!(scene.stage.handle(&drain, again).await.is_empty());
    assert_eq!(scene.asked().await, ["inc 60"]);
}

#[tokio::test]
async fn what_a_run_has_no_time_for_is_asked_for_at_once() {
    let scene = Scene::start().await;
    scene.land("08-20", incidents(1..3)).await;
    scene.settled("08-40", incidents(3..5)).await;
    for (files, asked) in [(0, vec![]), (1, vec!["inc 1".to_owned()])] {
        let settings = DrainSettings { files, ..DrainSettings::of(BUCKET) };
        let drain = DrainChanges::new(scene.stage.clients(), settings);
        let tick = received(&[r#"{"dataset":"inc"}"#.to_owned()], 1);
        assert!(scene.stage.handle(&DrainByMessage::new(drain), tick).await.is_empty());
        assert_eq!(scene.asked().await, asked, "of {files} files");
    }
}

#[tokio::test]
async fn test_53_a_message_that_was_held_up_until_the_night_drains_nothing() {
    let scene = Scene::start().await;
    // 22:00 in East Africa.
    scene.stage.pass(10 * 3600);
    scene.settled("08-20", incidents(1..4)).await;
    assert_eq!(scene.message("", 1).await, [""; 0]);
    assert_eq!((scene.count().await, scene.asked().await.len()), (0, 0));
    // 06:00.
    scene.stage.pass(8 * 3600 - 121);
    assert_eq!(scene.message("", 1).await, [""; 0]);
    assert_eq!(scene.count().await, 3);
}

#[tokio::test]
async fn a_message_that_does_not_read_is_put_aside_and_one_that_is_given_up_fails_no_file() {
    let scene = Scene::start().await;
    let file = scene.settled("08-20", incidents(1..4)).await;
    let drain = || DrainByMessage::new(Scene::drain_of(scene.stage.clients()));
    for body in ["hello", r#"{"v":1,"body":{"dataset":"prb"}}"#] {
        assert!(scene.stage.handle(&drain(), received(&[body.to_owned()], 1)).await.is_empty());
    }
    assert_eq!(scene.stage.texts(LETTERS).await, ["drain-changes quarantined message_form"; 2]);
    assert_eq!(scene.message("drain-changes:read:before:fail:1", 5).await, ["m0"]);
    assert_eq!(scene.stage.state(file).await, "waiting turn");
}
