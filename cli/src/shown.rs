//! How numbers, times and states look.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use comfy_table::{Cell, CellAlignment, Color};
use landfall_domain::State;

/// A number of bytes in decimal units.
pub(crate) fn bytes(count: u64) -> String {
    indicatif::DecimalBytes(count).to_string()
}

/// The same for a stored count.
pub(crate) fn stored_bytes(count: i64) -> String {
    bytes(u64::try_from(count).unwrap_or(0))
}

/// A number of things: `1 problem`, `2 problems`.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// A time, to the second.
pub(crate) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A length of time in its two largest units.
pub(crate) fn age(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    let parts = |unit: i64, below: i64, names: (&str, &str)| {
        let (Some(first), Some(rest)) = (seconds.checked_div(unit), seconds.checked_rem(unit)) else {
            return String::new();
        };
        format!("{first} {} {} {}", names.0, rest.checked_div(below).unwrap_or(0), names.1)
    };
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => parts(60, 1, ("min", "s")),
        3_600..86_400 => parts(3_600, 60, ("h", "min")),
        _ => parts(86_400, 3_600, ("d", "h")),
    }
}

/// A right-aligned cell.
pub(crate) fn number(value: impl ToString) -> Cell {
    Cell::new(value).set_alignment(CellAlignment::Right)
}

/// A state, coloured on a terminal.
pub(crate) fn state(name: &str) -> Cell {
    let color = match name.parse::<State>() {
        Ok(State::Done) => Color::Green,
        Ok(State::Received | State::Waiting | State::Dispatched | State::Blocked) => Color::Yellow,
        Ok(State::Invalid | State::Rejected | State::Quarantined | State::Failed) => Color::Red,
        Ok(State::Duplicate | State::Superseded | State::Ignored | State::Gone) | Err(_) => {
            return Cell::new(name);
        }
    };
    Cell::new(name).fg(color)
}

/// A reason with its text.
pub(crate) fn reason(code: &str, text: Option<&str>) -> String {
    match text {
        Some(text) => format!("{code}: {text}"),
        None => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_their_two_largest_units() {
        let told = [-5, 59, 60, 3_725, 86_400 + 7_200].map(|s| age(TimeDelta::seconds(s)));
        insta::assert_debug_snapshot!(told, @r#"
        [
            "0 s",
            "59 s",
            "1 min 0 s",
            "1 h 2 min",
            "1 d 2 h",
        ]
        "#);
    }
}
