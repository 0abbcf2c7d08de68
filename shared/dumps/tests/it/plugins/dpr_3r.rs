//! Regenerator groups (specs: dumps 4.8).

use landfall_dumps::plugins::ParseContext;

use super::{parse, parse_in, shown};

const FIELDS: [&str; 3] = ["group_id", "redundancy", "members"];

/// Each group with its members in short.
fn groups(text: &str) -> String {
    let parsed = parse_in("dpr_3r", text, &ParseContext::default());
    let mut out = String::new();
    for record in &parsed.records {
        let record = serde_json::to_value(record).unwrap();
        let members = record["members"].as_array().unwrap().iter();
        let members: Vec<String> =
            members.map(|m| format!(" {}={}", m["member_id"], m["aid"].as_str().unwrap())).collect();
        out.push_str(&[record["group_id"].to_string(), ":".into(), members.concat(), "\n".into()].concat());
    }
    out + shown(&parsed, &[]).trim_start_matches('\n')
}

#[test]
fn rows_belong_to_the_current_group_or_to_none() {
    insta::assert_snapshot!(
        groups("\
Group  Member  AID
       1       a-orphan
1      1       a
1      2       b
       2       b
       2       c
       -       c
       4       -
       -       -
2      -       -
1      9       again
       9       orphan
1      8       once more
Groups : 4
"),
        @r#"
        1: 1=A 2=B
        2:
        partial W_MEMBER_ORPHAN@2 W_DUP_ROW@5 W_DUP_KEY@6 W_MISSING_FIELD@7 W_MISSING_FIELD@8 W_DUP_KEY@11 W_MEMBER_ORPHAN@12 W_DUP_KEY@13
        "#
    );
}

#[test]
fn a_long_first_cell_is_a_group_without_a_member() {
    insta::assert_snapshot!(groups("Group  Member  AID\n00000000000017\n       1       a\n"), @r#"
    17: 1=A
    ok
    "#);
}

#[test]
fn member_lines_of_a_block_are_told_at_their_own_line() {
    insta::assert_snapshot!(
        groups("\
Member 1 : before any group
Group : 1
  Member 1 : a role=wrk what=ever
  Member 1 : a role=wrk
  Member 1 : a role=prt
  Member x : b
  Member 2 : role=wrk
  Member 3 : c stray state=up
  Member 4 :
  Member : 7
"),
        @r#"
        1: 1=A 3=C
        partial W_DUP_ROW@4 W_DUP_KEY@5 W_BAD_VALUE@6 W_MISSING_FIELD@7 W_UNPARSED_LINE@8 W_MISSING_FIELD@9
        "#
    );
}

#[test]
fn a_repeated_block_is_compared_with_its_members() {
    insta::assert_snapshot!(
        groups("\
Group : 1
  Member 1 : a role=wrk
Group : 1
  Member 1 : a role=wrk
Group : 1
  Member 1 : b role=chief
Group : x
  Member 1 : c role=chief
Groups = 4
"),
        @r#"
        1: 1=A
        partial W_DUP_ROW@3 W_DUP_KEY@5 W_BAD_VALUE@7
        "#
    );
}

#[test]
fn the_shared_file_counts_only_with_an_echo_of_its_own() {
    let shared = ParseContext { basename: "cli_show_dpr_db.OUT".into(), ..ParseContext::default() };
    let of = |text: &str| shown(&parse_in("dpr_3r", text, &shared), &FIELDS);
    insta::assert_snapshot!(of("Group : 1\n"), @"missing");
    insta::assert_snapshot!(of("hel# show dpr db\nGroup : 1\n"), @"missing");
    insta::assert_snapshot!(of("hel# show 3r detail\nGroup : 1\n Redundancy : 1 + 1\n"), @r#"
    1 | "1+1" | []
    ok
    "#);
    insta::assert_snapshot!(of("hel# show 3r\nwhat is this\n"), @"failed E_NO_HEADER");
    insta::assert_snapshot!(parse("dpr_3r", "hel# show dpr db\nGroup : 1\n", &FIELDS), @"empty");
    insta::assert_snapshot!(parse("dpr_3r", "what is this\n", &FIELDS), @"failed E_NO_HEADER");
}
