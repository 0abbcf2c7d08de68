//! What is told after a run, once each.

use std::sync::Arc;
use std::time::Duration;

use drain_changes::{DrainChanges, DrainSettings, DrainStatus, Order};
use geocode_tickets::Settings;
use landfall_domain::Dataset;
use landfall_local::platform::GeocodeAfterDrain;
use landfall_runtime::Secret;
use landfall_testkit::{BUCKET, Geocoder};
use serde_json::json;

use crate::scene::{Row, Scene, csv, deadline, incidents, key};

#[tokio::test]
async fn more_than_a_hundredth_of_refused_rows_is_told_once() {
    let scene = Scene::start().await;
    scene.settled("08-20", incidents(0..99) + "INC000000000001,x\n").await;
    scene.drain().await;
    assert_eq!(scene.alerts().await, [""; 0], "a hundredth is not more");
    scene.settled("08-40", incidents(0..98) + "INC000000000001,x\n").await;
    scene.drain().await;
    scene.drain().await;
    assert_eq!(scene.alerts().await, [format!("reject_rate {}", key("08-40"))]);
}

#[tokio::test]
async fn content_older_than_four_days_is_told_once() {
    let scene = Scene::start().await;
    // The test's clock begins on 2025-03-01 at 12:00 in East Africa.
    let row = |day: &str| Row::inc(1).with("source_updated_at", &format!("2025-02-{day} 12:10:00"));
    scene.settled("08-20", csv(&[row("25")])).await;
    scene.drain().await;
    assert_eq!(scene.alerts().await, [""; 0]);
    scene.stage.pass(600);
    scene.drain().await;
    scene.drain().await;
    assert_eq!(scene.alerts().await, ["lag 2025-02-25T09:10:00+00:00"]);
}

#[tokio::test]
async fn two_hours_without_a_file_are_told_within_the_hours_of_drains_and_once_a_day() {
    let scene = Scene::start().await;
    scene.settled("08-20", incidents(0..2)).await;
    scene.drain().await;
    scene.stage.pass(2 * 3600 - 60);
    scene.drain().await;
    assert_eq!(scene.alerts().await, [""; 0]);
    scene.stage.pass(120);
    scene.drain().await;
    scene.drain().await;
    assert_eq!(scene.alerts().await, ["no_file 2025-03-01"]);
    // 06:05 of the next day: the night does not count.
    scene.stage.pass(16 * 3600);
    scene.drain().await;
    assert_eq!(scene.alerts().await, ["no_file 2025-03-01"]);
    scene.stage.pass(2 * 3600);
    scene.drain().await;
    assert_eq!(scene.alerts().await, ["no_file 2025-03-01", "no_file 2025-03-02"]);
}

#[tokio::test]
async fn test_50_a_geocoder_that_is_down_degrades_the_run_and_costs_no_ticket() {
    let scene = Scene::start().await;
    let geocoder = Geocoder::start(json!({})).await;
    geocoder.always(500, json!({}));
    let settings = Settings {
        base_url: geocoder.url().to_owned(),
        key: Some(Secret::new(geocoder.key())),
        interval: Duration::ZERO,
        timeout: Duration::from_millis(200),
        ..Settings::default()
    };
    let row = Row::inc(1).with("cluster", "Karen").with("region", "nairobi west");
    scene.settled("08-20", csv(&[row])).await;
    let clients = scene.stage.clients();
    let geocode = Arc::new(GeocodeAfterDrain::configured(&clients, settings).unwrap().unwrap());
    let drain = DrainChanges::new(clients, DrainSettings::of(BUCKET)).then(geocode);
    let report = drain.run(&Order::of(Dataset::Inc), deadline()).await.unwrap();
    assert_eq!((report.status, report.upserted()), (DrainStatus::Degraded, 1));
    assert_eq!(scene.alerts().await, ["hook_failed geocode"]);
    let last = "select last_status from tickets.import_meta where dataset = 'inc'";
    assert_eq!(scene.stage.texts(last).await, ["degraded"]);
}
