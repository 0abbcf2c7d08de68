//! Points, distances and cities (specs: tickets 6, 8).

use landfall_tickets::geo::{City, ClusterNames, Point, feed_point, haversine_km, number};

#[test]
fn test_35_a_point_of_the_feed_counts_only_inside_kenya() {
    let cases = [
        ("-1.300100", "36.780200", true),
        ("+5.5", "42.0", true),
        ("-5.0", "33.5", true),
        ("0", "0.0", false),
        ("36.8", "-1.28", false),
        ("5.51", "36.8", false),
        ("-1.3", "42.01", false),
        ("", "36.8", false),
        ("-1.3e0", "36.8", false),
        ("NaN", "36.8", false),
        ("inf", "36.8", false),
    ];
    for (lat, lng, wanted) in cases {
        assert_eq!(feed_point(Some(lat), Some(lng)).is_some(), wanted, "{lat}, {lng}");
    }
    assert_eq!(feed_point(None, Some("36.8")), None);
}

#[test]
fn numbers_are_decimal() {
    for (text, wanted) in [
        (" 1.5 ", Some(1.5)),
        ("-.5", Some(-0.5)),
        ("5.", Some(5.0)),
        ("+7", Some(7.0)),
        (".", None),
        ("-", None),
        ("1.2.3", None),
        ("--1", None),
        ("1 2", None),
        ("0x1", None),
        ("1e3", None),
    ] {
        assert_eq!(number(text), wanted, "{text:?}");
    }
}

#[test]
fn distances_are_those_of_a_sphere() {
    let km = haversine_km(City::Nairobi.anchor(), City::Mombasa.anchor());
    insta::assert_snapshot!(format!("{km:.3}"), @"440.740");
    let (north, south) = (Point { lat: 90.0, lng: 0.0 }, Point { lat: -90.0, lng: 77.0 });
    insta::assert_snapshot!(format!("{:.3}", haversine_km(north, south)), @"20015.114");
    assert!(haversine_km(north, north).abs() < 1e-9);
}

#[test]
fn a_region_belongs_to_a_city_by_how_it_begins() {
    for (region, wanted) in [
        ("nairobi east", Some(City::Nairobi)),
        ("coast", Some(City::Mombasa)),
        ("nyanza south", Some(City::Kisumu)),
        ("north rift", Some(City::Eldoret)),
        ("rift valley", Some(City::Nakuru)),
        ("western", None),
        ("", None),
    ] {
        assert_eq!(City::of_region(region), wanted, "{region:?}");
    }
    assert_eq!(City::named("Kisumu"), Some(City::Kisumu));
}

#[test]
fn codes_of_areas_have_names() {
    let names = ClusterNames::new([("QOA", "Quarry Road"), (" ptmp", "Pipeline"), ("", "nothing")]);
    assert_eq!(names.name("qoa"), "Quarry Road");
    assert_eq!(names.name("ptmp"), "Pipeline");
    assert_eq!(names.name("thika"), "thika");
}
