//! What holds for every input (specs: dumps 9.5).

use std::borrow::Cow;
use std::net::Ipv4Addr;

use landfall_dumps::plugins::{ParseContext, ParsedFile, Registry};
use landfall_dumps::text::CleanText;
use landfall_dumps::values;
use proptest::prelude::*;

fn context() -> ParseContext {
    ParseContext {
        ne_dir: "HEL".into(),
        path_ip: Some(Ipv4Addr::new(10, 0, 0, 1)),
        ..ParseContext::default()
    }
}

fn parse_all(bytes: &[u8]) -> Vec<ParsedFile> {
    Registry::production().unwrap().plugins().map(|plugin| plugin.parse(bytes, &context())).collect()
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

#[test]
fn a_thousand_warnings_of_a_code_are_kept_and_all_are_counted() {
    let text = format!("LSP Name  From  To  Label\n{}", "a  b  c\n".repeat(2500));
    let parsed = &parse_all(text.as_bytes())[1];
    assert_eq!((parsed.warnings.len(), parsed.warning_total), (1000, 2500));
}
