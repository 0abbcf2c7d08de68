//! Metadata of an upload: sources, normalisation, conflicts (specs: dumps 6.1).
#![expect(clippy::unwrap_used, reason = "tests")]

use std::str::FromStr;

use landfall_dumps::metadata::{
    Country, CustomerKey, CustomerName, HcId, KeyKind, MetadataError, MetadataSources, NetworkKey, Origin,
    RawMetadata, Ticket, UploadMetadata, choose_country, classify_key,
};
use proptest::prelude::*;

const KEY: &str = "dumps/Acme Oy/North Core/chg-001/GMRE_DUMP_NORTH_20250118-030000.tgz";

fn resolve(
    headers: &[(&str, &str)],
    sidecar: Option<&str>,
    key: &str,
) -> Result<UploadMetadata, MetadataError> {
    let headers = RawMetadata::from_headers(headers.iter().copied())?;
    let sidecar = sidecar.map(|text| RawMetadata::from_sidecar(text.as_bytes())).transpose()?;
    let outer = key.rsplit('/').next().unwrap();
    let sources = MetadataSources::read(outer, &headers, sidecar.as_ref(), &RawMetadata::from_key(key))?;
    sources.resolve(CustomerName::key)
}

fn code(headers: &[(&str, &str)], sidecar: Option<&str>, key: &str) -> String {
    resolve(headers, sidecar, key).unwrap_err().code()
}

fn normal<T: FromStr + ToString>(text: &str) -> String {
    text.parse::<T>().map_or("-".to_owned(), |value| value.to_string())
}

#[test]
fn every_value_is_normalised_or_refused() {
    for (given, expected) in
        [(" chg-001 ", "CHG-001"), ("A_1", "A_1"), ("ab", "-"), ("-AB", "-"), ("A B1", "-"), ("ÄB1", "-")]
    {
        assert_eq!(normal::<Ticket>(given), expected, "{given:?}");
    }
    assert_eq!(normal::<Ticket>(&"A".repeat(40)).len(), 40);
    assert_eq!(normal::<Ticket>(&"A".repeat(41)), "-");
    for (given, expected) in [
        ("HC-007", "HC-7"),
        ("hc42", "HC-42"),
        ("HC-000", "HC-0"),
        ("HC", "-"),
        ("HC--1", "-"),
        ("HC-1a", "-"),
        ("H", "-"),
    ] {
        assert_eq!(normal::<HcId>(given), expected, "{given:?}");
    }
    for (given, expected) in [("fi", "FI"), ("FIN", "-"), ("f1", "-"), ("ä", "-")] {
        assert_eq!(normal::<Country>(given), expected, "{given:?}");
    }
    for (given, expected) in
        [("  North  CORE ", "north-core"), ("a_/b", "a-b"), ("Åland 1", "åland-1"), ("--", "-")]
    {
        assert_eq!(normal::<NetworkKey>(given), expected, "{given:?}");
    }
    assert_eq!(normal::<Origin>(" NOC-Helsinki "), "noc-helsinki");
    assert_eq!(normal::<CustomerName>(" Acme \t Oy "), "Acme Oy");
    assert_eq!("Acme Oy".parse::<CustomerName>().unwrap().key().as_str(), "acme-oy");
    assert!("--".parse::<NetworkKey>().is_err(), "a key needs a letter or digit");
}

#[test]
fn the_default_origin_is_the_name_without_extension_and_times() {
    let table = [
        ("GMRE_DUMP_NORTH_20250118-030000.tgz", "gmre_dump_north"),
        ("Site A 2025-01-18_03-00-00 (copy).TAR.GZ", "site_a_copy"),
        ("a_250118_b_20250118.tgz", "a_b"),
        ("20250118.tgz", "unknown"),
    ];
    for (outer, expected) in table {
        assert_eq!(Origin::of_file(outer).as_str(), expected, "{outer}");
    }
}

#[test]
fn the_key_alone_can_say_all_that_is_needed() {
    let metadata = resolve(&[], None, KEY).unwrap();
    insta::assert_debug_snapshot!(metadata, @r#"
    UploadMetadata {
        customer: CustomerName(
            "Acme Oy",
        ),
        network: NetworkKey(
            "north-core",
        ),
        ticket: Ticket(
            "CHG-001",
        ),
        hc_id: None,
        country: None,
        origin: Origin(
            "gmre_dump_north",
        ),
        capture_ts: None,
        overwrite: false,
        conflicts: [],
    }
    "#);
}

#[test]
fn a_key_of_another_layout_says_nothing() {
    for key in
        ["dumps/a/b/CHG-1/x/y.tgz", "dumps/a/b/y.tgz", "other/a/b/CHG-1/y.tgz", "dumps/a/b/CHG-1/y.zip"]
    {
        assert_eq!(code(&[], None, key), "meta_missing:customer", "{key}");
    }
    assert_eq!(code(&[], None, "dumps/a/ /CHG-1/y.tgz"), "meta_missing:network", "blank counts as absent");
}

#[test]
fn headers_win_over_the_sidecar_over_the_key() {
    let headers =
        [("Hc-Id", "hc7"), ("capture-ts", "2025-01-18 03:00:00"), ("origin", "NOC"), ("unknown", "x")];
    let sidecar = r#"{"hc_id": "HC-8", "country": "fi", "overwrite": true, "ticket": null, "note": 1}"#;
    let metadata = resolve(&headers, Some(sidecar), KEY).unwrap();
    assert_eq!(metadata.hc_id.unwrap().as_str(), "HC-7");
    assert_eq!(metadata.country.unwrap().as_str(), "FI");
    assert_eq!(metadata.capture_ts.unwrap().to_rfc3339(), "2025-01-18T03:00:00+00:00");
    assert!(metadata.overwrite);
    let conflicts: Vec<String> = metadata.conflicts.iter().map(ToString::to_string).collect();
    assert_eq!(conflicts, ["hc_id of the object metadata is used; the sidecar has another"]);
}

#[test]
fn values_that_differ_only_before_normalisation_do_not_conflict() {
    let headers = [("customer", "ACME  oy"), ("network", "north_core"), ("ticket", "CHG-001")];
    let metadata = resolve(&headers, None, KEY).unwrap();
    assert_eq!(metadata.conflicts, []);
    assert_eq!(metadata.customer.as_str(), "ACME oy");
}

#[test]
fn another_customer_or_network_is_refused_and_another_ticket_is_not() {
    assert_eq!(code(&[("customer", "Beta")], None, KEY), "meta_conflict:customer");
    assert_eq!(code(&[("network", "South")], None, KEY), "meta_conflict:network");
    assert_eq!(code(&[], Some(r#"{"network": "South"}"#), KEY), "meta_conflict:network");
    let metadata = resolve(&[("ticket", "CHG-002")], None, KEY).unwrap();
    assert_eq!((metadata.ticket.as_str(), metadata.conflicts.len()), ("CHG-002", 1));
}

#[test]
fn an_alias_of_the_same_customer_does_not_conflict() {
    let headers = RawMetadata::from_headers([("customer", "acm")]).unwrap();
    let sources = MetadataSources::read("y.tgz", &headers, None, &RawMetadata::from_key(KEY)).unwrap();
    let named: Vec<String> = sources.customers().map(CustomerName::alias).collect();
    assert_eq!(named, ["acm", "acme oy"]);
    let key: CustomerKey = "acme-oy".parse().unwrap();
    let metadata = sources.resolve(|_| key.clone()).unwrap();
    assert_eq!(metadata.customer.as_str(), "acm");
}

#[test]
fn a_missing_field_may_wait_and_all_are_named() {
    let error = resolve(&[("network", "n")], None, "dumps/x.tgz").unwrap_err();
    assert!(error.may_wait());
    assert_eq!(error.code(), "meta_missing:customer");
    insta::assert_snapshot!(error, @"missing in object metadata, sidecar and key: customer, ticket");
}

#[test]
fn a_malformed_value_is_refused_wherever_it_stands() {
    let table = [
        (("ticket", "a b c"), "meta_invalid:ticket"),
        (("hc-id", "7"), "meta_invalid:hc_id"),
        (("country", "Finland"), "meta_invalid:country"),
        (("capture-ts", "yesterday"), "meta_invalid:capture_ts"),
        (("capture-ts", "1999-01-01 00:00:00"), "meta_invalid:capture_ts"),
        (("overwrite", "yes"), "meta_invalid:overwrite"),
        (("origin", "%ff"), "meta_invalid:origin"),
        (("network", "//"), "meta_invalid:network"),
    ];
    for (header, expected) in table {
        assert_eq!(code(&[header], None, KEY), expected);
    }
    assert_eq!(code(&[], None, "dumps/a/b/not a ticket/y.tgz"), "meta_invalid:ticket");
    assert_eq!(code(&[], Some("[1]"), KEY), "meta_invalid:sidecar");
    for sidecar in [
        r#"{"ticket": 7}"#,
        r#"{"note": [1]}"#,
        r#"{"note": {}}"#,
        r#"{"hc_id": "HC-1", "HC-ID": "HC-2"}"#,
        r#"{"hc_id": "HC-1", "hc_id": "HC-1"}"#,
        "",
        "null",
        r#"{"ticket": "CHG-1"} {}"#,
    ] {
        assert_eq!(code(&[], Some(sidecar), KEY), "meta_invalid:sidecar", "{sidecar}");
    }
    assert_eq!(code(&[], Some(r#"{"ticket": "a b"}"#), KEY), "meta_invalid:ticket");
    assert_eq!(code(&[], Some(r#"{"overwrite": "perhaps"}"#), KEY), "meta_invalid:overwrite");
    let error = resolve(&[("ticket", "a b")], None, KEY).unwrap_err();
    assert!(!error.may_wait());
    let source = std::error::Error::source(&error).unwrap();
    insta::assert_snapshot!(
        format!("{error}: {source}"),
        @r#"ticket in the object metadata is not valid: "a b" is not a ticket: 3 to 40 of A-Z 0-9 _ -, the first a letter or digit"#
    );
}

#[test]
fn a_sidecar_says_what_is_wrong_with_it_and_where() {
    let text = |content: &[u8]| RawMetadata::from_sidecar(content).unwrap_err().to_string();
    let large = format!("{{}}{}", " ".repeat(64 << 10));
    let texts = [
        &b"{\n  \"ticket\": }"[..],
        br#"{"of": {"what": 1}}"#,
        br#"{"ticket":"A","Ticket":"B"}"#,
        large.as_bytes(),
    ]
    .map(text);
    insta::assert_snapshot!(texts.join("\n"), @r#"
    the sidecar is not valid: no JSON object (line 2, column 13)
    the sidecar is not valid: not flat: "of" holds further values
    the sidecar is not valid: ticket stands twice
    the sidecar is not valid: 65538 bytes, more than the 65536 that a sidecar may have
    "#);
    let most = large.as_bytes().get(..64 << 10).unwrap();
    assert!(RawMetadata::from_sidecar(most).is_ok(), "exactly at the limit is allowed");
}

#[test]
fn a_sidecar_may_begin_with_a_byte_order_mark_and_its_values_are_plain() {
    let raw = RawMetadata::from_sidecar("\u{feff}{\"origin\": \"Hyvink%C3%A4\"}".as_bytes()).unwrap();
    assert_eq!(raw.by_name()["origin"], "Hyvink%C3%A4", "only headers are percent-encoded");
}

#[test]
fn of_three_sources_that_differ_the_highest_wins_field_by_field() {
    let key = "dumps/acme/core/CHG-3/y.tgz";
    for (header, sidecar, expected) in [
        (Some("CHG-1"), Some("CHG-2"), ("CHG-1", 1)),
        (None, Some("CHG-2"), ("CHG-2", 1)),
        (Some("CHG-1"), None, ("CHG-1", 1)),
        (None, None, ("CHG-3", 0)),
        (Some(" "), Some("chg-3"), ("CHG-3", 0)),
    ] {
        let headers: Vec<_> = header.iter().map(|ticket| ("ticket", *ticket)).collect();
        let sidecar = sidecar.map(|ticket| format!(r#"{{"ticket": "{ticket}"}}"#));
        let metadata = resolve(&headers, sidecar.as_deref(), key).unwrap();
        assert_eq!((metadata.ticket.as_str(), metadata.conflicts.len()), expected, "{header:?} {sidecar:?}");
    }
    for field in ["customer", "network"] {
        let sidecar = format!(r#"{{"{field}": "other"}}"#);
        assert_eq!(code(&[], Some(&sidecar), key), format!("meta_conflict:{field}"));
        assert_eq!(code(&[(field, "other")], Some(&sidecar), key), format!("meta_conflict:{field}"));
    }
}

#[test]
fn header_values_are_percent_encoded_utf8_and_blank_is_absent() {
    let headers = [("origin", "Hyvink%C3%A4%C3%A4"), ("hc-id", " "), ("country", "%20")];
    let metadata = resolve(&headers, None, KEY).unwrap();
    assert_eq!(metadata.origin.as_str(), "hyvinkää");
    assert_eq!((metadata.hc_id, metadata.country), (None, None));
}

#[test]
fn the_upload_s_country_counts_and_a_mismatch_is_told() {
    let [fi, se]: [Country; 2] = ["FI", "SE"].map(|text| text.parse().unwrap());
    let chosen = choose_country(Some(&fi), Some(&se));
    assert_eq!((chosen.country, chosen.mismatch), (Some(fi), true));
    let chosen = choose_country(None, Some(&se));
    assert_eq!((chosen.country, chosen.mismatch), (Some(se), false));
}

#[test]
fn keys_are_told_apart_by_their_suffix() {
    assert_eq!(classify_key("dumps/a.TGZ"), KeyKind::Archive);
    assert_eq!(classify_key("dumps/a.tar.Gz"), KeyKind::Archive);
    assert_eq!(classify_key("dumps/a.tgz.JSON"), KeyKind::Sidecar { archive: "dumps/a.tgz" });
    for key in ["dumps/a.tar", "dumps/a.json", "dumps/a.gz", "", "dumps/ä"] {
        assert_eq!(classify_key(key), KeyKind::OtherSuffix, "{key}");
    }
}

fn reads_back<T: FromStr + ToString + PartialEq>(text: &str) -> bool {
    text.parse::<T>().map_or(true, |value| value.to_string().parse::<T>().is_ok_and(|again| again == value))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_is_refused_or_reads_back(text in "(\\PC|\\s){0,40}") {
        prop_assert!(reads_back::<Ticket>(&text));
        prop_assert!(reads_back::<HcId>(&text));
        prop_assert!(reads_back::<Country>(&text));
        prop_assert!(reads_back::<CustomerName>(&text));
        prop_assert!(reads_back::<NetworkKey>(&text));
        prop_assert!(reads_back::<Origin>(&text));
        prop_assert!(reads_back::<Origin>(Origin::of_file(&text).as_str()));
        classify_key(&text);
    }

    #[test]
    fn any_metadata_gives_an_answer(
        values in prop::collection::vec(("[a-z-]{1,9}|ticket|network|hc-id", "(\\PC|%){0,20}"), 0..6),
        sidecar in prop::collection::vec(any::<u8>(), 0..40),
        key in "dumps/\\PC{0,6}/\\PC{0,6}/\\PC{0,6}/x[.]tgz",
    ) {
        let headers = values.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        if let (Ok(headers), Err(_)) = (RawMetadata::from_headers(headers), RawMetadata::from_sidecar(&sidecar))
            && let Ok(sources) = MetadataSources::read("x.tgz", &headers, None, &RawMetadata::from_key(&key)) {
            let _ = sources.resolve(CustomerName::key).map_err(|error| error.code());
        }
    }
}
