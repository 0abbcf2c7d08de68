//! What is asked for, in which order, and what becomes of the answers (specs: tickets 8).

use std::time::Duration;

use geocode_tickets::{Passes, Status, StopReason};

use crate::scene::{Scene, Ticket};

const THIKA: Ticket<'_> =
    Ticket { cluster: "Thika", region: "Nairobi East", location: "", at: None, closed: false, idle: false };

#[tokio::test]
async fn areas_are_asked_for_by_key_then_places_by_number_of_tickets() {
    let mut scene = Scene::start().await;
    for _ in 0..2 {
        scene.ticket(Ticket { location: "Unity Gardens", ..THIKA }).await;
    }
    scene.ticket(Ticket { location: "Kwetu Homes", ..THIKA }).await;
    scene
        .ticket_of("crq", Ticket { cluster: "Nyali", region: "COAST", location: "Jamii Court", ..THIKA })
        .await;
    scene.ticket_of("crq", Ticket { location: "FDT02/P10 Amani Court", ..THIKA }).await;
    let report = scene.run().await;
    insta::assert_snapshot!(scene.geocoder.take_queries().join("\n"), @r"
    nyali, Mombasa, Kenya
    thika, Nairobi, Kenya
    unity gardens, thika, Nairobi, Kenya
    jamii court, nyali, Mombasa, Kenya
    amani court, thika, Nairobi, Kenya
    kwetu homes, thika, Nairobi, Kenya
    ");
    assert_eq!((report.status, report.clusters.not_found, report.locations.not_found), (Status::Done, 2, 4));
    assert_eq!((report.requests(), report.stopped, report.is_degraded()), (6, None, false));
}

#[tokio::test]
async fn a_request_holds_what_the_geocoder_wants() {
    let mut scene = Scene::start().await;
    scene.ticket(Ticket { cluster: "R&D, Élan", ..THIKA }).await;
    scene.run().await;
    insta::assert_snapshot!(format!("{:?}", scene.geocoder.parameters()), @r#"[{"countrycodes": "ke", "format": "json", "key": "pk.test-key-0123456789", "limit": "1", "q": "r&d, élan, Nairobi, Kenya"}]"#);
}

#[tokio::test]
async fn test_39_a_code_of_an_area_is_asked_for_by_its_name() {
    let mut scene = Scene::start().await;
    scene.geocoder.knows("Pipeline, Nairobi, Kenya", -1.3139, 36.8917);
    scene.ticket(Ticket { cluster: " ptmp ", location: "OLT07", ..THIKA }).await;
    scene.run().await;
    assert_eq!(scene.geocoder.take_queries(), ["Pipeline, Nairobi, Kenya"]);
    assert_eq!(scene.places().await, ["INC000001 cluster -1.3139 36.8917"]);
}

#[tokio::test]
async fn test_36_a_ticket_with_a_point_of_the_feed_is_not_asked_for() {
    let mut scene = Scene::start().await;
    scene.geocoder.knows("thika, Nairobi, Kenya", -1.0333, 37.0693);
    scene.ticket(Ticket { location: "Kwetu Homes", at: Some(("-1.3001", "36.7802")), ..THIKA }).await;
    let report = scene.run().await;
    assert_eq!(scene.geocoder.take_queries(), ["thika, Nairobi, Kenya"]);
    assert_eq!(
        (scene.places().await, report.resolved),
        (vec!["INC000001 feed -1.3001 36.7802".to_owned()], 0)
    );
}

#[tokio::test]
async fn test_35_points_of_the_feed_that_cannot_be_true_are_found_by_their_place() {
    let mut scene = Scene::start().await;
    scene.geocoder.knows("thika, Nairobi, Kenya", -1.0333, 37.0693);
    scene.geocoder.knows("kwetu homes, thika, Nairobi, Kenya", -1.03, 37.07);
    scene.ticket(Ticket { location: "Kwetu Homes", at: Some(("0", "0.0")), ..THIKA }).await;
    scene.ticket(Ticket { at: Some(("36.8", "-1.28")), ..THIKA }).await;
    let report = scene.run().await;
    insta::assert_snapshot!(scene.places().await.join("\n"), @r"
    INC000001 location -1.03 37.07
    INC000002 cluster -1.0333 37.0693
    ");
    assert_eq!((report.clusters.ok, report.locations.ok, report.resolved), (1, 1, 2));
}

#[tokio::test]
async fn test_37_a_place_in_another_city_is_rejected_and_the_area_s_point_is_kept() {
    let mut scene = Scene::start().await;
    scene.geocoder.knows("thika, Nairobi, Kenya", -1.0333, 37.0693);
    scene.geocoder.knows("kwetu homes, thika, Nairobi, Kenya", -4.0435, 39.6682);
    scene.ticket(Ticket { location: "Kwetu Homes", ..THIKA }).await;
    let report = scene.run().await;
    assert_eq!(scene.kept().await, ["thika ok 1", "thika/kwetu homes rejected_far 1"]);
    assert_eq!(scene.places().await, ["INC000001 cluster -1.0333 37.0693"]);
    assert_eq!((report.locations.rejected_far, report.is_degraded()), (1, false));
    let kept = scene.texts(
        "select concat_ws(' ', round(distance_km::numeric), lat, raw ->> 'lat') from tickets.geo_locations",
    );
    assert_eq!(
        kept.await,
        ["442 -4.0435000"],
        "the distance and the answer tell why; there is no point to be used"
    );
}

#[tokio::test]
async fn an_area_far_from_its_city_is_rejected() {
    let mut scene = Scene::start().await;
    scene.geocoder.knows("thika, Nairobi, Kenya", 0.5143, 35.2698);
    scene.ticket(THIKA).await;
    assert_eq!(scene.run().await.clusters.rejected_far, 1);
    assert_eq!(scene.places().await, ["INC000001 none"]);
}

#[tokio::test]
async fn a_place_is_judged_by_the_area_s_point_before_the_city_s() {
    let mut scene = Scene::start().await;
    // 58 km from Nairobi's centre, and the place 20 km beyond it.
    scene.geocoder.knows("thika, Nairobi, Kenya", -0.77, 36.9);
    scene.geocoder.knows("kwetu homes, thika, Nairobi, Kenya", -0.59, 36.9);
    scene.ticket(Ticket { location: "Kwetu Homes", ..THIKA }).await;
    assert_eq!(scene.run().await.locations.ok, 1);
}

#[tokio::test]
async fn tickets_that_are_closed_or_that_nobody_can_act_on_need_no_precise_place() {
    let mut scene = Scene::start().await;
    scene.ticket(Ticket { location: "Kwetu Homes", closed: true, ..THIKA }).await;
    scene.ticket(Ticket { location: "Unity Gardens", idle: true, ..THIKA }).await;
    scene.run().await;
    assert_eq!(scene.geocoder.take_queries(), ["thika, Nairobi, Kenya"]);
}

#[tokio::test]
async fn the_region_of_an_area_is_that_of_most_tickets() {
    let mut scene = Scene::start().await;
    for region in ["", "", "", "North Rift", "coast", "Coast "] {
        scene.ticket(Ticket { region, ..THIKA }).await;
    }
    // A tie is decided by the alphabet.
    scene.ticket(Ticket { cluster: "Juja", region: "Nyanza", ..THIKA }).await;
    scene.ticket_of("crq", Ticket { cluster: "juja", region: "nairobi  west", ..THIKA }).await;
    scene.ticket(Ticket { cluster: "Ruiru", region: "", ..THIKA }).await;
    scene.run().await;
    insta::assert_snapshot!(scene.geocoder.take_queries().join("\n"), @r"
    juja, Nairobi, Kenya
    ruiru, Kenya
    thika, Mombasa, Kenya
    ");
}

#[tokio::test]
async fn a_place_without_anything_to_judge_it_by_is_not_asked_for() {
    let mut scene = Scene::start().await;
    scene.settings.run_budget = 2;
    for _ in 0..3 {
        scene.ticket(Ticket { cluster: "Ruiru", region: "", location: "Amani Court", ..THIKA }).await;
    }
    scene.ticket(Ticket { cluster: "Ruiru", region: "", location: "Jamii Court", ..THIKA }).await;
    let report = scene.run().await;
    assert_eq!(scene.geocoder.take_queries(), ["ruiru, Kenya"]);
    assert_eq!((report.locations.no_anchor, report.stopped), (2, None));
    // Those that can be asked for are not held up by them.
    scene.ticket(Ticket { location: "Kwetu Homes", ..THIKA }).await;
    assert_eq!(scene.run().await.stopped, None);
    assert_eq!(
        scene.geocoder.take_queries(),
        ["thika, Nairobi, Kenya", "kwetu homes, thika, Nairobi, Kenya"]
    );
}

#[tokio::test]
async fn a_pass_can_be_made_alone() {
    let mut scene = Scene::start().await;
    scene.ticket(Ticket { location: "Kwetu Homes", ..THIKA }).await;
    let only = |clusters, locations| Passes { clusters, locations };
    scene.geocode_tickets().run(only(false, true), scene.now()).await.unwrap();
    assert_eq!(scene.geocoder.take_queries(), ["kwetu homes, thika, Nairobi, Kenya"]);
    scene.geocode_tickets().run(only(true, false), scene.now()).await.unwrap();
    assert_eq!(scene.geocoder.take_queries(), ["thika, Nairobi, Kenya"]);
}

#[tokio::test]
async fn without_a_key_nothing_is_asked_and_tickets_get_what_is_known() {
    let mut scene = Scene::start().await;
    scene.ticket(THIKA).await;
    scene.execute("insert into tickets.geo_clusters (cluster_key, status, lat, lng) values ('thika', 'manual', -1.0, 37.0)").await;
    scene.settings.key = None;
    let report = scene.run().await;
    assert_eq!((report.status, report.resolved, report.is_degraded()), (Status::NotConfigured, 1, false));
    assert_eq!(scene.places().await, ["INC000001 cluster -1 37"]);
    assert!(scene.geocoder.take_queries().is_empty());
}

#[tokio::test]
async fn one_run_at_a_time_asks() {
    let mut scene = Scene::start().await;
    scene.ticket(THIKA).await;
    scene.execute("insert into ops.lease (name, owner, until) values ('tickets/geocode', 'another', '2026-06-25T06:41:00Z')").await;
    assert_eq!(scene.run().await.status, Status::SkippedLocked);
    assert!(scene.geocoder.take_queries().is_empty());
    scene.pass_days(1);
    assert_eq!(scene.run().await.status, Status::Done);
    assert!(scene.texts("select name from ops.lease").await.is_empty(), "it is given back");
}

#[tokio::test]
async fn a_run_whose_lease_another_took_asks_no_more() {
    let mut scene = Scene::start().await;
    for cluster in ["Juja", "Karen", "Thika"] {
        scene.ticket(Ticket { cluster, ..THIKA }).await;
    }
    // The lease is looked at once a minute. It is lost when the first answer is kept.
    scene.settings.interval = Duration::from_secs(61);
    scene
        .execute(
            "create function public.take_lease() returns trigger language plpgsql as
             $$ begin update ops.lease set owner = 'another', until = '2027-01-01'; return null; end $$",
        )
        .await;
    scene
        .execute("create trigger t after insert on tickets.geo_clusters execute function public.take_lease()")
        .await;
    let report = scene.run().await;
    assert_eq!((report.requests(), report.stopped), (2, Some(StopReason::LeaseLost)));
    assert_eq!(scene.texts("select owner from ops.lease").await, ["another"]);
}
