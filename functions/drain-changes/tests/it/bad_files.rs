//! Files that fail, rows that are refused.

use drain_changes::{DrainStatus, Mode};

use crate::scene::{Row, Scene, change_key, csv, incidents, key, told};

/// A file without one of the columns.
fn without_column() -> String {
    csv(&[Row::inc(7)]).replace(",owner,", ",")
}

#[tokio::test]
async fn test_13_a_file_without_a_column_fails_and_those_behind_it_wait() {
    let scene = Scene::start().await;
    scene.land("08-20", incidents(1..3)).await;
    let bad = scene.land("08-40", without_column()).await;
    let behind = scene.settled("09-00", incidents(3..5)).await;
    let report = scene.drain().await;
    assert_eq!((report.status, report.behind_failed), (DrainStatus::FileFailed, 1));
    assert_eq!(told(&report), ["08-20 applied", "08-40 failed"]);
    insta::assert_snapshot!(report.files[1].error.as_deref().unwrap(), @"line 1: the header lacks owner (column_missing)");
    assert_eq!(scene.stage.state(bad).await, "quarantined file_failed");
    assert_eq!(scene.stage.state(behind).await, "waiting behind_failed");
    assert_eq!(scene.stage.reason_text(behind).await, format!("behind {}, which fails", key("08-40")));
    assert_eq!((scene.watermark().await, scene.count().await), (key("08-20"), 2));
    assert_eq!(scene.changes().await.len(), 2, "the bad one and the one behind it stay where they are");
    assert_eq!(scene.stage.count("select count(*) from tickets.stage").await, 0);
}

#[tokio::test]
async fn test_54_a_failed_file_is_not_read_again_until_other_bytes_come() {
    let scene = Scene::start().await;
    scene.land("08-40", without_column()).await;
    let behind = scene.settled("09-00", incidents(3..5)).await;
    scene.drain().await;
    let again = scene.drain().await;
    assert_eq!((again.status, told(&again).len(), again.behind_failed), (DrainStatus::FileFailed, 0, 1));
    assert_eq!(scene.alerts().await.len(), 1, "it is told once");
    // The same bytes under a new version are hashed, and not parsed.
    scene.settled("08-40", without_column()).await;
    let same = scene.drain().await;
    assert_eq!(same.files[0].error.as_deref(), Some("the same bytes failed before under this key"));
    let good = scene.settled("08-40", incidents(1..3)).await;
    assert_eq!(told(&scene.drain().await), ["08-40 applied", "09-00 applied"]);
    assert_eq!(scene.stage.state(good).await, "done applied");
    assert_eq!(scene.stage.state(behind).await, "done applied");
    assert_eq!(scene.count().await, 4);
}

#[tokio::test]
async fn test_16_17_refused_rows_are_kept_apart_unless_they_are_too_many() {
    let scene = Scene::start().await;
    let rows = |good: u32, bad: usize| incidents(0..good) + &"INC000000000001,x,y\n".repeat(bad);
    scene.settled("08-20", rows(35, 3)).await;
    let report = scene.drain().await;
    assert_eq!(told(&report), ["08-20 applied"]);
    assert_eq!((report.files[0].counts.rejected, report.files[0].inserted), (3, 35));
    let rejects =
        "select concat_ws(' ', line_no, reason, raw_line) from tickets.row_rejects order by line_no";
    assert_eq!(
        scene.stage.texts(rejects).await,
        [37, 38, 39].map(|line| format!("{line} field_count INC000000000001,x,y"))
    );
    scene.settled("08-40", rows(89, 11)).await;
    let report = scene.drain().await;
    assert_eq!(report.status, DrainStatus::FileFailed);
    insta::assert_snapshot!(report.files[0].error.as_deref().unwrap(), @"11 of 100 rows are refused: more than 10, and more than 5 % (too_many_rejects)");
    assert_eq!(scene.count().await, 35);
}

#[tokio::test]
async fn test_18_an_export_that_stopped_is_applied_and_told() {
    let scene = Scene::start().await;
    scene.settled("08-20", incidents(1..3) + "EXPORT STOPPED: too many rows\n").await;
    let report = scene.drain().await;
    let counts = &report.files[0].counts;
    assert_eq!((counts.truncated, counts.sentinel, counts.rejected), (true, 1, 0));
    assert_eq!(scene.alerts().await, [format!("truncated {}", key("08-20"))]);
}

#[tokio::test]
async fn test_19_20_21_alarms_are_dropped_and_the_last_row_of_a_ticket_wins() {
    let scene = Scene::start().await;
    scene.settled("08-20", incidents(1..2)).await;
    scene.drain().await;
    let alarm = |number| Row::inc(number).with("is_alarm", "true").with("normalized_status", "closed");
    let rows = [alarm(1), Row::inc(2), Row::inc(2).with("normalized_status", "pending"), alarm(2), alarm(3)];
    scene.settled("08-40", csv(&rows)).await;
    let report = scene.drain().await;
    let file = &report.files[0];
    assert_eq!((file.counts.rows_read, file.counts.alarm, file.deduped, file.inserted), (5, 3, 1, 1));
    assert_eq!(scene.tickets().await, ["1 open 08-20", "2 pending 08-40"]);
}

#[tokio::test]
async fn a_bad_file_is_passed_over_when_an_operator_says_so() {
    let scene = Scene::start().await;
    let bad = scene.land("08-40", without_column()).await;
    scene.settled("09-00", incidents(3..5)).await;
    scene.drain().await;
    let refused = scene.order(Mode::SkipKey(change_key("09-00"))).await.unwrap_err();
    assert!(refused.to_string().contains("it is not the next one"), "{refused}");
    let skipped = scene.order(Mode::SkipKey(change_key("08-40"))).await.unwrap();
    assert_eq!((told(&skipped), skipped.files[0].moved), (vec!["08-40 skipped".to_owned()], true));
    assert_eq!(scene.stage.state(bad).await, "ignored skipped");
    assert_eq!(told(&scene.drain().await), ["09-00 applied"]);
    assert_eq!(scene.processed().await.len(), 2);
}

#[tokio::test]
async fn a_value_that_the_database_cannot_hold_is_refused_and_costs_no_neighbour() {
    let scene = Scene::start().await;
    let rows =
        [Row::inc(1).with("owner", "a\u{0}b"), Row::inc(2), Row::inc(3).with("owner", "a\\b\u{2028}c")];
    scene.settled("08-20", csv(&rows)).await;
    let report = scene.drain().await;
    assert_eq!((told(&report), report.files[0].counts.rejected), (vec!["08-20 applied".to_owned()], 1));
    let reasons = "select reason from tickets.row_rejects";
    assert_eq!(scene.stage.texts(reasons).await, ["nul_character"]);
    let owners = "select coalesce(owner, '-') from tickets.inc order by ticket_id";
    assert_eq!(scene.stage.texts(owners).await, ["-", "a\\b\u{2028}c"]);
}
