//! What is kept, and for how long.

use serde_json::json;

use crate::scene::{Scene, Ticket};

const THIKA: Ticket<'_> =
    Ticket { cluster: "Thika", region: "Nairobi East", location: "", at: None, closed: false, idle: false };

#[tokio::test]
async fn test_38_an_area_that_is_not_known_is_asked_for_again_after_30_days() {
    let mut scene = Scene::start().await;
    scene.geocoder.knows("kwetu homes, thika, Nairobi, Kenya", -1.28, 36.82);
    scene.ticket(Ticket { location: "Kwetu Homes", ..THIKA }).await;
    let report = scene.run().await;
    assert_eq!(scene.kept().await, ["thika not_found 1", "thika/kwetu homes ok 1"], "the city is the anchor");
    assert_eq!((report.clusters.not_found, report.locations.ok), (1, 1));
    assert_eq!(scene.geocoder.take_queries().len(), 2);
    scene.pass_days(29);
    assert_eq!(scene.run().await.requests(), 0);
    scene.pass_days(1);
    scene.run().await;
    assert_eq!(scene.geocoder.take_queries(), ["thika, Nairobi, Kenya"]);
}

#[tokio::test]
async fn a_point_too_far_is_asked_for_again_after_90_days_and_a_good_one_never() {
    let mut scene = Scene::start().await;
    scene.geocoder.knows("thika, Nairobi, Kenya", -4.0435, 39.6682);
    scene.geocoder.knows("juja, Nairobi, Kenya", -1.1018, 37.0144);
    scene.ticket(THIKA).await;
    scene.ticket(Ticket { cluster: "Juja", ..THIKA }).await;
    scene.run().await;
    assert_eq!(scene.geocoder.take_queries().len(), 2);
    scene.pass_days(89);
    assert_eq!(scene.run().await.requests(), 0);
    scene.pass_days(1);
    scene.run().await;
    assert_eq!(scene.geocoder.take_queries(), ["thika, Nairobi, Kenya"]);
    scene.pass_days(10_000);
    scene.run().await;
    assert_eq!(scene.geocoder.take_queries(), ["thika, Nairobi, Kenya"]);
}

#[tokio::test]
async fn an_error_is_asked_for_again_in_the_next_run_and_after_five_in_a_week() {
    let mut scene = Scene::start().await;
    scene.ticket(THIKA).await;
    scene.geocoder.always(400, json!({}));
    for attempts in 1..=5 {
        assert_eq!(scene.run().await.clusters.errors, 1);
        assert_eq!(scene.kept().await, [format!("thika error {attempts}")]);
    }
    assert_eq!(scene.run().await.requests(), 0);
    scene.pass_days(6);
    assert_eq!(scene.run().await.requests(), 0);
    scene.pass_days(1);
    assert_eq!(scene.run().await.requests(), 1);
    assert_eq!(scene.kept().await, ["thika error 6"]);
    let raw = scene.texts("select raw ->> 'error' from tickets.geo_clusters").await;
    assert_eq!(raw, ["status 400"]);
}

#[tokio::test]
async fn a_point_that_an_operator_set_is_never_asked_for_and_used_as_anchor() {
    let mut scene = Scene::start().await;
    // Near Mombasa, although the region is Nairobi's.
    scene.execute("insert into tickets.geo_clusters (cluster_key, status, lat, lng) values ('thika', 'manual', -4.0, 39.6)").await;
    scene.execute("insert into tickets.geo_locations (cluster_key, location_key, status, lat, lng) values ('thika', 'amani court', 'manual', -4.1, 39.7)").await;
    scene.geocoder.knows("kwetu homes, thika, Nairobi, Kenya", -4.01, 39.61);
    scene.ticket(Ticket { location: "Kwetu Homes", ..THIKA }).await;
    scene.ticket(Ticket { location: "Amani Court", ..THIKA }).await;
    scene.run().await;
    assert_eq!(scene.geocoder.take_queries(), ["kwetu homes, thika, Nairobi, Kenya"]);
    insta::assert_snapshot!(scene.places().await.join("\n"), @r"
    INC000001 location -4.01 39.61
    INC000002 location -4.1 39.7
    ");
}

#[tokio::test]
async fn a_point_that_an_operator_sets_while_an_answer_is_awaited_stays() {
    let mut scene = Scene::start().await;
    scene.ticket(THIKA).await;
    scene.geocoder.always(500, json!({}));
    scene.run().await;
    scene.execute("update tickets.geo_clusters set status = 'manual', lat = -1, lng = 37").await;
    let finding = landfall_store::tickets::geo::Finding::of("thika".to_owned(), None, "test");
    landfall_store::tickets::geo::save_cluster(scene.database.pool(), "thika", &finding).await.unwrap();
    assert_eq!(scene.texts("select status || lat from tickets.geo_clusters").await, ["manual-1"]);
}

#[tokio::test]
async fn what_is_kept_tells_where_it_comes_from() {
    let mut scene = Scene::start().await;
    scene.geocoder.knows("thika, Nairobi, Kenya", -1.0333, 37.0693);
    scene.ticket(THIKA).await;
    scene.run().await;
    let kept = scene
        .texts("select concat_ws('|', query, city, display_name, provider, last_attempt_at at time zone 'UTC', retry_after, raw ->> 'lon') from tickets.geo_clusters")
        .await;
    insta::assert_snapshot!(kept[0], @"thika, Nairobi, Kenya|Nairobi|thika, Nairobi, Kenya|127.0.0.1|2026-06-25 06:40:00|37.0693000");
}
