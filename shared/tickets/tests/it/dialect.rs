//! The CSV dialect (specs: tickets 3).

use landfall_tickets::COLUMNS;
use landfall_tickets::csv::MAX_RECORD_BYTES;

use crate::reading::{file, header, line, outline, raw_values, read, read_pieces, ticket};

const ID: &str = "INC000001";

fn refused(bytes: impl AsRef<[u8]>) -> String {
    read(bytes).unwrap_err().to_string()
}

#[test]
fn test_14_columns_in_another_order_a_byte_order_mark_and_crlf_change_nothing() {
    let plain = file(&[&line(&[("ticket_id", ID), ("cluster", "Thika"), ("owner", "A. Wanjiru")])]);
    let mut columns = COLUMNS;
    columns.reverse();
    let turned = |text: &str| text.split(',').rev().collect::<Vec<_>>().join(",");
    let other: Vec<String> = plain.lines().map(turned).collect();
    let other = format!("\u{feff}{}\r\n", other.join("\r\n"));
    assert_eq!(outline(&plain), outline(&other));
    assert_eq!(raw_values(&plain), raw_values(&other));
}

#[test]
fn names_of_columns_compare_trimmed_and_in_lower_case() {
    let text = file(&[&ticket(ID)]).replacen("ticket_id,source_type", " Ticket_ID ,\"SOURCE_TYPE\"", 1);
    assert_eq!(raw_values(text)["ticket_id"], ID);
}

#[test]
fn test_13_a_header_that_lacks_columns_fails_the_file_and_names_them() {
    let text = file(&[]).replace("is_alarm,", "").replace("mttr,", "");
    insta::assert_snapshot!(refused(text), @"line 1: the header lacks is_alarm, mttr (column_missing)");
}

#[test]
fn a_column_that_stands_twice_fails_the_file() {
    let text = format!("{},Owner \n", header());
    insta::assert_snapshot!(refused(text), @r#"line 1: column "owner" stands twice (column_twice)"#);
}

#[test]
fn columns_beside_the_known_ones_are_kept_and_counted() {
    let text = format!("{},Severity,\n{},2,x\n", header(), ticket(ID));
    let (_, counts) = read(&text).unwrap();
    assert_eq!(counts.schema_drift, ["severity", "column_34"]);
    let raw = raw_values(text);
    assert_eq!((&raw["severity"], &raw["column_34"]), (&"2".into(), &"x".into()));
    assert_eq!(raw.as_object().unwrap().len(), 34);
}

#[test]
fn a_file_without_a_header_fails() {
    for nothing in ["", "\n\n", "\u{feff}", " \r\n"] {
        assert_eq!(refused(nothing), "the file has no header (header_missing)");
    }
}

#[test]
fn a_file_of_a_header_alone_is_valid() {
    let (told, counts) = read(header()).unwrap();
    assert_eq!((told.0.len(), counts.rows_read), (0, 0));
}

#[test]
fn blank_lines_are_skipped_and_not_counted_but_number_the_lines() {
    let text = format!("\n{}\n\r\n  \n{}\n\n\n{}\n\n", header(), ticket(ID), ticket("INC000002"));
    assert_eq!(outline(&text), ["5 INC000001 [-] [-]", "8 INC000002 [-] [-]"]);
    assert_eq!(read(text).unwrap().1.rows_read, 2);
}

#[test]
fn test_15_commas_quotes_and_line_ends_in_quotes_are_part_of_the_value() {
    let name = "\"Greenspan Mall, Shop \"\"G-12\"\"\nGround floor\"";
    let text = file(&[&line(&[("ticket_id", ID), ("location_name", name)]), &ticket("INC000002")]);
    let (told, _) = read(&text).unwrap();
    assert!(told.0[1].starts_with("4 INC000002"), "lines within quotes are lines: {told:?}");
    let first = file(&[&line(&[("ticket_id", ID), ("location_name", name)])]);
    assert_eq!(raw_values(first)["location_name"], "Greenspan Mall, Shop \"G-12\"\nGround floor");
}

#[test]
fn a_file_that_ends_inside_quotes_fails_with_the_line_of_its_record() {
    let text = format!("{}\n{}\nINC000002,\"never closed\nand on\n", header(), ticket(ID));
    insta::assert_snapshot!(refused(text), @"line 3: the file ends inside a quoted field of the record that begins here (open_quote)");
}

#[test]
fn a_closed_quote_at_the_very_end_is_no_open_one() {
    let text = format!("{}\n{}\"snap\"", header(), ticket(ID));
    assert_eq!(raw_values(text)["source_snapshot_id"], "snap");
}

#[test]
fn bytes_that_are_not_utf8_fail_the_file_with_line_and_column() {
    let mut bytes = file(&[&ticket(ID)]).into_bytes();
    bytes.extend_from_slice(b"INC000002,\"\xc3\xa9\n\xc3\xa9a\xff\",");
    insta::assert_snapshot!(refused(&bytes), @"line 4, column 3: the bytes are not UTF-8 (not_utf8)");
    // Half a character before a comma, half behind it.
    let mut bytes = file(&[]).into_bytes();
    bytes.extend_from_slice(b"INC000002,a\xc3,\xa9\n");
    insta::assert_snapshot!(refused(&bytes), @"line 2, column 12: the bytes are not UTF-8 (not_utf8)");
    assert_eq!(refused(b"\xef\xbb"), "line 1, column 1: the bytes are not UTF-8 (not_utf8)");
}

#[test]
fn a_record_beyond_the_limit_fails_the_file_however_it_comes() {
    let endless = format!("{}\n{}\"{}", file(&[]).trim_end(), ticket(ID), "x\n".repeat(MAX_RECORD_BYTES));
    let whole = refused(&endless);
    insta::assert_snapshot!(whole, @"line 2: the record that begins here is longer than 1048576 bytes: is a quote missing? (record_too_long)");
    let pieces: Vec<&[u8]> = endless.as_bytes().chunks(1000).collect();
    assert_eq!(read_pieces(&pieces).unwrap_err().to_string(), whole);
}

#[test]
fn a_long_record_below_the_limit_is_read() {
    let owner = "x".repeat(MAX_RECORD_BYTES - 100);
    let text = file(&[&line(&[("ticket_id", ID), ("owner", &owner)])]);
    assert_eq!(raw_values(text)["owner"].as_str().unwrap().len(), owner.len());
}

#[test]
fn a_record_of_very_many_fields_is_one_reject() {
    let text = file(&[&",".repeat(100_000), &ticket(ID)]);
    let (told, counts) = read(text).unwrap();
    assert_eq!((counts.rejected, counts.kept), (1, 1));
    assert!(told.0[0].starts_with("2 field_count: ,,,"));
}
