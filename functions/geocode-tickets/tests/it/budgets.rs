//! How much is asked, and how fast.

use std::time::Duration;

use geocode_tickets::StopReason;

use crate::scene::{Scene, Ticket};

const THIKA: Ticket<'_> =
    Ticket { cluster: "Thika", region: "Nairobi East", location: "", at: None, closed: false, idle: false };

/// Two areas and five places wait.
async fn waiting() -> Scene {
    let mut scene = Scene::start().await;
    for location in ["Amani", "Baraka", "Chui", "Duma", "Elimu"] {
        scene.ticket(Ticket { location, ..THIKA }).await;
    }
    scene.ticket(Ticket { cluster: "Juja", ..THIKA }).await;
    scene
}

#[tokio::test]
async fn test_40_a_run_asks_for_its_budget_and_the_next_one_for_the_rest() {
    let mut scene = waiting().await;
    scene.settings.run_budget = 3;
    let report = scene.run().await;
    assert_eq!((report.clusters.requests, report.locations.requests), (2, 1));
    assert_eq!((report.stopped, report.is_degraded()), (Some(StopReason::RunBudget), false));
    scene.geocoder.take_queries();
    scene.run().await;
    assert_eq!(scene.geocoder.take_queries().len(), 3);
    let last = scene.run().await;
    assert_eq!((last.requests(), last.stopped), (1, None), "all is known");
    assert_eq!(scene.texts("select used::text from tickets.geo_budget").await, ["7"]);
}

#[tokio::test]
async fn the_budget_of_a_day_is_shared_by_runs_and_new_at_midnight_utc() {
    let mut scene = waiting().await;
    scene.settings.day_budget = 4;
    scene.settings.run_budget = 3;
    assert_eq!(scene.run().await.requests(), 3);
    let second = scene.run().await;
    assert_eq!((second.requests(), second.stopped), (1, Some(StopReason::DayBudget)));
    assert_eq!(scene.run().await.requests(), 0);
    scene.pass_days(1);
    assert_eq!(scene.run().await.requests(), 3);
    let used = scene.texts("select day || ' ' || used from tickets.geo_budget order by day").await;
    assert_eq!(used, ["2026-06-25 4", "2026-06-26 3"]);
}

#[tokio::test]
async fn a_budget_of_nothing_asks_nothing() {
    let mut scene = waiting().await;
    scene.settings.day_budget = 0;
    let report = scene.run().await;
    assert_eq!((report.requests(), report.stopped), (0, Some(StopReason::DayBudget)));
    assert!(scene.texts("select used::text from tickets.geo_budget").await.is_empty());
}

#[tokio::test]
async fn requests_are_a_second_apart() {
    let scene = waiting().await;
    scene.run().await;
    assert_eq!(scene.moves.seconds(), [1; 6]);
}

#[tokio::test]
async fn a_run_ends_at_its_time_limit() {
    let mut scene = waiting().await;
    scene.settings.time_limit = Duration::from_secs(3);
    let report = scene.run().await;
    assert_eq!((report.requests(), report.stopped), (4, Some(StopReason::TimeLimit)));
}
