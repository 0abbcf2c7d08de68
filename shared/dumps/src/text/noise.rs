//! Lines that carry no data: noise, rulers, footers, refusals (specs: dumps 3.3).

use super::dialect::Dialect;
use super::grammar::{Grammar, Noise};
use super::openings::Openings;
use crate::values;

/// What kind of line this is, apart from prompts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing on it.
    Blank,
    /// Only rule characters.
    Ruler,
    /// Dropped without a warning.
    Noise,
    /// A refusal of the node.
    CliError,
    /// The plugin's footer with its count.
    Footer(u64),
    /// Data, or something we cannot read.
    Text,
}

/// The banners, in any case.
const BANNERS: [&str; 10] = [
    "GMRE CLI",
    "Nokia",
    "Alcatel-Lucent",
    "Copyright",
    "All rights reserved",
    "Welcome",
    "Last login",
    "Authorized",
    "Unauthorized",
    "WARNING: Authorized",
];

/// How the node refuses a command.
const REFUSALS: [&str; 3] = ["% ", "Error:", "telnet:"];

/// How lines begin that are, perhaps, something else than text. Blanks before them do not count.
pub(super) fn openings(grammar: &Grammar) -> Openings {
    const MARKS: [&str; 10] = ["#", ";", "***", "-", "=", "+", "_", "|", "page", "no"];
    const COUNTS: [&str; 2] = ["total ", "number of "];
    let texts = BANNERS.iter().chain(&MARKS).chain(&REFUSALS).chain(&COUNTS).chain(grammar.nouns);
    Openings::of_texts(texts.copied())
}

/// Judges one cleaned line.
pub(super) fn kind(line: &str, dialect: &Dialect) -> Kind {
    let Some(first) = line.bytes().next() else {
        return Kind::Blank;
    };
    if dialect.may_be_noise(line) { of_noise(line, first, dialect.grammar()) } else { Kind::Text }
}

/// What a line is that begins as one that is no text.
fn of_noise(line: &str, first: u8, grammar: &Grammar) -> Kind {
    if is_ruler(line) {
        return Kind::Ruler;
    }
    let common = grammar.noise == Noise::Common;
    let comment = first == b'#' || (first == b';' && common);
    if comment || is_notification(line) || is_banner(line, first) || (common && is_none_found(line)) {
        return Kind::Noise;
    }
    if common && REFUSALS.iter().any(|start| line.starts_with(start)) {
        return Kind::CliError;
    }
    footer(line, grammar.nouns).map_or(Kind::Text, Kind::Footer)
}

/// Three or more characters, only blanks and rule characters.
pub(super) fn is_ruler(line: &str) -> bool {
    line.len() >= 3 && line.bytes().all(|b| b == b' ' || is_rule(b))
}

/// Whether a line is ruled with this character.
pub(super) const fn is_rule(byte: u8) -> bool {
    matches!(byte, b'-' | b'=' | b'+' | b'_' | b'|')
}

fn is_notification(line: &str) -> bool {
    line.trim_start_matches(' ')
        .strip_prefix("***")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn is_banner(line: &str, first: u8) -> bool {
    if !matches!(first.to_ascii_lowercase(), b'g' | b'n' | b'a' | b'c' | b'w' | b'l' | b'u' | b'p') {
        return false;
    }
    BANNERS.iter().any(|banner| cut_start(line, banner).is_some()) || is_page(line)
}

/// `Page <n>`.
fn is_page(line: &str) -> bool {
    cut_start(line, "page").is_some_and(|rest| {
        rest.starts_with(' ') && rest.trim_start_matches(' ').starts_with(|c: char| c.is_ascii_digit())
    })
}

/// `^ *no\b.*\b(found|present|configured|active|alarms?|entries)\.?$` in any case.
fn is_none_found(line: &str) -> bool {
    const ENDS: [&str; 7] = ["found", "present", "configured", "active", "alarm", "alarms", "entries"];
    let Some(rest) = cut_start(line.trim_start_matches(' '), "no") else {
        return false;
    };
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let rest = rest.strip_suffix('.').unwrap_or(rest);
    let last_word = rest.trim_end_matches(is_word).len();
    rest.starts_with(|c: char| !is_word(c))
        && rest.get(last_word..).is_some_and(|word| ENDS.iter().any(|end| word.eq_ignore_ascii_case(end)))
}

/// `[Total ][Number of ]<noun>[blanks]: <n>` or with `=`.
fn footer(line: &str, nouns: &[&str]) -> Option<u64> {
    let line = line.trim_start_matches(' ');
    let line = cut_start(line, "total ").map_or(line, |rest| rest.trim_start_matches(' '));
    let line = cut_start(line, "number of ").map_or(line, |rest| rest.trim_start_matches(' '));
    nouns.iter().find_map(|noun| {
        let rest = cut_start(line, noun)?.trim_start_matches(' ');
        values::uint(rest.strip_prefix([':', '='])?)
    })
}

/// What follows `start` in any case.
fn cut_start<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    let (head, rest) = text.split_at_checked(start.len())?;
    head.eq_ignore_ascii_case(start).then_some(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(line: &str) -> Kind {
        kind(line, &Dialect::new(Grammar { nouns: &["alarms", "active alarms"], ..Grammar::EMPTY }))
    }

    #[test]
    fn noise_is_dropped_without_warning() {
        for line in [
            "# comment",
            "; comment",
            "*** NOTIFICATION 118: LSP state change",
            "   *** also after blanks",
            "GMRE cli 1.0",
            "nokia 1830",
            "COPYRIGHT (c)",
            "Last login: today",
            "Page 3 of 4",
            "Warning: Authorized use only",
            "Unauthorized access",
            "No active alarms",
            "  no entries found.",
            "No: alarms",
        ] {
            assert_eq!(of(line), Kind::Noise, "{line:?}");
        }
    }

    #[test]
    fn lines_that_only_look_like_noise_are_text() {
        for line in [
            " # not in column 1",
            "***bold",
            "Pages 3",
            "Page x",
            "Warning: something",
            "Note: found",
            "No alarms today",
            "noalarms",
            "no",
            "No  : 5",
            "--",
            "error: lower case",
            "%value",
        ] {
            assert_eq!(of(line), Kind::Text, "{line:?}");
        }
    }

    #[test]
    fn rulers_refusals_and_footers_are_told_apart() {
        assert_eq!(of("----  ----"), Kind::Ruler);
        assert_eq!(of("+--+=|"), Kind::Ruler);
        assert_eq!(of("% Invalid input"), Kind::CliError);
        assert_eq!(of("Error: no such command"), Kind::CliError);
        assert_eq!(of("telnet: gmremgmt: Name or service not known"), Kind::CliError);
        assert_eq!(of("Active alarms : 7"), Kind::Footer(7));
        assert_eq!(of("TOTAL Number of Alarms=1,250"), Kind::Footer(1250));
        assert_eq!(of("Alarms : many"), Kind::Text);
        assert_eq!(of("LSPs : 7"), Kind::Text);
        assert_eq!(of(""), Kind::Blank);
    }

    proptest! {
        #[test]
        fn the_quick_look_misses_no_noise(
            start in " {0,2}(GMRE CLI|nokia|Page|NO|% |Error:|telnet|total |number of |alarms|[#;*=_|+-]{1,4}|ä)?",
            rest in "[a-z:#0-9. -]{0,12}(found|: 7)?",
        ) {
            let line = format!("{start}{rest}");
            let grammar = Grammar { nouns: &["alarms", "active alarms"], ..Grammar::EMPTY };
            let line = line.trim_end_matches(' ');
            if let Some(first) = line.bytes().next() {
                prop_assert_eq!(of(line), of_noise(line, first, &grammar), "{:?}", line);
            }
        }
    }

    #[test]
    fn a_trace_knows_fewer_kinds_of_noise() {
        let trace = Dialect::new(Grammar { noise: Noise::Trace, ..Grammar::EMPTY });
        assert_eq!(kind("% odd", &trace), Kind::Text);
        assert_eq!(kind("; odd", &trace), Kind::Text);
        assert_eq!(kind("# comment", &trace), Kind::Noise);
    }
}
