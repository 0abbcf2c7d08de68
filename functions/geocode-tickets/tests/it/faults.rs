//! What the geocoder may do wrong: nothing of it fails a run.

use std::time::Duration;

use geocode_tickets::StopReason;
use serde_json::json;

use crate::scene::{Scene, Ticket};

const THIKA: Ticket<'_> =
    Ticket { cluster: "Thika", region: "Nairobi East", location: "", at: None, closed: false, idle: false };

/// Areas that wait, and the geocoder knows them.
async fn areas(names: &[&str]) -> Scene {
    let mut scene = Scene::start().await;
    for cluster in names {
        scene.geocoder.knows(&format!("{}, Nairobi, Kenya", cluster.to_lowercase()), -1.2, 36.9);
        scene.ticket(Ticket { cluster, ..THIKA }).await;
    }
    scene
}

#[tokio::test]
async fn test_41_the_day_s_limit_ends_both_passes_and_keeps_nothing_of_the_unanswered() {
    let mut scene = areas(&["Juja", "Karen", "Thika"]).await;
    scene.ticket(Ticket { location: "Kwetu Homes", ..THIKA }).await;
    scene.geocoder.next(200, json!([{ "lat": "-1.1", "lon": "37.0" }]));
    scene.geocoder.next(429, json!({ "error": "Rate Limited Day" }));
    let report = scene.run().await;
    assert_eq!((report.requests(), report.stopped), (2, Some(StopReason::DayLimit)));
    assert_eq!(scene.kept().await, ["juja ok 1"]);
    assert!(report.is_degraded());
    assert_eq!(report.resolved, 1, "what was found before is used");
}

#[tokio::test]
async fn a_limit_of_a_second_or_a_minute_is_waited_for() {
    let scene = areas(&["Juja"]).await;
    scene.geocoder.next(429, json!({ "error": "Rate Limited Second" }));
    scene.geocoder.next(429, json!({ "error": "Rate Limited Minute" }));
    let report = scene.run().await;
    assert_eq!((report.requests(), report.clusters.ok, report.stopped), (3, 1, None));
    assert_eq!(scene.moves.seconds(), [1, 60]);
    assert_eq!(scene.texts("select used::text from tickets.geo_budget").await, ["3"], "retries count");
}

#[tokio::test]
async fn a_limit_three_times_in_a_row_ends_the_run() {
    let scene = areas(&["Juja", "Thika"]).await;
    scene.geocoder.always(429, json!({ "error": "Rate Limited Second" }));
    let report = scene.run().await;
    assert_eq!((report.requests(), report.stopped), (3, Some(StopReason::TooFast)));
    assert!(scene.kept().await.is_empty());
}

#[tokio::test]
async fn a_key_that_is_refused_ends_both_passes() {
    for status in [401, 403] {
        let scene = areas(&["Juja", "Thika"]).await;
        scene.geocoder.next(status, json!({ "error": "Invalid key" }));
        let report = scene.run().await;
        assert_eq!((report.requests(), report.stopped), (1, Some(StopReason::Refused)));
        assert!(scene.kept().await.is_empty() && report.is_degraded());
    }
}

#[tokio::test]
async fn a_fault_of_the_server_is_tried_three_times_with_back_off_and_then_kept_as_an_error() {
    let scene = areas(&["Juja", "Thika"]).await;
    for _ in 0..3 {
        scene.geocoder.next(503, json!({}));
    }
    let report = scene.run().await;
    assert_eq!(scene.kept().await, ["juja error 1", "thika ok 1"]);
    assert_eq!((report.requests(), report.clusters.errors, report.is_degraded()), (4, 1, true));
    assert_eq!(scene.moves.seconds(), [2, 8, 1]);
}

#[tokio::test]
async fn a_fault_that_passes_costs_nothing_but_time() {
    let scene = areas(&["Juja"]).await;
    scene.geocoder.next(500, json!({}));
    let report = scene.run().await;
    assert_eq!((report.clusters.ok, report.is_degraded()), (1, false));
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_a_fault_of_the_server() {
    let mut scene = areas(&["Juja"]).await;
    scene.settings.timeout = Duration::from_millis(300);
    for _ in 0..3 {
        scene.geocoder.next_is_silent();
    }
    let report = scene.run().await;
    assert_eq!((report.requests(), report.clusters.errors), (3, 1));
    let raw = scene.texts("select raw ->> 'error' from tickets.geo_clusters").await;
    assert_eq!(raw, ["no answer within 300 ms"]);
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_an_error_of_its_query_alone() {
    let scene = areas(&["Juja", "Thika"]).await;
    scene.geocoder.next(200, json!({ "html": "welcome" }));
    let report = scene.run().await;
    assert_eq!(scene.kept().await, ["juja error 1", "thika ok 1"]);
    assert_eq!(report.requests(), 2);
}

#[tokio::test]
async fn test_50_a_geocoder_that_is_down_degrades_the_run_and_tickets_get_what_is_kept() {
    let mut scene = areas(&["Juja", "Karen", "Langata", "Ngong", "Thika"]).await;
    scene.execute("insert into tickets.geo_clusters (cluster_key, status, lat, lng) values ('thika', 'ok', -1.0, 37.0)").await;
    // Nothing listens there.
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    scene.settings.base_url = format!("http://{}", unused.local_addr().unwrap());
    drop(unused);
    let report = scene.run().await;
    assert_eq!((report.stopped, report.is_degraded()), (Some(StopReason::Down), true));
    assert_eq!((report.requests(), report.resolved), (9, 1), "three queries tell that it is down");
    assert_eq!(scene.places().await[4], "INC000005 cluster -1 37");
    assert_eq!(scene.kept().await, ["juja error 1", "karen error 1", "langata error 1", "thika ok 0"]);
}
