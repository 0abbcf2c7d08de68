//! Entries of the DPR database (specs: dumps 4.2).

use super::parse;

const FIELDS: [&str; 3] = ["dpr_id", "srlg", "oper_state"];

#[test]
fn one_bad_item_makes_the_whole_list_bad() {
    insta::assert_snapshot!(
        parse(
            "dpr_db",
            "\
Id  Type  Local Router  SRLG       State
1   link  10.0.0.1      7;8 9,,10  up
2   LINK  10.0.0.1      7,x        flapping
3   regen 10.0.0.1      none       -
3   regen 10.0.0.1      -          -
DPR entries : 4
",
            &FIELDS
        ),
        @r#"
        1 | [7,8,9,10] | "UP"
        2 | [] | "UNKNOWN"
        3 | [] | "UNKNOWN"
        partial W_BAD_VALUE@3 W_DUP_ROW@5
        "#
    );
}

#[test]
fn a_file_with_the_section_of_the_other_plugin_alone_is_missing() {
    insta::assert_snapshot!(parse("dpr_db", "hel# show dpr 3r\n3R Group : 4\n", &FIELDS), @"missing");
    insta::assert_snapshot!(parse("dpr_db", "hel# show dpr database\n% Invalid input\n", &FIELDS), @"empty W_CLI_ERROR@2");
    insta::assert_snapshot!(parse("dpr_db", "no echo at all\n", &FIELDS), @"failed E_NO_HEADER");
}

#[test]
fn rows_that_fit_no_columns_and_wrong_counts_are_told() {
    insta::assert_snapshot!(
        parse("dpr_db", "Id  Type  Local Router\n1   link  10.0.0.1\n1234567890 link\nEntries: 3\n", &FIELDS),
        @r#"
        1 | [] | "UNKNOWN"
        partial W_BAD_ROW@3 W_COUNT_MISMATCH@4
        "#
    );
}
