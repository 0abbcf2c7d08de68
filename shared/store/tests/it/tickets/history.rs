//! What was seen over time: closures once each, a row a day.

use super::scene::Scene;

const EVENTS: &str = "select ticket_id, reopen_count, closed_at, outcome, mttr, observed_at, backfill
    from tickets.closure_events order by id";
const DAYS: &str =
    "select snapshot_date, open_total, open_actionable, breached, at_risk, within, unknown, opened_count,
    closed_count, by_cluster from tickets.inc_daily_snapshot order by snapshot_date";

#[tokio::test]
async fn test_30_a_time_of_closing_corrected_later_changes_no_event() {
    let mut scene = Scene::new().await;
    let closed = ("normalized_status", "closed");
    scene.put("INC000001", &[closed, ("closed_at", "2026-06-20 10:00:00"), ("mttr", "93")]).await;
    scene.run("select tickets.capture_history()").await;
    scene.put("INC000001", &[closed, ("closed_at", "2026-06-21 11:00:00"), ("mttr", "94")]).await;
    let second = scene.json("tickets.capture_history()").await;
    insta::assert_snapshot!(second, @r#"{"new_closures":0,"open_total":0,"snapshot_date":"2026-06-25"}"#);
    insta::assert_snapshot!(
        scene.rows(EVENTS).await,
        @"INC000001 0 2026-06-20T10:00:00+03:00 closed 93 2026-06-25T09:40:00+03:00 true"
    );
}

#[tokio::test]
async fn a_ticket_that_was_closed_without_a_time_waits_for_one() {
    let mut scene = Scene::new().await;
    scene.put("INC000001", &[("normalized_status", "resolved")]).await;
    scene.run("select tickets.capture_history()").await;
    assert_eq!(scene.rows(EVENTS).await, "");
    scene.put("INC000001", &[("normalized_status", "resolved"), ("closed_at", "2026-06-25 09:00:00")]).await;
    scene.run("select tickets.capture_history()").await;
    insta::assert_snapshot!(
        scene.rows(EVENTS).await,
        @"INC000001 0 2026-06-25T09:00:00+03:00 resolved - 2026-06-25T09:40:00+03:00 false"
    );
}

#[tokio::test]
async fn test_46_midnight_in_nairobi_begins_a_new_day_and_keeps_the_backlog_of_the_old_one() {
    let mut scene = Scene::at("2026-06-25T23:59:00+03:00").await;
    let karen = ("cluster", "Karen");
    let opened = ("created_at_service", "2026-06-25 12:00:00");
    scene.put("INC000001", &[karen, opened, ("is_actionable", "true")]).await;
    scene.put("INC000002", &[karen, ("created_at_service", "2026-06-20 12:00:00")]).await;
    scene.put("INC000003", &[]).await;
    scene.run("select tickets.capture_history()").await;
    let first = scene.rows(DAYS).await;
    insta::assert_snapshot!(first, @r#"2026-06-25 3 1 1 0 1 1 1 0 [{"open": 2, "cluster": "karen"}, {"open": 1, "cluster": "Unknown"}]"#);

    scene.set_now("2026-06-26T00:01:00+03:00").await;
    // Closed before midnight, and one opened before it: both were told after it.
    let closed = [("normalized_status", "closed"), ("closed_at", "2026-06-25 23:00:00")];
    scene.put("INC000001", &[karen, opened, closed[0], closed[1]]).await;
    scene.put("INC000004", &[("first_seen_at", "2026-06-25 23:58:00")]).await;
    scene.run("select tickets.capture_history()").await;
    insta::assert_snapshot!(scene.rows(DAYS).await, @r#"
    2026-06-25 3 1 1 0 1 1 2 1 [{"open": 2, "cluster": "karen"}, {"open": 1, "cluster": "Unknown"}]
    2026-06-26 3 0 1 0 1 1 0 0 [{"open": 2, "cluster": "Unknown"}, {"open": 1, "cluster": "karen"}]
    "#);
}

#[tokio::test]
async fn days_without_a_capture_are_not_invented_and_old_ones_not_counted_again() {
    let mut scene = Scene::at("2026-06-10T10:00:00+03:00").await;
    scene.run("select tickets.capture_history()").await;
    scene.set_now("2026-06-16T10:00:00+03:00").await;
    scene.put("INC000001", &[("created_at_service", "2026-06-10 08:00:00")]).await;
    scene.run("select tickets.capture_history()").await;
    scene.set_now("2026-06-17T10:00:00+03:00").await;
    scene.put("INC000002", &[("created_at_service", "2026-06-10 08:00:00")]).await;
    scene.run("select tickets.capture_history()").await;
    insta::assert_snapshot!(
        scene.rows("select snapshot_date, open_total, opened_count from tickets.inc_daily_snapshot order by 1").await,
        @"
    2026-06-10 0 1
    2026-06-16 1 0
    2026-06-17 2 0
    "
    );
}

#[tokio::test]
async fn the_two_datasets_have_histories_of_their_own() {
    let mut scene = Scene::new().await;
    let closed = [("normalized_status", "cancelled"), ("closed_at", "2026-06-25 08:00:00")];
    scene.put("CRQ000001", &closed).await;
    scene.put("INC000001", &closed).await;
    scene.run("select tickets.capture_history('crq')").await;
    insta::assert_snapshot!(
        scene.rows("select dataset, snapshot_date, open_total, closed_count from tickets.daily_snapshots").await,
        @"crq 2026-06-25 0 1"
    );
    scene.run("select tickets.capture_history('inc')").await;
    insta::assert_snapshot!(
        scene.rows("select dataset, ticket_id, outcome, backfill from tickets.closure_events order by id").await,
        @"
    crq CRQ000001 cancelled true
    inc INC000001 cancelled true
    "
    );
    assert_eq!(scene.refused("select tickets.capture_history('all')").await, "22023");
}

#[tokio::test]
async fn events_are_never_changed_or_removed() {
    let mut scene = Scene::new().await;
    assert_eq!(scene.refused("update tickets.closure_events set mttr = 1").await, "42501");
    assert_eq!(scene.refused("delete from tickets.closure_events").await, "42501");
}
