//! What becomes of a row, in the order of the specification (specs: tickets 5).

use landfall_tickets::{ChangeFile, Dataset, FileCounts, too_many_rejects};

use crate::reading::{Told, file, line, outline, raw_values, read, ticket};

/// How the only row of a file ends: `kept`, `alarm`, `sentinel`, or the reason of its reject.
fn end(row: &str) -> String {
    let (told, counts) = read(file(&[row])).unwrap();
    assert_eq!(counts.rows_read, counts.sentinel + counts.rejected + counts.alarm + counts.kept);
    assert_eq!(counts.rows_read, 1);
    assert_eq!(counts.truncated, counts.sentinel > 0);
    match (counts.sentinel, counts.rejected, counts.alarm, counts.kept) {
        (1, 0, 0, 0) => "sentinel".to_owned(),
        (0, 1, 0, 0) => told.0[0].split([' ', ':']).nth(1).unwrap().to_owned(),
        (0, 0, 1, 0) => "alarm".to_owned(),
        (0, 0, 0, 1) => "kept".to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn test_18_a_sentinel_is_dropped_whatever_its_fields() {
    let padded = format!("  export stopped - upstream timeout{}", ",".repeat(31));
    for row in
        ["EXPORT STOPPED: row limit reached at 500 rows", &padded, ",,\"Export Stopped\"", "EXPORT STOPPED"]
    {
        assert_eq!(end(row), "sentinel", "{row}");
    }
    // Only the first cell with something in it tells.
    assert_eq!(end("x,EXPORT STOPPED"), "field_count");
    assert_eq!(end("EXPORT STOPPE"), "field_count");
    assert_eq!(end(&line(&[("ticket_id", "INC000001"), ("owner", "EXPORT STOPPED")])), "kept");
}

#[test]
fn test_16_a_row_of_three_fields_is_refused_and_the_others_are_kept() {
    let text = file(&[&ticket("INC000001"), "INC000002,remedy,too short", &ticket("INC000003")]);
    insta::assert_snapshot!(outline(text).join("\n"), @r"
    2 INC000001 [-] [-]
    3 field_count: INC000002,remedy,too short
    4 INC000003 [-] [-]
    ");
}

#[test]
fn test_22_ids_are_trimmed_and_in_upper_case_and_of_the_right_dataset() {
    let cases = [
        ("INC000001", "kept"),
        ("  inc000001 ", "kept"),
        ("INC123456789012345", "kept"),
        ("", "missing_ticket_id"),
        ("   ", "missing_ticket_id"),
        ("INC00001", "bad_ticket_id"),
        ("INC1234567890123456", "bad_ticket_id"),
        ("INC00000x", "bad_ticket_id"),
        ("INC 000001", "bad_ticket_id"),
        ("INC٠٠٠٠٠٠", "bad_ticket_id"),
        ("PRB000001", "bad_ticket_id"),
        ("CRQ000001", "wrong_dataset"),
        ("crq000001", "wrong_dataset"),
        ("CRQ00001", "bad_ticket_id"),
    ];
    for (id, wanted) in cases {
        assert_eq!(end(&ticket(id)), wanted, "{id:?}");
    }
    assert_eq!(outline(file(&[&ticket(" inc000001")])), ["2 INC000001 [-] [-]"]);
    assert_eq!(raw_values(file(&[&ticket(" inc000001")]))["ticket_id"], "inc000001");
}

#[test]
fn the_other_dataset_takes_the_other_ids() {
    let (mut crq, mut told) = (ChangeFile::new(Dataset::Crq), Told::default());
    crq.push(file(&[&ticket("CRQ000001"), &ticket("INC000001")]).as_bytes(), &mut told).unwrap();
    let counts = crq.finish(&mut told).unwrap();
    assert_eq!((counts.kept, counts.rejected), (1, 1));
}

#[test]
fn test_19_alarms_are_dropped() {
    for (value, wanted) in [
        ("true", "alarm"),
        ("TRUE", "alarm"),
        (" t ", "alarm"),
        ("1", "alarm"),
        ("Yes", "alarm"),
        ("y", "alarm"),
        ("false", "kept"),
        ("", "kept"),
        ("0", "kept"),
        ("2", "kept"),
        ("truee", "kept"),
    ] {
        assert_eq!(end(&line(&[("ticket_id", "INC000001"), ("is_alarm", value)])), wanted, "{value:?}");
    }
}

#[test]
fn what_comes_first_decides() {
    let alarm = |id| line(&[("ticket_id", id), ("is_alarm", "true")]);
    assert_eq!(end(&alarm("x")), "bad_ticket_id");
    assert_eq!(end(&alarm("CRQ000001")), "wrong_dataset");
    assert_eq!(end(&alarm("export stopped")), "sentinel");
    assert_eq!(end(&line(&[("ticket_id", ""), ("owner", "a\0b")])), "nul_character");
}

#[test]
fn a_row_with_a_nul_character_is_refused_because_the_database_cannot_hold_it() {
    let text = file(&[&line(&[("ticket_id", "INC000001"), ("owner", "a\0b")])]);
    let (told, _) = read(text).unwrap();
    assert!(told.0[0].contains("a\u{fffd}b"), "{told:?}");
}

#[test]
fn a_reject_keeps_a_bounded_text_of_its_line() {
    let (told, _) = read(file(&[&"é".repeat(5000)])).unwrap();
    assert_eq!(told.0[0], format!("2 field_count: {}", "é".repeat(2048)));
}

#[test]
fn a_reject_over_several_lines_keeps_them() {
    assert_eq!(outline(file(&["a,\"b\nc\""])), ["2 field_count: a,\"b\nc\""]);
}

#[test]
fn test_21_all_rows_of_a_ticket_are_given_with_their_lines() {
    let text = file(&[&ticket("INC000001"), &ticket("INC000002"), &ticket("inc000001")]);
    assert_eq!(outline(text), ["2 INC000001 [-] [-]", "3 INC000002 [-] [-]", "4 INC000001 [-] [-]"]);
}

#[test]
fn test_23_raw_values_are_trimmed_and_nothing_else() {
    let row = line(&[
        ("ticket_id", "INC000001"),
        ("region", "  NAIROBI  EAST "),
        ("mttr", "  "),
        ("owner", "\"a\tb\""),
    ]);
    let raw = raw_values(file(&[&row]));
    assert_eq!(raw["region"], "NAIROBI  EAST");
    assert_eq!(raw["owner"], "a\tb");
    assert!(raw["mttr"].is_null() && raw["cluster"].is_null());
    assert_eq!(raw.as_object().unwrap().len(), 32);
}

#[test]
fn raw_values_of_all_characters_are_json() {
    let odd: String = (1..0x500).filter_map(char::from_u32).collect();
    let quoted = format!("\"x{}x\"", odd.replace('"', "\"\""));
    let raw = raw_values(file(&[&line(&[("ticket_id", "INC000001"), ("owner", &quoted)])]));
    assert_eq!(raw["owner"], format!("x{odd}x"));
}

#[test]
fn test_17_a_file_with_too_many_rejects_fails() {
    let of = |rejected, rows_read| {
        too_many_rejects(&FileCounts { rejected, rows_read, ..FileCounts::default() }).map(|e| e.to_string())
    };
    insta::assert_snapshot!(of(11, 100).unwrap(), @"11 of 100 rows are refused: more than 10, and more than 5 % (too_many_rejects)");
    assert_eq!(of(3, 38), None);
    assert_eq!(of(10, 10), None, "ten are always allowed");
    assert_eq!(of(50, 1000), None, "5 % is not more than 5 %");
    assert!(of(51, 1000).is_some());
}
