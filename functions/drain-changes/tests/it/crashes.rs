//! A drain that ends at any point leaves what the next one needs to end in the same state as an undisturbed one.

use crate::scene::{Scene, incidents, told};

/// What an undisturbed drain of the two files leaves behind.
async fn undisturbed() -> Vec<String> {
    let scene = files().await;
    scene.drain().await;
    scene.left_behind().await
}

async fn files() -> Scene {
    let scene = Scene::unversioned().await;
    scene.land("08-20", incidents(1..4)).await;
    scene.settled("08-40", incidents(3..6)).await;
    scene
}

#[tokio::test]
async fn test_05_06_07_58_a_drain_that_ends_anywhere_is_finished_by_the_next_one() {
    let expected = undisturbed().await;
    let points = [
        ("read:before", 1),
        ("read:after", 1),
        ("commit:before", 1),
        ("commit:after", 1),
        ("effect:before", 1),
        ("effect:after", 1),
        ("ack:after", 1),
        ("commit:before", 2),
        ("commit:after", 2),
        ("effect:after", 2),
    ];
    for (point, at) in points {
        let scene = files().await;
        scene.struck(&format!("drain-changes:{point}:fail:{at}")).await;
        let report = scene.drain().await;
        assert_eq!(scene.left_behind().await, expected, "{point} {at}: {:?}", told(&report));
        assert_eq!(scene.changes().await, [""; 0], "{point} {at}");
        assert_eq!(scene.processed().await.len(), 2, "{point} {at}");
    }
}

#[tokio::test]
async fn test_05_a_commit_whose_move_was_lost_is_a_leftover_of_the_next_run() {
    let scene = files().await;
    scene.struck("drain-changes:effect:before:fail:1").await;
    assert_eq!((scene.count().await, scene.changes().await.len()), (3, 2));
    assert_eq!(told(&scene.drain().await), ["08-20 archived_leftover", "08-40 applied"]);
    let status = "select status from tickets.import_files order by source_key";
    assert_eq!(scene.stage.texts(status).await, ["archived_leftover", "applied"]);
}

#[tokio::test]
async fn test_07_before_the_commit_nothing_has_happened() {
    let scene = files().await;
    scene.struck("drain-changes:commit:before:fail:1").await;
    assert_eq!((scene.count().await, scene.watermark().await), (0, String::new()));
    assert_eq!(scene.stage.count("select count(*) from tickets.import_files").await, 0);
}

#[tokio::test]
async fn test_58_what_a_dead_run_left_in_the_stage_is_swept() {
    let scene = files().await;
    scene
        .stage
        .execute(
            "insert into tickets.stage values (gen_random_uuid(), 1, 'INC000000000099', '{}', null, null)",
        )
        .await;
    scene.drain().await;
    assert_eq!(scene.stage.count("select count(*) from tickets.stage").await, 0);
    assert_eq!(scene.count().await, 5);
}
