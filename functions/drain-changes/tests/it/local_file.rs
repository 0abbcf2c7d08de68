//! A change file of this machine, without a bucket.

use drain_changes::{DrainError, DrainReport, DrainStatus};
use landfall_domain::Dataset;

use crate::scene::{Row, Scene, csv, deadline, incidents, key};

async fn run(scene: &Scene, file: &str, apply: bool) -> Result<DrainReport, DrainError> {
    let drain = Scene::drain_of(scene.stage.clients());
    drain.run_local(Dataset::Inc, &mut file.as_bytes(), apply, deadline()).await
}

#[tokio::test]
async fn its_rows_are_applied_without_watermark_ledger_and_move() {
    let scene = Scene::start().await;
    scene.settled("08-20", incidents(1..3)).await;
    scene.drain().await;
    let file = csv(&[Row::inc(2).with("normalized_status", "closed"), Row::inc(3), Row::default()]);
    let report = run(&scene, &file, true).await.unwrap();
    let told = &report.files[0];
    assert_eq!((told.key.as_str(), told.inserted, told.updated, told.counts.rejected), ("local", 1, 1, 1));
    assert_eq!(report.hooks.len(), 1, "history is captured");
    assert_eq!(scene.tickets().await, ["1 open 08-20", "2 closed ", "3 open "]);
    assert_eq!(scene.watermark().await, key("08-20"));
    assert_eq!(scene.stage.count("select count(*) from tickets.import_files").await, 1);
    assert_eq!(
        scene.stage.texts("select source_key || ' ' || reason from tickets.row_rejects").await,
        ["local missing_ticket_id"]
    );
    assert_eq!(scene.stage.count("select count(*) from tickets.stage").await, 0);
}

#[tokio::test]
async fn applied_twice_it_changes_nothing_more() {
    let scene = Scene::start().await;
    let file = csv(&[Row::inc(1), Row::default()]);
    run(&scene, &file, true).await.unwrap();
    let before = scene.tickets().await;
    let report = run(&scene, &file, true).await.unwrap();
    assert_eq!((report.files[0].inserted, report.files[0].updated), (0, 1));
    assert_eq!(scene.tickets().await, before);
    assert_eq!(scene.stage.count("select count(*) from tickets.row_rejects").await, 1);
}

#[tokio::test]
async fn without_apply_it_is_counted() {
    let scene = Scene::start().await;
    let report = run(&scene, &incidents(1..3), false).await.unwrap();
    assert_eq!((report.dry_run, report.files[0].counts.rows_read), (true, 2));
    assert_eq!(scene.count().await, 0);
}

#[tokio::test]
async fn a_bad_one_leaves_everything_as_it_was_and_says_line_and_rule() {
    let scene = Scene::start().await;
    let cut = incidents(1..3) + "INC000000000009,\"never closed";
    let report = run(&scene, &cut, true).await.unwrap();
    assert_eq!((report.status, scene.count().await), (DrainStatus::FileFailed, 0));
    insta::assert_snapshot!(report.files[0].error.as_deref().unwrap(), @"line 4: the file ends inside a quoted field of the record that begins here (open_quote)");
}
