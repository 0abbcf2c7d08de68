//! A whole file: what is told of it, and when.

use landfall_domain::{Classify, Disposition};
use landfall_tickets::{ChangeFile, Dataset};

use crate::reading::{Told, file, line, read, ticket};

#[test]
fn rows_are_given_with_raw_values_and_the_keys_of_their_place() {
    let row = line(&[
        ("ticket_id", "INC000001"),
        ("cluster", " QOA"),
        ("location_name", "KE-NRB-4411 - Kwetu Homes"),
        ("is_alarm", "false"),
    ]);
    let (told, counts) = read(file(&[&row])).unwrap();
    insta::assert_snapshot!(told.0.join("\n").replace('\t', " "), @r#"2 INC000001 [qoa] [kwetu homes] {"mttr":null,"owner":null,"bucket":null,"region":null,"cluster":"QOA","is_alarm":"false","latitude":null,"week_end":null,"closed_at":null,"longitude":null,"ticket_id":"INC000001","department":null,"raw_status":null,"sla_status":null,"week_start":null,"source_type":null,"last_seen_at":null,"scheduled_at":null,"service_type":null,"assigned_team":null,"first_seen_at":null,"is_actionable":null,"location_name":"KE-NRB-4411 - Kwetu Homes","source_s3_key":null,"is_auto_closed":null,"is_auto_created":null,"source_s3_bucket":null,"normalized_status":null,"source_created_at":null,"source_updated_at":null,"created_at_service":null,"source_snapshot_id":null}"#);
    insta::assert_json_snapshot!(counts, @r#"
    {
      "rows_read": 1,
      "sentinel": 0,
      "rejected": 0,
      "alarm": 0,
      "kept": 1,
      "truncated": false,
      "schema_drift": []
    }
    "#);
}

#[test]
fn a_row_is_given_as_soon_as_its_line_ends() {
    let (mut file_read, mut told) = (ChangeFile::new(Dataset::Inc), Told::default());
    let text = file(&[&ticket("INC000001")]);
    let (line_without_end, end) = text.split_at(text.len() - 1);
    file_read.push(line_without_end.as_bytes(), &mut told).unwrap();
    assert_eq!((told.0.len(), file_read.counts().kept), (0, 0));
    file_read.push(end.as_bytes(), &mut told).unwrap();
    assert_eq!((told.0.len(), file_read.counts().kept), (1, 1));
}

#[test]
fn a_file_that_fails_is_quarantined_as_file_failed() {
    let error = read("nothing").unwrap_err();
    assert_eq!((error.disposition(), error.code()), (Disposition::Quarantine, "file_failed"));
    assert_eq!((error.line, error.column, error.rule.as_str()), (Some(1), None, "column_missing"));
}
