//! Keys of change files (specs: tickets 4).

use landfall_tickets::{ChangeKey, Dataset, KeyKind, key_kind};

const KEY: &str = "automations/inc/changes/2026-06-25T08-20-00.csv";

#[test]
fn a_key_tells_dataset_and_instant() {
    let key = ChangeKey::parse(KEY).unwrap();
    assert_eq!((key.dataset(), key.as_str(), key.stamp()), (Dataset::Inc, KEY, "2026-06-25T08-20-00"));
    assert_eq!(key.at().to_rfc3339(), "2026-06-25T05:20:00+00:00", "the name shows the clock of East Africa");
}

#[test]
fn a_key_tells_where_its_file_is_moved_to() {
    let key = ChangeKey::parse("automations/crq/changes/2026-06-25T08-20-00.csv").unwrap();
    assert_eq!(key.processed(), "automations/crq/processed/2026-06-25T08-20-00.csv");
    assert_eq!(
        key.processed_beside("0123456789abcdef"),
        "automations/crq/processed/2026-06-25T08-20-00.01234567.csv"
    );
}

#[test]
fn keys_of_a_dataset_order_by_time() {
    let at = |stamp: &str| ChangeKey::parse(&format!("automations/inc/changes/{stamp}.csv")).unwrap();
    let mut keys = [at("2026-10-01T00-00-00"), at("2026-09-30T23-59-59"), at("0999-12-31T00-00-00")];
    keys.sort();
    assert!(keys.is_sorted_by_key(ChangeKey::at));
}

#[test]
fn keys_of_other_shapes_are_told_apart() {
    let cases = [
        (KEY, "change"),
        ("automations/inc/changes/2024-02-29T23-59-59.csv", "change"),
        ("automations/inc/changes/2026-02-30T08-00-00.csv", "not ours"),
        ("automations/inc/changes/2026-02-29T08-00-00.csv", "not ours"),
        ("automations/inc/changes/2026-06-25T24-00-00.csv", "not ours"),
        ("automations/inc/changes/2026-06-25T08-60-00.csv", "not ours"),
        ("automations/inc/changes/2026-06-25T08-20-60.csv", "not ours"),
        ("automations/inc/changes/2026-06-25T08:20:00.csv", "not ours"),
        ("automations/inc/changes/2026-06-25T08-20-00.CSV", "not ours"),
        ("automations/inc/changes/2026-06-25T08-20-00.csv.gz", "not ours"),
        ("automations/inc/changes/+026-06-25T08-20-00.csv", "not ours"),
        ("automations/inc/changes/٢026-06-25T08-20-0.csv", "not ours"),
        ("automations/inc/changes/sub/2026-06-25T08-20-00.csv", "not ours"),
        ("automations/inc/changes/", "not ours"),
        ("automations/inc/changes/readme.txt", "not ours"),
        ("automations/crq/processed/2026-06-25T08-20-00.csv", "own output"),
        ("automations/crq/processed/2026-06-25T08-20-00.01234567.csv", "own output"),
        ("automations/prb/changes/2026-06-25T08-20-00.csv", "other feed"),
        ("Automations/inc/changes/2026-06-25T08-20-00.csv", "other feed"),
        ("dumps/acme/x.tgz", "other feed"),
        ("", "other feed"),
    ];
    for (key, wanted) in cases {
        let kind = match key_kind(key) {
            KeyKind::Change(_) => "change",
            KeyKind::NotOurs(_) => "not ours",
            KeyKind::OwnOutput(_) => "own output",
            KeyKind::OtherFeed => "other feed",
        };
        assert_eq!(kind, wanted, "{key}");
    }
}

#[test]
fn datasets_have_names() {
    assert_eq!("crq".parse(), Ok(Dataset::Crq));
    insta::assert_snapshot!("INC".parse::<Dataset>().unwrap_err(), @r#""INC" is no dataset of tickets: inc or crq"#);
}
