//! Where a ticket is: the feed's coordinate, its location's, its cluster's, none.

use super::scene::Scene;

const PLACES: &str =
    "select ticket_id, geo_source, latitude, longitude, st_astext(geom) as geom from tickets.inc
    order by ticket_id";

/// A scene in which the cluster karen and its location baraka are known.
async fn scene() -> Scene {
    let mut scene = Scene::new().await;
    scene
        .run(
            "insert into tickets.geo_clusters (cluster_key, status, lat, lng)
             values ('karen', 'ok', -1.32, 36.7), ('far', 'rejected_far', null, null);
             insert into tickets.geo_locations (cluster_key, location_key, status, lat, lng)
             values ('karen', 'baraka', 'manual', -1.33, 36.71), ('karen', 'lost', 'not_found', null, null)",
        )
        .await;
    scene
}

#[tokio::test]
async fn test_35_a_coordinate_that_cannot_be_is_ignored() {
    let mut scene = scene().await;
    let karen = ("cluster", "Karen");
    let (zero, swapped) = (("latitude", "0"), ("latitude", "36.8"));
    scene.put("INC000001", &[karen, ("location_name", "Baraka"), zero, ("longitude", "0")]).await;
    scene.put("INC000002", &[karen, swapped, ("longitude", "-1.25")]).await;
    scene.put("INC000003", &[karen, ("location_name", "Lost"), zero]).await;
    scene.put("INC000004", &[("cluster", "Far"), zero]).await;
    insta::assert_snapshot!(scene.rows(PLACES).await, @"
    INC000001 location -1.33 36.71 POINT(36.71 -1.33)
    INC000002 cluster -1.32 36.7 POINT(36.7 -1.32)
    INC000003 cluster -1.32 36.7 POINT(36.7 -1.32)
    INC000004 - - - -
    ");
}

#[tokio::test]
async fn test_36_a_valid_coordinate_of_the_feed_wins_over_the_cache() {
    let mut scene = scene().await;
    let place = [("cluster", "Karen"), ("location_name", "Baraka")];
    scene.put("INC000001", &place).await;
    insta::assert_snapshot!(scene.rows(PLACES).await, @"INC000001 location -1.33 36.71 POINT(36.71 -1.33)");
    scene.put("INC000001", &[place[0], place[1], ("latitude", "-1.25"), ("longitude", "36.80")]).await;
    insta::assert_snapshot!(scene.rows(PLACES).await, @"INC000001 feed -1.25 36.8 POINT(36.8 -1.25)");
    scene.put("INC000001", &place).await;
    insta::assert_snapshot!(scene.rows(PLACES).await, @"INC000001 location -1.33 36.71 POINT(36.71 -1.33)");
}

#[tokio::test]
async fn after_a_pass_of_the_geocoder_only_tickets_that_moved_are_written() {
    let mut scene = scene().await;
    scene.put("INC000001", &[("cluster", "Karen"), ("location_name", "Baraka")]).await;
    scene.put("INC000002", &[("cluster", "Karen"), ("location_name", "Lost")]).await;
    scene.put("INC000003", &[("cluster", "Far")]).await;
    scene.put("CRQ000004", &[("cluster", "Far")]).await;
    assert_eq!(scene.json("tickets.resolve_ticket_geoms()").await, 0);
    scene
        .run(
            "update tickets.geo_clusters set status = 'manual', lat = 0.5, lng = 35.2 where cluster_key = 'far';
             update tickets.geo_locations set status = 'ok', lat = -1.34, lng = 36.72 where location_key = 'lost'",
        )
        .await;
    assert_eq!(scene.json("tickets.resolve_ticket_geoms(p_only_missing => true)").await, 2);
    insta::assert_snapshot!(scene.rows(PLACES).await, @"
    INC000001 location -1.33 36.71 POINT(36.71 -1.33)
    INC000002 cluster -1.32 36.7 POINT(36.7 -1.32)
    INC000003 cluster 0.5 35.2 POINT(35.2 0.5)
    ");
    assert_eq!(scene.json("tickets.resolve_ticket_geoms()").await, 1);
    insta::assert_snapshot!(
        scene.rows("select dataset, ticket_id, geo_source from tickets.all_tickets order by ticket_id").await,
        @"
    crq CRQ000004 cluster
    inc INC000001 location
    inc INC000002 location
    inc INC000003 cluster
    "
    );
    scene.run("delete from tickets.geo_clusters").await;
    assert_eq!(scene.json("tickets.resolve_ticket_geoms()").await, 2, "a place can be lost again");
}

#[tokio::test]
async fn a_point_of_the_cache_that_counts_has_coordinates() {
    let mut scene = Scene::new().await;
    let insert = "insert into tickets.geo_clusters (cluster_key, status) values ('karen', 'ok')";
    assert_eq!(scene.refused(insert).await, "23514");
}
