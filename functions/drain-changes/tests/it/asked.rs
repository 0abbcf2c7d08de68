//! Files that an operator asks for.

use drain_changes::Mode;

use crate::scene::{Row, Scene, change_key, csv, incidents, key, told};

#[tokio::test]
async fn test_48_of_a_late_file_only_what_is_not_newer_already_is_applied() {
    let scene = Scene::start().await;
    scene.settled("09-00", csv(&[Row::inc(1).with("normalized_status", "closed")])).await;
    scene.drain().await;
    let late = scene.settled("08-20", incidents(1..3)).await;
    scene.drain().await;
    let report = scene.order(Mode::ApplyLate(change_key("08-20"))).await.unwrap();
    let file = &report.files[0];
    assert_eq!((file.inserted, file.updated, file.outdated), (1, 0, 1));
    assert_eq!(scene.tickets().await, ["1 closed 09-00", "2 open 08-20"]);
    assert_eq!((scene.watermark().await, scene.changes().await.len()), (key("09-00"), 0));
    assert_eq!(scene.stage.state(late).await, "done applied");
}

#[tokio::test]
async fn test_57_both_versions_of_a_key_are_kept_under_two_names() {
    let scene = Scene::start().await;
    scene.settled("08-20", incidents(1..3)).await;
    scene.drain().await;
    scene.settled("08-20", incidents(3..5)).await;
    scene.drain().await;
    let report = scene.order(Mode::ApplyLate(change_key("08-20"))).await.unwrap();
    assert_eq!((told(&report), scene.count().await), (vec!["08-20 applied".to_owned()], 4));
    let kept = scene.processed().await;
    assert_eq!((kept.len(), kept[1].as_str()), (2, "2026-06-25T08-20-00.csv"));
    assert_eq!(kept[0].len(), "2026-06-25T08-20-00.01234567.csv".len(), "{kept:?}");
}

#[tokio::test]
async fn what_is_not_late_or_not_there_is_refused() {
    let scene = Scene::start().await;
    scene.settled("08-20", incidents(1..3)).await;
    let early = scene.order(Mode::ApplyLate(change_key("08-20"))).await.unwrap_err();
    assert!(early.to_string().ends_with("it is not late: it has its turn in the next drain"), "{early}");
    let absent = scene.order(Mode::ApplyLate(change_key("09-00"))).await.unwrap_err();
    assert!(absent.to_string().ends_with("there is no such file in changes/"), "{absent}");
    assert_eq!(scene.count().await, 0);
}
