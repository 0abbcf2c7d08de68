//! The time guard: rows T0 to T7, and the worked examples.
#![expect(clippy::unwrap_used, reason = "tests")]

use landfall_dumps::guard::{DumpStatus, StoredDump, Upload, Verdict};

use super::scene::{judged, shown, stamp, stored, upload, upload_as};

/// The stored dump of the worked examples, with this origin.
fn existing(id: i64, time: &str, origin: &str) -> StoredDump {
    StoredDump { capture: stamp(time), origin: origin.parse().unwrap(), ..stored(id, "T-1") }
}

fn at_three() -> StoredDump {
    existing(1, "2025-01-18 03:00:00", "a")
}

fn new(time: &str, origin: &str, overwrite: bool) -> Upload {
    Upload { capture: stamp(time), origin: origin.parse().unwrap(), overwrite, ..upload() }
}

fn both(time: &str, origin: &str, dumps: &[StoredDump]) -> [String; 2] {
    [false, true].map(|overwrite| shown(&judged(&new(time, origin, overwrite), None, dumps)))
}

#[test]
fn every_row_and_every_worked_example_has_its_verdict() {
    let warned =
        |text: &str| [format!("{text} W_SAME_DAY_OTHER_ORIGIN"), format!("{text} W_SAME_DAY_OTHER_ORIGIN")];
    let same = |text: &str| [text.to_owned(), text.to_owned()];
    let replaces = |row: &str| [format!("{row} REJECT within_6h"), format!("{row} OVERWRITE 1")];
    let older = |row: &str| [format!("{row} REJECT within_6h"), format!("{row} REJECT older_snapshot")];
    let table = [
        ("2025-01-18 08:59:59", "a", replaces("T1")),
        ("2025-01-18 09:00:00", "a", same("T3 CREATE 2")),
        ("2025-01-18 04:00:00", "b", warned("T2 CREATE 2")),
        ("2025-01-18 23:00:00", "b", warned("T4 CREATE 2")),
        ("2025-01-17 22:00:00", "a", older("T5")),
        ("2025-01-17 22:00:00", "b", same("T6 CREATE 1")),
        ("2025-01-18", "a", replaces("T1")),
        ("2025-01-18", "b", warned("T2 CREATE 2")),
        ("2025-01-19", "a", same("T7 CREATE 1")),
        ("2025-01-17 21:00:00", "a", same("T7 CREATE 1")),
        ("2025-01-17 21:00:01", "a", older("T5")),
        ("2025-01-18 02:00:00", "a", older("T1")),
        ("2025-01-20 03:00:00", "b", same("T7 CREATE 1")),
    ];
    for (time, origin, expected) in table {
        assert_eq!(both(time, origin, &[at_three()]), expected, "{time} {origin}");
    }
    assert_eq!(both("2025-01-18 04:00:00", "a", &[]), same("T0 CREATE 1"));
    let evening = existing(1, "2025-01-17 22:00:00", "a");
    assert_eq!(both("2025-01-18 01:00:00", "a", &[evening]), replaces("T5"), "across midnight, newer");
}

#[test]
fn a_stored_date_counts_as_within_6h_on_its_day_only() {
    let dated = existing(1, "2025-01-18", "a");
    assert_eq!(both("2025-01-18 23:00:00", "a", std::slice::from_ref(&dated))[0], "T1 REJECT within_6h");
    assert_eq!(both("2025-01-17 18:00:00", "a", std::slice::from_ref(&dated))[0], "T7 CREATE 1");
    assert_eq!(both("2025-01-17 18:00:01", "a", &[dated])[0], "T5 REJECT within_6h");
}

#[test]
fn only_compared_dumps_stand_in_the_way() {
    let failed = StoredDump { status: DumpStatus::Failed, ..at_three() };
    assert_eq!(both("2025-01-18 04:00:00", "a", &[failed])[0], "T0 CREATE 2", "but its number is taken");
    let apart = StoredDump { nes: ["NE2".parse().unwrap()].into(), ..at_three() };
    assert_eq!(both("2025-01-18 04:00:00", "a", &[apart])[0], "T0 CREATE 2");
    let running = StoredDump { status: DumpStatus::Running, ..at_three() };
    assert_eq!(both("2025-01-18 04:00:00", "a", &[running])[0], "T1 REJECT within_6h");
}

#[test]
fn dumps_of_the_same_origin_are_looked_at_first() {
    let dumps = [existing(1, "2025-01-18 03:59:59", "b"), existing(2, "2025-01-18 08:00:00", "a")];
    assert_eq!(both("2025-01-18 04:00:00", "a", &dumps)[0], "T1 REJECT within_6h");
    let dumps = [existing(1, "2025-01-18 12:00:00", "b"), existing(2, "2025-01-18 03:00:00", "a")];
    assert_eq!(both("2025-01-18 13:00:00", "a", &dumps)[0], "T2 CREATE 2 W_SAME_DAY_OTHER_ORIGIN");
}

#[test]
fn of_several_the_nearest_then_the_newest_is_replaced() {
    let dumps = [
        existing(1, "2025-01-18 01:00:00", "a"),
        existing(3, "2025-01-18 03:00:00", "a"),
        existing(2, "2025-01-18 03:00:00", "a"),
    ];
    assert_eq!(both("2025-01-18 04:00:00", "a", &dumps)[1], "T1 OVERWRITE 3");
}

#[test]
fn the_snapshot_number_counts_the_day_over_all_origins() {
    let seq = |id, time, origin, snapshot_seq| StoredDump { snapshot_seq, ..existing(id, time, origin) };
    let dumps = [
        seq(1, "2025-01-18 03:00:00", "a", 1),
        seq(2, "2025-01-18 23:59:59", "b", 4),
        seq(3, "2025-01-19 00:00:00", "b", 9),
    ];
    assert_eq!(both("2025-01-18 12:00:00", "a", &dumps)[0], "T4 CREATE 5 W_SAME_DAY_OTHER_ORIGIN");
}

#[test]
fn a_dump_of_a_health_check_is_replaced_only_under_it() {
    let with = |links: &str, new_link: &str| {
        let dump = StoredDump { capture: stamp("2025-01-18 08:00:00"), ..stored(1, links) };
        shown(&judged(&upload_as(new_link, true), None, &[dump]))
    };
    assert_eq!(with("T-1/HC-1", "T-1"), "T1 REJECT hc_protected");
    assert_eq!(with("T-1/HC-1", "T-1/HC-2"), "T1 REJECT hc_protected");
    assert_eq!(with("T-1/HC-1", "T-1/HC-1"), "H2 OVERWRITE 1");
    assert_eq!(with("T-1", "T-1"), "T1 OVERWRITE 1");
    assert_eq!(with("T-1", "T-2"), "T1 OVERWRITE 1 +T-2/none");
    assert_eq!(with("T-1", "T-2/HC-1"), "T1 OVERWRITE 1 +T-2/HC-1");
    assert_eq!(with("T-1", "T-1/HC-1"), "T1 OVERWRITE 1 T-1/none->HC-1");
}

#[test]
fn the_refusal_says_how_to_replace_the_dump() {
    let judgement = judged(&new("2025-01-18 04:00:00", "a", false), None, &[at_three()]);
    let Verdict::Reject { text, .. } = judgement.verdict else { panic!("not refused") };
    insta::assert_snapshot!(text, @"dump 1 of origin a was captured at 2025-01-18 03:00:00 UTC, less than 6 h apart; overwrite=true replaces it");
}
