//! Tickets over several drains: how old they are, when they close and open again, what a day looked like.

use chrono::{DateTime, TimeDelta, Utc};

use crate::scene::{Row, SETTLED, Scene, csv};

const SLA: &str =
    "select concat_ws(' ', opened_at_source, coalesce(age_minutes::text, '-'), sla_state, clock_skew)
    from tickets.inc_open_sla order by ticket_id";
const EVENTS: &str =
    "select concat_ws(' ', reopen_count, to_char(closed_at at time zone 'UTC', 'DD Mon HH24:MI'), outcome)
    from tickets.closure_events order by id";

fn at(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Drains files of incident 1, each with these columns, twenty minutes apart.
async fn drained(files: &[&[(&'static str, &str)]]) -> Scene {
    let scene = Scene::start().await;
    for (time, columns) in ["08-20", "08-40", "09-00", "09-20"].into_iter().zip(files) {
        let row = columns.iter().fold(Row::inc(1), |row, (column, value)| row.with(column, value));
        scene.settled(time, csv(&[row])).await;
        scene.drain().await;
        scene.stage.pass(20 * 60 - SETTLED);
    }
    scene
}

#[tokio::test]
async fn test_28_closed_without_a_time_is_not_open_and_in_no_event_and_no_window() {
    let scene = drained(&[&[("normalized_status", "closed")]]).await;
    assert_eq!(scene.stage.texts("select is_open::text from tickets.inc").await, ["false"]);
    assert_eq!(scene.stage.texts(EVENTS).await, [""; 0]);
    let closed = "select reporting.fn_inc_dashboard(p_window => '30d') #>> '{metrics,closed_total}'";
    assert_eq!(scene.now_texts(closed).await, ["0"]);
}

#[tokio::test]
async fn test_29_a_ticket_that_opens_again_is_counted_and_closes_with_a_second_event() {
    let closed = [("normalized_status", "closed"), ("closed_at", "2025-03-01 10:00:00")];
    let again = [("normalized_status", "in_progress"), ("closed_at", "2025-03-01 10:00:00")];
    let at_last = [("normalized_status", "closed"), ("closed_at", "2025-03-01 12:50:00")];
    let scene = drained(&[&[], &closed, &again]).await;
    let open = "select concat_ws(' ', is_open, reopen_count) from tickets.inc";
    assert_eq!(scene.stage.texts(open).await, ["t 1"]);
    let scene = drained(&[&[], &closed, &again, &at_last]).await;
    assert_eq!(scene.stage.texts(open).await, ["f 1"]);
    assert_eq!(scene.stage.texts(EVENTS).await, ["0 01 Mar 07:00 closed", "1 01 Mar 09:50 closed"]);
}

#[tokio::test]
async fn test_30_a_time_of_closing_that_is_corrected_changes_no_event() {
    let closed = |time| [("normalized_status", "resolved"), ("closed_at", time)];
    let scene = drained(&[&closed("2025-03-01 10:00:00"), &closed("2025-03-01 11:00:00")]).await;
    assert_eq!(scene.stage.texts(EVENTS).await, ["0 01 Mar 07:00 resolved"]);
    let corrected = "select to_char(closed_at at time zone 'UTC', 'HH24:MI') from tickets.inc";
    assert_eq!(scene.stage.texts(corrected).await, ["08:00"]);
}

#[tokio::test]
async fn test_31_32_33_34_how_old_open_tickets_are_and_whether_they_are_late() {
    let scene = Scene::start().await;
    let now = scene.stage.now() + TimeDelta::seconds(SETTLED);
    let ago = |minutes| at(now - TimeDelta::minutes(minutes));
    let rows = [
        Row::inc(1).with("first_seen_at", &ago(60)),
        Row::inc(2),
        Row::inc(3).with("created_at_service", &ago(-60)),
        Row::inc(4).with("created_at_service", &ago(2880)).with("sla_status", "met"),
        Row::inc(5).with("created_at_service", &ago(2881)).with("sla_status", "met"),
    ];
    scene.settled("08-20", csv(&rows)).await;
    scene.drain().await;
    assert_eq!(scene.stage.now(), now);
    let expected = [
        "first_seen 60 within f",
        "none - unknown f",
        "service 0 within t",
        "service 2880 at_risk f",
        "service 2881 breached f",
    ];
    assert_eq!(scene.now_texts(SLA).await, expected);
}

#[tokio::test]
async fn test_46_drains_on_both_sides_of_midnight_leave_a_row_each_and_the_older_keeps_its_backlog() {
    let days = "select concat_ws(' ', snapshot_date, open_total, opened_count, closed_count)
        from tickets.inc_daily_snapshot order by 1";
    let scene = Scene::start().await;
    // 23:57:30 in East Africa, and two minutes to settle.
    scene.stage.pass(11 * 3600 + 57 * 60 + 30);
    let opened = |number| Row::inc(number).with("created_at_service", "2025-03-01 20:00:00");
    scene.settled("23-40", csv(&[opened(1), opened(2)])).await;
    scene.drain().await;
    assert_eq!(scene.stage.texts(days).await, ["2025-03-01 2 2 0"]);
    let closed = opened(1).with("normalized_status", "closed").with("closed_at", "2025-03-01 23:50:00");
    scene.settled("23-50", csv(&[closed])).await;
    scene.drain().await;
    // Closed and told after midnight, closed before it.
    assert_eq!(scene.stage.texts(days).await, ["2025-03-01 2 2 1", "2025-03-02 1 0 0"]);
}
