//! The rules of geocoding (specs: tickets 8).

use chrono::{DateTime, TimeDelta, Utc};
use landfall_tickets::geo::{City, Point};
use landfall_tickets::geocoding::{
    Answer, GeoStatus, RateWindow, cluster_query, judge_cluster, judge_location, location_query, read_answer,
    retry_after,
};

#[test]
fn test_39_queries_name_the_area_and_leave_out_what_is_not_known() {
    assert_eq!(cluster_query("Pipeline", Some(City::Nairobi)), "Pipeline, Nairobi, Kenya");
    assert_eq!(cluster_query("thika", None), "thika, Kenya");
    let query = location_query("kwetu homes", "Quarry Road", Some(City::Nairobi));
    assert_eq!(query, "kwetu homes, Quarry Road, Nairobi, Kenya");
}

#[test]
fn answers_are_read_by_their_status() {
    let answer = |status, body: &str| match read_answer(status, body.as_bytes()) {
        Answer::Found(found) => format!("found {},{}", found.point.lat, found.point.lng),
        other => format!("{other:?}"),
    };
    let cases = [
        (
            200,
            r#"[{"lat": "-3.9930000", "lon": "39.7260000", "display_name": "Bamburi"}]"#,
            "found -3.993,39.726",
        ),
        (200, "[]", "NotFound"),
        (200, "{}", "Unusable(\"the answer is no JSON list\")"),
        (200, "<html>", "Unusable(\"the answer is no JSON list\")"),
        (
            200,
            r#"[{"lat": -3.9, "lon": "39.7"}]"#,
            "Unusable(\"lat and lon of the answer are no numbers in strings\")",
        ),
        (
            200,
            r#"[{"lat": "NaN", "lon": "39.7"}]"#,
            "Unusable(\"lat and lon of the answer are no numbers in strings\")",
        ),
        (404, r#"{"error": "Unable to geocode"}"#, "NotFound"),
        (429, r#"{"error": "Rate Limited Second"}"#, "Limited(Second)"),
        (429, r#"{"error": "Rate Limited Minute"}"#, "Limited(Minute)"),
        (429, r#"{"error": "Rate Limited Day"}"#, "Limited(Day)"),
        (429, "slow down", "Limited(Minute)"),
        (401, r#"{"error": "Invalid key"}"#, "Refused(401)"),
        (403, "", "Refused(403)"),
        (500, "", "Failed(\"status 500\")"),
        (503, "", "Failed(\"status 503\")"),
        (400, "", "Unusable(\"status 400\")"),
        (302, "", "Unusable(\"status 302\")"),
    ];
    for (status, body, wanted) in cases {
        assert_eq!(answer(status, body), wanted, "{status} {body}");
    }
}

#[test]
fn an_answer_keeps_all_that_the_geocoder_says() {
    let body = br#"[{"lat": "1", "lon": "36", "display_name": "X", "importance": 0.41}, {"lat": "2"}]"#;
    let Answer::Found(found) = read_answer(200, body) else { panic!("nothing found") };
    assert_eq!((found.display_name.as_deref(), &found.raw["importance"]), (Some("X"), &0.41.into()));
}

#[test]
fn test_37_a_point_in_another_city_is_not_believed() {
    let (nairobi, mombasa) = (City::Nairobi.anchor(), City::Mombasa.anchor());
    assert!(!judge_cluster(mombasa, Some(City::Nairobi)));
    assert!(judge_cluster(mombasa, None), "without a city any point in Kenya will do");
    assert!(!judge_cluster(Point { lat: 36.8, lng: -1.28 }, None));
    assert!(!judge_location(mombasa, nairobi).0);
}

#[test]
fn a_place_may_lie_25_km_from_its_area_and_an_area_60_km_from_its_city() {
    let anchor = City::Nairobi.anchor();
    // A degree of latitude is 111.195 km.
    let north = |km: f64| Point { lat: anchor.lat + km / 111.195_08, lng: anchor.lng };
    assert!(judge_location(north(24.99), anchor).0);
    assert!(!judge_location(north(25.01), anchor).0);
    assert!(judge_cluster(north(59.9), Some(City::Nairobi)));
    assert!(!judge_cluster(north(60.1), Some(City::Nairobi)));
}

#[test]
fn test_38_answers_are_kept_for_as_long_as_their_kind_says() {
    let now: DateTime<Utc> = "2026-06-25T06:40:00Z".parse().unwrap();
    let days = |status, errors| retry_after(status, errors, now).map(|at| (at - now).num_days());
    assert_eq!(days(GeoStatus::Ok, 0), None);
    assert_eq!(days(GeoStatus::Manual, 0), None);
    assert_eq!(days(GeoStatus::NotFound, 0), Some(30));
    assert_eq!(days(GeoStatus::RejectedFar, 0), Some(90));
    assert_eq!(
        (1..=6).map(|tries| days(GeoStatus::Error, tries).unwrap()).collect::<Vec<_>>(),
        [0, 0, 0, 0, 7, 7]
    );
    assert_eq!(retry_after(GeoStatus::Error, 1, now), now.checked_add_signed(TimeDelta::zero()));
}

#[test]
fn a_window_is_told_by_its_last_word() {
    let day = read_answer(429, br#"{"error": "rate limited day "}"#);
    assert_eq!(day, Answer::Limited(RateWindow::Day));
}
