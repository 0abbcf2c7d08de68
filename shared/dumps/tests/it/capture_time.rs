//! Capture times from names, logs and the upload (specs: dumps 2.7, 3.4).
#![expect(clippy::unwrap_used, reason = "tests")]

use chrono::{DateTime, SecondsFormat, Utc};
use landfall_dumps::capture_time::{
    Clues, FirstLines, Precision, Source, Window, choose, find_timestamp, first_in_name, first_position,
    without_times,
};
use landfall_dumps::values::timestamp;
use proptest::prelude::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn window() -> Window {
    Window::of_upload(at("2025-01-18T12:00:00Z"))
}

fn shown(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn in_name(name: &str) -> String {
    first_in_name(name, window()).map_or("-".to_owned(), |found| {
        format!("{:?} {} {}", found.form, found.time.format("%F %T"), found.precision())
    })
}

#[test]
fn test_ts_from_name_reads_every_form() {
    let table = [
        ("D_20250118-031407", "F1 2025-01-18 03:14:07 second"),
        ("D_20250118T031407", "F1 2025-01-18 03:14:07 second"),
        ("D_20250118031407", "F1 2025-01-18 03:14:07 second"),
        ("D_2025-01-18_03-14-07", "F2 2025-01-18 03:14:07 second"),
        ("D_2025-01-18 03:14:07", "F2 2025-01-18 03:14:07 second"),
        ("D_2025-01-18-03.14.07", "F2 2025-01-18 03:14:07 second"),
        ("D_2025-01-18T031407", "F2 2025-01-18 03:14:07 second"),
        ("D_20250118_0314", "F3 2025-01-18 03:14:00 minute"),
        ("D_250118-031407", "F4 2025-01-18 03:14:07 second"),
        ("D_250118031407", "F4 2025-01-18 03:14:07 second"),
        ("D_1737170047", "F5 2025-01-18 03:14:07 second"),
        ("D_2025-01-18", "F6 2025-01-18 00:00:00 day"),
        ("D_2025_01_18", "F6 2025-01-18 00:00:00 day"),
        ("D_20250118", "F6 2025-01-18 00:00:00 day"),
        ("example_nested_chain_act_240118", "F7 2024-01-18 00:00:00 day"),
    ];
    for (name, expected) in table {
        assert_eq!(in_name(name), expected, "{name}");
    }
}

#[test]
fn test_ts_from_name_digits_around_a_match_and_impossible_dates_fail_a_form() {
    let table = [
        ("120250118-031407", "-"),
        ("x20250118-0314075", "F6 2025-01-18 00:00:00 day"),
        ("20250118-03140", "F6 2025-01-18 00:00:00 day"),
        ("20251318-031407", "-"),
        ("20250118-250000", "F6 2025-01-18 00:00:00 day"),
        ("20250118250000", "-"),
        ("20250118-0360", "F6 2025-01-18 00:00:00 day"),
        ("2025-01-18-99", "F6 2025-01-18 00:00:00 day"),
        ("2025_01-18", "-"),
        ("20230229", "-"),
        ("20240229", "F6 2024-02-29 00:00:00 day"),
        ("2737170047", "-"),
        ("17371700471", "-"),
        ("991231", "-"),
        ("19991231-235959", "-"),
        ("250118x", "F7 2025-01-18 00:00:00 day"),
        ("site123456_250118", "F7 2025-01-18 00:00:00 day"),
        ("", "-"),
    ];
    for (name, expected) in table {
        assert_eq!(in_name(name), expected, "{name}");
    }
}

#[test]
fn forms_go_before_positions_and_leftmost_wins_within_a_form() {
    assert_eq!(in_name("240118_20250118-031407"), "F1 2025-01-18 03:14:07 second");
    assert_eq!(in_name("20240101-000000_20250118-031407"), "F1 2024-01-01 00:00:00 second");
    assert_eq!(first_position("240118_20250118-031407"), Some(0));
}

#[test]
fn test_ts_from_name_takes_no_time_later_than_48_hours_after_the_upload() {
    assert_eq!(in_name("20250120-120000"), "F1 2025-01-20 12:00:00 second");
    assert_eq!(in_name("20250120120001"), "-");
    assert_eq!(in_name("20250121_20250117"), "F6 2025-01-17 00:00:00 day");
    assert_eq!(in_name("20990101"), "-");
}

#[test]
fn a_time_stamp_is_found_inside_a_line() {
    let find = |line: &str| find_timestamp(line.as_bytes(), |_| true).map_or("-".to_owned(), shown);
    assert_eq!(find("1  CR  LOS-P  2025-01-18 02:11:09   Incoming"), "2025-01-18T02:11:09.000Z");
    assert_eq!(find("\u{1b}[0m2025-01-18 02:11:09.250 [NEA]"), "2025-01-18T02:11:09.250Z");
    assert_eq!(find("at 2025-01-18 02:11:09."), "2025-01-18T02:11:09.000Z");
    assert_eq!(find("2025-13-18 02:11:09, then 18/01/2025 02:11:10"), "2025-01-18T02:11:10.000Z");
    assert_eq!(find("at 2025-01-18 02:11:09.1234567, 2025-01-18 02:11:10"), "2025-01-18T02:11:10.000Z");
    assert_eq!(find("no time"), "-");
    let broken = b"\xff2025-01-18\t02:11:09 \xc3";
    assert_eq!(find_timestamp(broken, |_| true).map(shown).as_deref(), Some("2025-01-18T02:11:09.000Z"));
}

fn scanned(bytes: &[u8], chunk: usize) -> Option<DateTime<Utc>> {
    let mut scan = FirstLines::new(window());
    bytes.chunks(chunk).for_each(|part| scan.push(part));
    scan.finish()
}

#[test]
fn the_first_valid_time_of_the_first_twenty_lines_is_noted() {
    let line = "2025-01-18 03:14:07 x\r\n";
    let found = Some(at("2025-01-18T03:14:07Z"));
    assert_eq!(scanned(format!("{}{line}", "head\n".repeat(19)).as_bytes(), 7), found);
    assert_eq!(scanned(format!("{}{line}", "head\n".repeat(20)).as_bytes(), 7), None);
    assert_eq!(scanned(b"2090-01-01 00:00:00\n2025-01-18 03:14:07", 1), found, "future, then no line end");
}

#[test]
fn an_overlong_line_is_dropped_but_counted() {
    let long = format!("{} 2025-01-18 03:14:07\n", "x".repeat(8_192));
    assert_eq!(scanned(long.as_bytes(), 1_000), None);
    let next = format!("{long}2025-01-18 03:14:08");
    assert_eq!(scanned(next.as_bytes(), 1_000), Some(at("2025-01-18T03:14:08Z")));
    assert_eq!(scanned(format!("{}{next}", "\n".repeat(19)).as_bytes(), 1_000), None);
}

#[test]
fn metadata_wins_over_names_over_logs_over_the_upload() {
    let mut clues = Clues {
        meta: Some(at("2025-01-16T01:02:03.0045Z")),
        names: vec!["outer_250117", "inner_20250116-000000"],
        logs: vec![at("2025-01-15T00:00:00Z")],
    };
    let chosen = choose(&clues, window());
    assert_eq!((shown(chosen.time).as_str(), chosen.source), ("2025-01-16T01:02:03.004Z", Source::Meta));
    clues.meta = Some(at("2025-01-20T12:00:01Z"));
    let chosen = choose(&clues, window());
    assert_eq!((chosen.source, chosen.precision), (Source::Name, Precision::Day));
    assert_eq!(
        chosen.time,
        at("2025-01-17T00:00:00Z"),
        "the outer name goes first, even with a coarser form"
    );
    clues.names = vec!["outer"];
    assert_eq!(choose(&clues, window()).source, Source::Log);
    clues.logs.clear();
    let chosen = choose(&clues, window());
    assert_eq!((chosen.time, chosen.source), (window().uploaded_at(), Source::Upload));
    insta::assert_snapshot!(
        serde_json::to_string(&chosen).unwrap(),
        @r#"{"capture_ts":"2025-01-18T12:00:00Z","capture_precision":"second","capture_ts_source":"upload"}"#
    );
}

#[test]
fn times_are_cut_out_of_a_name() {
    assert_eq!(without_times("GMRE_20250118-031407_a_250118"), "GMRE__a_");
    assert_eq!(without_times("plain_123"), "plain_123");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_is_searched_without_panic(text in "\\PC{0,60}") {
        if let Some(found) = first_in_name(&text, window()) {
            prop_assert!(text.get(found.start..found.start + found.length).is_some());
        }
        without_times(&text);
        timestamp(&text);
    }

    #[test]
    fn digits_and_separators_are_searched_without_panic(text in "[0-9:/TZ., +_-]{0,40}") {
        first_in_name(&text, window());
        timestamp(&text);
        prop_assert!(without_times(&text).len() <= text.len());
    }

    #[test]
    fn a_written_time_stamp_reads_back(millis in 946_684_800_000_i64..4_102_444_800_000) {
        let time = DateTime::from_timestamp_millis(millis).unwrap();
        prop_assert_eq!(timestamp(&shown(time)), Some(time));
        let day_first = time.format("%d/%m/%Y %H:%M:%S,%3f").to_string();
        prop_assert_eq!(timestamp(&day_first), Some(time));
    }

    #[test]
    fn chunks_do_not_change_what_a_scan_finds(text in "(a{0,3}|\n|2025-01-18 03:14:0[0-9]|\\PC{0,5}){0,40}", chunk in 1_usize..9) {
        prop_assert_eq!(scanned(text.as_bytes(), chunk), scanned(text.as_bytes(), 4_096));
    }
}
