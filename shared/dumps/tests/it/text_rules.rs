//! The text rules that no sample shows (specs: dumps 3.1 to 3.3, 3.8, 9.5).

use landfall_dumps::plugins::{ParseContext, ParsedFile, Registry};
use landfall_dumps::text::{CleanText, Line};

fn parse_bytes(plugin: &str, bytes: &[u8], context: &ParseContext) -> ParsedFile {
    Registry::production().unwrap().plugin(plugin).unwrap().parse(bytes, context)
}

/// Outcome, names of the records, and warnings: what most rules are about.
fn lsp(text: &str) -> String {
    lsp_bytes(text.as_bytes())
}

fn lsp_bytes(bytes: &[u8]) -> String {
    shown(&parse_bytes("lsp", bytes, &ParseContext::default()))
}

fn shown(parsed: &ParsedFile) -> String {
    let names = parsed.records.iter().map(|record| {
        let record = serde_json::to_value(record).unwrap();
        record["lsp_name"].as_str().or(record["aid"].as_str()).unwrap_or("-").to_owned()
    });
    let names: Vec<String> = names.collect();
    let warnings: Vec<String> = parsed.warnings.iter().map(ToString::to_string).collect();
    let error = parsed.error.as_ref().map(|error| format!(" {}", error.code)).unwrap_or_default();
    format!("{}{error} [{}] {}", parsed.outcome, names.join(" "), warnings.join(" "))
}

const HEADER: &str = "LSP Name  From      To        Label\n";

fn table(rows: &str) -> String {
    format!("{HEADER}{rows}")
}

/// The numbers and texts of cleaned lines.
fn told<'t>(lines: impl Iterator<Item = Line<'t>>) -> Vec<String> {
    lines.map(|line| format!("{} {}", line.number, line.text.unwrap_or_default())).collect()
}

#[test]
fn test_reader_lines_generator_lifetime_of_one_file_does_not_touch_the_next() {
    let (first, second) = (CleanText::new(b"a\nb\nc"), CleanText::new(b"x\ny"));
    let mut lines = first.lines();
    assert_eq!(told(lines.by_ref().take(1)), ["1 a"]);
    // One that is left in the middle, one that is dropped there, and one of the next file.
    let mut dropped = first.lines();
    dropped.next();
    drop(dropped);
    assert_eq!(told(second.lines()), ["1 x", "2 y"]);
    drop(second);
    assert_eq!(told(lines.by_ref()), ["2 b", "3 c"]);
    assert!(lines.next().is_none() && lines.next().is_none(), "nothing is read after the end");
}

#[test]
fn invalid_bytes_are_replaced_and_leave_the_outcome_ok() {
    let bytes = [HEADER.as_bytes(), b"a\xFF        10.0.0.1  10.0.0.2  9330\n"].concat();
    insta::assert_snapshot!(lsp_bytes(&bytes), @"ok [a�] W_ENCODING@0");
}

#[test]
fn a_line_over_the_limit_costs_only_itself() {
    let long = "x".repeat(8193);
    insta::assert_snapshot!(lsp(&table(&format!("{long}\na         10.0.0.1  10.0.0.2  9330\n"))), @"partial [a] W_LINE_TOO_LONG@2");
}

#[test]
fn a_refusal_of_the_node_is_told() {
    insta::assert_snapshot!(lsp("hel# show lsp\n% Invalid input\nhel#\n"), @"empty [] W_CLI_ERROR@2");
    insta::assert_snapshot!(lsp("telnet: gmremgmt: Name or service not known\n"), @"empty [] W_CLI_ERROR@1");
    insta::assert_snapshot!(lsp(&table("Error: interrupted\na         10.0.0.1  10.0.0.2  9330\n")), @"partial [a] W_CLI_ERROR@2");
}

#[test]
fn text_without_any_layout_fails_with_the_text_level_warnings_only() {
    let long = "x".repeat(8193);
    insta::assert_snapshot!(lsp(&format!("hello\n% Invalid input\n{long}\n  stray : 5\n")), @"failed E_NO_HEADER [] W_CLI_ERROR@2 W_LINE_TOO_LONG@3");
}

#[test]
fn nothing_but_noise_is_empty() {
    insta::assert_snapshot!(lsp(""), @"empty []");
    insta::assert_snapshot!(lsp("\u{feff}\r\n# comment\r\nNo LSPs found.\r\n-----\r\nLSPs : 0\r\n"), @"empty []");
    insta::assert_snapshot!(shown(&parse_bytes("alarm_state", b"No active alarms\n", &ParseContext::default())), @"empty []");
}

#[test]
fn colours_backspaces_and_pagers_leave_no_trace() {
    let plain = lsp(&table("ab        10.0.0.1  10.0.0.2  9330\n"));
    for row in [
        "\u{1b}[1mab\u{1b}[0m        10.0.0.1  10.0.0.2  9330\u{1b}[K",
        "axx\u{8}\u{8}b        10.0.0.1  10.0.0.2  9330",
        "--More--\r        \rab        10.0.0.1  10.0.0.2  9330",
        "-- MORE --ab        10.0.0.1  10.0.0.2  9330",
        "Press any key to continue...ab        10.0.0.1  10.0.0.2  9330",
        "ab\t  10.0.0.1  10.0.0.2  9330",
        "a\0b        10.0.0.1  10.0.0.2  9330   ",
    ] {
        assert_eq!(lsp(&table(&format!("{row}\n"))), plain, "{row:?}");
    }
}

#[test]
fn a_repeated_header_may_move_the_columns() {
    insta::assert_snapshot!(
        lsp("\
LSP Name  From      To        Label
a         10.0.0.1  10.0.0.2  9330

Page 2
Label  LSP Name  To        From
-----  --------  --------  --------
9340   b         10.0.0.2  10.0.0.1
LSPs : 2
"),
        @"ok [a b]"
    );
}

#[test]
fn only_the_plugins_own_sections_count() {
    insta::assert_snapshot!(
        lsp("\
LSP Name : outside
hel# set notification off
hel# show node
Node Name : HEL
LSP Name : foreign
hel# SHOW  LSP  detail
LSP Name : inside
From : a
To : b
hel# show version
LSP Name : after
"),
        @"ok [inside]"
    );
}

#[test]
fn two_echoes_give_two_counted_sections() {
    insta::assert_snapshot!(
        lsp("\
hel# show lsp
LSP Name  From      To        Label
a         10.0.0.1  10.0.0.2  9330
LSPs : 1
hel# show node
b         10.0.0.1  10.0.0.2  9331
hel# show lsps | no-more
LSP Name  From      To        Label
c         10.0.0.1  10.0.0.2  9332
d         10.0.0.1  10.0.0.2  9333
LSPs : 3
"),
        @"ok [a c d] W_COUNT_MISMATCH@11"
    );
}

#[test]
fn a_file_whose_echoes_are_all_of_others_is_empty() {
    insta::assert_snapshot!(lsp("hel# show node\nLSP Name : x\nFrom : a\nTo : b\n"), @"empty []");
}

#[test]
fn a_version_text_without_a_version_is_told() {
    let parsed = parse_bytes(
        "node",
        b"Node Name : HEL\nVersion : GMRE unknown\nMgmt IP : 10.0.0.1\n",
        &ParseContext::default(),
    );
    assert_eq!(shown(&parsed), "partial [-] W_VERSION_UNPARSED@1");
}

#[test]
fn a_node_without_a_name_is_known_by_its_router_id_else_by_the_plans_name() {
    let context = ParseContext {
        ne_dir: "HEL-DIR".into(),
        path_ip: Some([10, 9, 9, 9].into()),
        ..ParseContext::default()
    };
    let key = |text: &str| {
        let parsed = parse_bytes("node", text.as_bytes(), &context);
        let record = serde_json::to_value(&parsed.records[0]).unwrap();
        format!("{} {} {} {}", record["ne_key"], record["mgmt_ip"], record["mgmt_ip_source"], shown(&parsed))
    };
    insta::assert_snapshot!(key("Name : -\nNode Id : 10.20.0.1\n"), @r#""rid:10.20.0.1" "10.20.0.1" "router_id" ok [-] W_MGMT_IP_FALLBACK@1"#);
    insta::assert_snapshot!(key("Name : -\nNode Id : 10.20.0.300\nMgmt IP : soon\n"), @r#""path:HEL-DIR" "10.9.9.9" "archive" partial [-] W_BAD_VALUE@1 W_MGMT_IP_FALLBACK@1 W_ROUTER_ID_INVALID@1"#);
}
