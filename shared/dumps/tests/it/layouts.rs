//! Tables and blocks in the cases that no sample shows (specs: dumps 3.6 to 3.8).

use landfall_dumps::plugins::{ParseContext, Registry};
use serde_json::Value;

/// The chosen fields of each record, then outcome and warnings.
fn parse(plugin: &str, text: &str, fields: &[&str]) -> String {
    let parsed = Registry::production()
        .unwrap()
        .plugin(plugin)
        .unwrap()
        .parse(text.as_bytes(), &ParseContext::default());
    let mut out = String::new();
    for record in &parsed.records {
        let record: Value = serde_json::to_value(record).unwrap();
        let values: Vec<String> = fields.iter().map(|field| record[field].to_string()).collect();
        out.push_str(&values.join(" | "));
        out.push('\n');
    }
    let warnings: Vec<String> = parsed.warnings.iter().map(ToString::to_string).collect();
    format!("{out}{} {}", parsed.outcome, warnings.join(" "))
}

const LSP: [&str; 4] = ["lsp_name", "from_node", "to_node", "label"];
const ALARM: [&str; 5] = ["alarm_id", "aid", "condition", "severity", "description"];

#[test]
fn a_table_without_a_ruler_takes_its_columns_from_the_labels() {
    insta::assert_snapshot!(
        parse("lsp", "  LSP Name   From       To         Label\n==========================\n  a b        10.0.0.1   hel core   9330\n", &LSP),
        @r#"
        "a b" | "10.0.0.1" | "HEL_CORE" | "9330"
        ok
        "#
    );
}

#[test]
fn columns_count_in_characters_not_bytes() {
    insta::assert_snapshot!(
        parse("lsp", "LSP Name   From       To         Label\nåäö-1      10.0.0.1   ÅBO        9330\n", &LSP),
        @r#"
        "åäö-1" | "10.0.0.1" | "ÅBO" | "9330"
        ok
        "#
    );
}

#[test]
fn a_shifted_row_is_split_by_blanks_where_no_text_column_forbids_it() {
    insta::assert_snapshot!(
        parse("lsp", "LSP Name   From       To         Label\nVERY-LONG-NAME 10.0.0.1 10.0.0.2 9330\nVERY-LONG-NAME 10.0.0.1 10.0.0.2\n", &LSP),
        @r#"
        "VERY-LONG-NAME" | "10.0.0.1" | "10.0.0.2" | "9330"
        partial W_BAD_ROW@3
        "#
    );
    insta::assert_snapshot!(
        parse("alarm_state", "Id  Sev  Condition  AID   Description\n1   CR   LOS        1-2   x\n1234567 CR LOS 1-3 text\n12345  MJ  LOF  1-4  two words\n", &ALARM),
        @r#"
        1 | "1-2" | "LOS" | "CR" | "x"
        12345 | "1-4" | "LOF" | "MJ" | "two words"
        partial W_BAD_ROW@3
        "#
    );
}

#[test]
fn wrapped_cells_join_by_their_kind_and_orphans_are_told() {
    insta::assert_snapshot!(
        parse(
            "alarm_state",
            "\
Id  Sev  Condition  AID       Description
1   CR   LOS-       11QPA4-   first
         PAYLOAD    1-2
                              second
2   MJ   LOF        1-4       x
         A          B         three cells

         orphan
",
            &ALARM
        ),
        @r#"
        1 | "11QPA4-1-2" | "LOS-PAYLOAD" | "CR" | "first second"
        2 | "1-4" | "LOF" | "MJ" | "x"
        partial W_BAD_ROW@6 W_BAD_ROW@8
        "#
    );
}

#[test]
fn a_long_first_cell_without_its_row_misses_its_fields() {
    insta::assert_snapshot!(
        parse("lsp", "LSP Name   From       To         Label\nLONG-NAME-ALONE\n\n           10.0.0.1   10.0.0.2   9330\nLONG-NAME-2\n           10.0.0.1   10.0.0.2   9331\nLSPs : 3\n", &LSP),
        @r#"
        "LONG-NAME-2" | "10.0.0.1" | "10.0.0.2" | "9331"
        partial W_MISSING_FIELD@2 W_BAD_ROW@4
        "#
    );
}

#[test]
fn notifications_do_not_end_a_row() {
    insta::assert_snapshot!(
        parse("lsp", "LSP Name   From       To         Label\nLONG-NAME-ALONE\n*** NOTIFICATION 1: x\n           10.0.0.1   10.0.0.2   9330\n", &LSP),
        @r#"
        "LONG-NAME-ALONE" | "10.0.0.1" | "10.0.0.2" | "9330"
        ok
        "#
    );
}

#[test]
fn the_first_value_of_a_field_wins_and_lost_values_take_their_continuation_along() {
    insta::assert_snapshot!(
        parse(
            "alarm_state",
            "\
Severity : before the first block is ignored
Alarm Id : 1
  Severity = critical
  Condition : LOS
  AID : 1-2
  Unknown key : x
                goes with it
  Description : one
                two
  Descr : three
          lost with its key
 not indented enough
-----
  Description :
Alarm Id : 2
",
            &ALARM
        ),
        @r#"
        1 | "1-2" | "LOS" | "CR" | "one two"
        partial W_UNPARSED_LINE@12 W_MISSING_FIELD@15
        "#
    );
}

#[test]
fn required_fields_are_checked_in_order_and_only_the_first_is_told() {
    insta::assert_snapshot!(
        parse("lsp", "LSP Name : a\nTo : 10.0.0.300\nRole : none\n\nLSP Name : b\nFrom : 10.0.0.1\nTo : 10.0.0.300\n", &LSP),
        @"empty W_MISSING_FIELD@1 W_BAD_VALUE@5"
    );
}

#[test]
fn severity_na_and_protection_none_are_values_not_null() {
    insta::assert_snapshot!(
        parse("alarm_state", "Sev  Condition  AID\nna   LOS        1-2\nn/a  LOF        1-2\n", &ALARM),
        @r#"
        null | "1-2" | "LOS" | "NA" | null
        partial W_MISSING_FIELD@3
        "#
    );
    insta::assert_snapshot!(
        parse("lsp", "Name  From  To  Label  Prot  Role\na     b     c   1      none  none\n", &["protection", "role"]),
        @r#"
        "UNPROTECTED" | null
        ok
        "#
    );
}

#[test]
fn duplicates_are_told_apart_by_their_other_fields() {
    insta::assert_snapshot!(
        parse("lsp", "Name  From  To  Label\na     b     c   -\na     B     C   -\nx     b     c   -\n", &LSP),
        @r#"
        "a" | "B" | "C" | ""
        partial W_DUP_ROW@3 W_DUP_KEY@4
        "#
    );
}

#[test]
fn a_footer_that_counts_other_things_is_told_and_the_outcome_stays_ok() {
    insta::assert_snapshot!(
        parse("lsp", "Name  From  To  Label\na     b     c   1\nTotal Number of LSPs = 2\nx     b     c   2\nLSPs: 1\n", &LSP),
        @r#"
        "a" | "B" | "C" | "1"
        "x" | "B" | "C" | "2"
        ok W_COUNT_MISMATCH@3
        "#
    );
}
