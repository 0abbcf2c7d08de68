//! The NEA trace (specs: dumps 4.4).

use super::parse;

const FIELDS: [&str; 5] = ["ordinal", "ts", "event", "message", "attrs"];
const TEXT: [&str; 2] = ["ordinal", "message"];

#[test]
fn the_seventeenth_continuation_is_the_last_thing_told_of_a_message() {
    let lines = |count: usize| {
        let more = (1..=count).map(|n| format!("  {n}\n")).collect::<Vec<_>>().concat();
        format!("2025-01-18 03:14:07 [A] <I> first\n{more}2025-01-18 03:14:08 [A] <I> second\n  of second\n")
    };
    insta::assert_snapshot!(parse("nea_trace", &lines(16), &TEXT), @r#"
    1 | "first\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16"
    2 | "second\nof second"
    ok
    "#);
    insta::assert_snapshot!(parse("nea_trace", &lines(30), &TEXT), @r#"
    1 | "first\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n…"
    2 | "second\nof second"
    partial W_TRACE_TRUNC@18
    "#);
}

#[test]
fn continuations_go_with_a_dropped_line_and_need_a_message() {
    let long = "x".repeat(8193);
    insta::assert_snapshot!(
        parse(
            "nea_trace",
            &format!(
                "# opened
  before any message
2025-01-18 03:14:07 [A] <I> kept
% refused
  goes with it
{long}
  goes with it
2025-01-18 25:14:07 [A] <I> bad hour
  goes with it
"
            ),
            &TEXT
        ),
        @r#"
    1 | "kept"
    partial W_UNPARSED_LINE@2 W_BAD_ROW@4 W_LINE_TOO_LONG@6 W_BAD_TS@8
    "#
    );
}

#[test]
fn noise_and_blank_lines_do_not_end_a_message() {
    insta::assert_snapshot!(
        parse(
            "nea_trace",
            "2025-01-18 03:14:07 [A] <I> kept\n# comment\n*** NOTIFICATION 1\n-----\n\nNokia\n  goes on\n; no comment here\n",
            &TEXT
        ),
        @r#"
    1 | "kept\ngoes on"
    partial W_BAD_ROW@8
    "#
    );
}

#[test]
fn the_parts_of_the_bracketed_form_are_told_from_the_message() {
    insta::assert_snapshot!(
        parse(
            "nea_trace",
            "\
2025/01/18T03:14:07,5+01:00 [a b] <e> (7) AB_1: k=1 K=2 q=\"x  y\"
2025-01-18 03:14:07 [-] <I> A: one letter is no event
2025-01-18 03:14:07 [A] <I> (x7) no number
2025-01-18 03:14:07 [A] <I> http://host
2025-01-18 03:14:07 [A] <I>
2025-01-18 03:14:07 [A] no severity
18/01/2025 03:14:07 [A] <I> another form of time
1999-01-18 03:14:07 [A] <I> another century
",
            &FIELDS
        ),
        @r#"
        1 | "2025-01-18T02:14:07.500Z" | "AB_1" | "k=1 K=2 q=\"x  y\"" | {"k":"1","q":"x  y"}
        2 | "2025-01-18T03:14:07.000Z" | null | "A: one letter is no event" | {}
        3 | "2025-01-18T03:14:07.000Z" | null | "(x7) no number" | {}
        4 | "2025-01-18T03:14:07.000Z" | null | "http://host" | {}
        5 | "2025-01-18T03:14:07.000Z" | null | "" | {}
        partial W_BAD_ROW@6 W_BAD_ROW@7 W_BAD_TS@8
        "#
    );
}

#[test]
fn the_piped_form_takes_any_time_and_bars_in_the_message() {
    insta::assert_snapshot!(
        parse(
            "nea_trace",
            "\
18-Jan-2025 03:14:07|nea|crit|boom|0x10|a | b|c=1
2025-01-18 03:14:07 | - | loud | - | - |
yesterday|a|b|c|d|e
a|b|c|d|e
",
            &["ordinal", "ts", "severity", "module", "event", "seq", "message"]
        ),
        @r#"
        1 | "2025-01-18T03:14:07.000Z" | "FATAL" | "NEA" | "BOOM" | 16 | "a | b|c=1"
        2 | "2025-01-18T03:14:07.000Z" | "INFO" | null | null | null | ""
        partial W_BAD_VALUE@2 W_BAD_TS@3 W_BAD_ROW@4
        "#
    );
}

#[test]
fn nothing_but_noise_is_empty_and_misfits_never_fail_the_file() {
    insta::assert_snapshot!(parse("nea_trace", "# opened\n\n", &TEXT), @"empty");
    insta::assert_snapshot!(parse("nea_trace", "what is this\nhel# show nea\n", &TEXT), @"empty W_BAD_ROW@1 W_BAD_ROW@2");
}
