//! What holds for every input (specs: dumps 9.5).

use std::borrow::Cow;
use std::net::Ipv4Addr;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use landfall_dumps::plugins::{ParseContext, ParsedFile, Registry};
use landfall_dumps::text::CleanText;
use landfall_dumps::values;
use proptest::prelude::*;

/// Every plugin there is. Built once: its globs cost more than the files of these tests.
static PLUGINS: LazyLock<Registry> = LazyLock::new(|| Registry::with_test_plugins().unwrap());

fn context() -> ParseContext {
    ParseContext {
        ne_dir: "HEL".into(),
        path_ip: Some(Ipv4Addr::new(10, 0, 0, 1)),
        ..ParseContext::default()
    }
}

fn parse_all(bytes: &[u8]) -> Vec<ParsedFile> {
    PLUGINS.plugins().map(|plugin| plugin.parse(bytes, &context())).collect()
}

/// Pieces from which files are put together that reach far into the parsers.
fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "LSP Name  From      To        Label\n",
        "--------  --------  --------  -----\n",
        "Id  Sev  Condition  AID  Raised               Description\n",
        "Node Name   Router ID   Mgmt IP   Version\n",
        "a         10.0.0.1  10.0.0.2  9330\n",
        "          10.0.0.1  10.0.0.2  9330\n",
        "1   CR   LOS        1-2  2025-01-18 02:11:09  text\n",
        "LONG-FIRST-CELL-OF-A-ROW\n",
        "LSP Name : x\n",
        "From : 10.0.0.1\n",
        "To = hel core\n",
        "     continues\n",
        "Alarm Id : 7\n",
        "Severity : cr\n",
        "Node Name : HEL\n",
        "hel# show lsp\n",
        "hel# show alarms\n",
        "hel# show node\n",
        "hel#\n",
        "Id  Type  Local Router  SRLG\n",
        "1   link  10.0.0.1      1,2\n",
        "Group  Member  AID  State\n",
        "1      2       a-1  up\n",
        "       2       a-1\n",
        "3R Group : 1\n",
        "Member 1 : a-1 role=spare label=9330 stray\n",
        "hel# show dpr 3r\n",
        "Bucket  Total  Used  Free  Use %\n",
        "1       100    40    60    40.0\n",
        "Bucket  Received  Last\n",
        "bucket=avc recv=1 last=\"2025-01-18 02:11:09\"\n",
        "Source  Dest  Type  Dir\n",
        "10.0.0.1:1-2 <-> hel type=OTS cost=1\n",
        "Router Id  NE Name\n",
        "10.0.0.1 = HEL 10.0.0.9 # here\n",
        "CR;LOS;1-2;SA;2025-01-18;02:11:09;text\n",
        "2025-01-18 03:14:07.1 [NEA] <INFO> (1) EVENT: key=\"a value\" key=b\n",
        "18/01/2025 03:14:07|NEA|I|EVENT|1|message\n",
        "% refused\n",
        "LSPs : 3\n",
        "Alarms : 1\n",
        "*** NOTIFICATION\n",
        "\n",
        "--More--",
        "\u{1b}[1m",
        "\u{8}",
        "\t",
        "\0",
        "åäö  ",
    ])
    .prop_map(str::to_owned);
    prop_oneof![4 => fixed, 1 => "[ -~\n\t]{0,40}", 1 => "\\PC{0,12}\n?"]
}

fn document() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        parse_all(&bytes);
    }

    #[test]
    fn a_result_keeps_its_own_rules(text in document()) {
        for parsed in parse_all(text.as_bytes()) {
            prop_assert_eq!(parsed.error.is_some(), parsed.outcome == landfall_dumps::plugins::Outcome::Failed);
            prop_assert!(parsed.error.is_none() || parsed.records.is_empty());
            prop_assert!(parsed.warnings.windows(2).all(|pair| pair[0] < pair[1]), "sorted and unique");
            prop_assert_eq!(parsed.warning_total, parsed.warnings.len() as u64);
            let lines = text.split('\n').count();
            prop_assert!(parsed.warnings.iter().all(|warning| warning.line as usize <= lines));
            let keys: std::collections::HashSet<_> = parsed.records.iter().map(|record| record.key()).collect();
            prop_assert_eq!(keys.len(), parsed.records.len());
        }
    }

    #[test]
    fn crlf_and_lf_give_the_same_result(text in document()) {
        prop_assert_eq!(parse_all(text.as_bytes()), parse_all(text.replace('\n', "\r\n").as_bytes()));
    }

    #[test]
    fn the_same_bytes_give_the_same_records_in_the_same_order(text in document()) {
        prop_assert_eq!(parse_all(text.as_bytes()), parse_all(text.as_bytes()));
    }

    #[test]
    fn a_cleaned_text_without_terminal_traces_is_clean(text in "[ -~\n\t\råä]{0,300}") {
        let once: Vec<String> = clean(&text);
        prop_assert_eq!(clean(&once.join("\n")), once);
    }

    #[test]
    fn cleaning_leaves_no_tabs_returns_backspaces_or_blanks_at_the_end(text in document()) {
        for line in clean(&text) {
            prop_assert!(!line.contains(['\t', '\r', '\u{8}', '\0']), "{:?}", line);
            prop_assert!(!line.ends_with(' '), "{:?}", line);
        }
    }

    #[test]
    fn no_text_makes_a_value_reader_panic(text in prop_oneof!["\\PC{0,40}", "[0-9a-fxA-F.,:/ +TZ-]{0,30}"]) {
        let _ = (values::uint(&text), values::size(&text), values::ipv4(&text), values::endpoint(&text));
        let _ = (values::duration(&text), values::timestamp(&text), values::Signal::read(&text));
        let _ = (values::VersionText::read(&text), values::AidParts::of(&text), values::leftmost_ipv4(&text));
        let _ = (values::nename(&text), values::token(&text), values::is_null(&text), values::yes_no(&text));
        prop_assert!(!values::Label::read(&text).as_str().contains(' '));
    }

    #[test]
    fn numbers_and_addresses_read_back_what_was_printed(number in any::<u64>(), bits in any::<u32>()) {
        prop_assert_eq!(values::uint(&number.to_string()), Some(number));
        prop_assert_eq!(values::uint(&format!("0x{number:x}")), Some(number));
        let address = Ipv4Addr::from_bits(bits);
        let dotted = values::ipv4(&address.to_string());
        prop_assert_eq!(values::ipv4(&format!("0x{bits:08X}")), dotted);
        prop_assert!(dotted.is_none_or(|read| read == address));
    }
}

fn clean(text: &str) -> Vec<String> {
    CleanText::new(text.as_bytes()).lines().filter_map(|line| line.text).map(Cow::into_owned).collect()
}

/// A plugin, what its file begins with, and the line with a number.
type CostlyLines = (&'static str, String, fn(usize) -> String);

/// Lines that each make a parser look for something it has seen, or add to something it holds.
fn costly_lines() -> Vec<CostlyLines> {
    let none = String::new;
    vec![
        ("dpr_db", "Id  Type  Local Router\n".into(), |n| format!("{n}  link  10.0.0.1\n")),
        ("dpr_db", "DPR Id : 1\nSRLG : 1\n".into(), |n| format!("       {n}\n")),
        ("nea_trace", "2025-01-18 03:14:07 [A] <I> x\n".into(), |n| format!("  more {n} a=\"\n")),
        ("nea_trace", none(), |n| format!("2025-01-18 03:14:07 [A] <I> a{n}=\"x b=\"y\n")),
        ("nea_bucket_counts", none(), |n| format!("Bucket : {n}\nTotal : 9\nUsed : 1\n")),
        ("ma_notif_bucket_counts", none(), |n| format!("bucket=a{n} recv=1 {}\n", "x=\" ".repeat(8))),
        ("dpr_3r", "Group  Member  AID\n1      0       a\n".into(), |n| format!("       {n}       a\n")),
        ("dpr_3r", "Group : 1\n".into(), |n| format!("Member {n} : a role=spare\n")),
        ("dpr_3r", none(), |n| format!("Group : 1\nMember {n} : a\n")),
        ("dpr_links", none(), |n| format!("a -> b{n} type=OTS\n")),
        ("dpr_router_map", none(), |n| format!("{} = same-name\n", 1_000_000_000 + n)),
        ("alarm_state_legacy", none(), |n| format!("CR;LOS;{n};SA;-;-;x\n")),
    ]
}

/// The time of the fastest of three runs: what else the machine does can only make a run slower.
fn fastest(plugin: &str, text: &str) -> Duration {
    let plugin = PLUGINS.plugin(plugin).unwrap();
    let run = || {
        let start = Instant::now();
        plugin.parse(text.as_bytes(), &context());
        start.elapsed()
    };
    (0..3).map(|_| run()).min().unwrap()
}

#[test]
fn sixteen_times_the_lines_cost_far_less_than_their_square() {
    for (plugin, head, line) in costly_lines() {
        let text = |count: usize| head.clone() + &(0..count).map(line).collect::<String>();
        let (few, many) = (fastest(plugin, &text(1000)), fastest(plugin, &text(16_000)));
        // Linear work gives 16, quadratic work 256.
        assert!(many < few * 96, "{plugin}: {few:?} for 1000 lines, {many:?} for 16000");
    }
}

#[test]
fn a_thousand_warnings_of_a_code_are_kept_and_all_are_counted() {
    let text = format!("LSP Name  From  To  Label\n{}", "a  b  c\n".repeat(2500));
    let parsed = PLUGINS.plugin("lsp").unwrap().parse(text.as_bytes(), &context());
    assert_eq!((parsed.warnings.len(), parsed.warning_total), (1000, 2500));
}
