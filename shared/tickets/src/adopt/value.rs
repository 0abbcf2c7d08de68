//! One cell: text in, text that PostgreSQL reads as the column's type out.

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};
use serde_json::Value;

use super::Kind;

/// Reads a cell that is not empty.
///
/// # Errors
/// The rule that it breaks.
pub(super) fn read(kind: Kind, cell: &str) -> Result<String, String> {
    match kind {
        Kind::Text => text(cell),
        Kind::Word(words) => word(words, cell),
        Kind::Count => count(cell),
        Kind::Flag => {
            flag(cell).map(|yes| yes.to_string()).ok_or_else(|| "neither true nor false".to_owned())
        }
        Kind::Time => time(cell).map(shown_time),
        Kind::Day => day(cell),
        Kind::Number => number(cell).map(|number| number.to_string()).ok_or_else(|| "no number".to_owned()),
        Kind::Json => json(cell).map(|_| cell.to_owned()),
        Kind::List => match json(cell)? {
            Value::Array(_) => Ok(cell.to_owned()),
            _ => Err("no JSON array".to_owned()),
        },
    }
}

/// Reads a cell that is only compared: a value that the column cannot hold differs from all values.
pub(super) fn compared(kind: Kind, cell: &str) -> String {
    let unlike_all = match kind {
        Kind::Time => "infinity",
        Kind::Number => "NaN",
        _ => return read(kind, cell).unwrap_or_else(|_| cell.replace('\0', "\u{fffd}")),
    };
    read(kind, cell).unwrap_or_else(|_| unlike_all.to_owned())
}

/// A JSON value without NUL characters, which the database cannot hold.
pub(super) fn json(cell: &str) -> Result<Value, String> {
    let value: Value = serde_json::from_str(cell).map_err(|error| format!("no JSON: {error}"))?;
    if has_nul(&value) { Err("holds a NUL character".to_owned()) } else { Ok(value) }
}

/// An instant. A time without an offset is none: it would be another one in another place.
pub(super) fn time(cell: &str) -> Result<DateTime<Utc>, String> {
    let text = cell.trim();
    let (day, clock) = match text.split_once(['T', ' ']) {
        Some((day, clock)) => (day, clock.trim_end_matches(['Z', 'z'])),
        None => (text, ""),
    };
    let zone = if text.ends_with(['Z', 'z']) { "+00" } else { "" };
    let whole = format!("{day} {clock}{zone}");
    let read = ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M%#z"]
        .into_iter()
        .find_map(|form| DateTime::parse_from_str(&whole, form).ok())
        .map(|time| time.to_utc())
        .filter(|time| (1..=9999).contains(&time.year()));
    read.ok_or_else(|| {
        "no time with its offset, as 2026-06-25T05:20:00Z or 2026-06-25 08:20:00+03".to_owned()
    })
}

fn shown_time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn text(cell: &str) -> Result<String, String> {
    if cell.contains('\0') { Err("holds a NUL character".to_owned()) } else { Ok(cell.to_owned()) }
}

fn word(words: &[&str], cell: &str) -> Result<String, String> {
    let given = cell.trim();
    let found = words.iter().find(|word| given.eq_ignore_ascii_case(word));
    found.map(|word| (*word).to_owned()).ok_or_else(|| format!("none of {}", words.join(", ")))
}

fn count(cell: &str) -> Result<String, String> {
    let read = cell.trim().parse::<i32>().ok().filter(|count| *count >= 0);
    read.map(|count| count.to_string()).ok_or_else(|| format!("no whole number from 0 to {}", i32::MAX))
}

fn flag(cell: &str) -> Option<bool> {
    let is_one_of = |words: [&str; 5]| words.iter().any(|word| cell.trim().eq_ignore_ascii_case(word));
    if is_one_of(["true", "t", "1", "yes", "y"]) {
        return Some(true);
    }
    is_one_of(["false", "f", "0", "no", "n"]).then_some(false)
}

fn day(cell: &str) -> Result<String, String> {
    let read = NaiveDate::parse_from_str(cell.trim(), "%Y-%m-%d").ok();
    let read = read.filter(|day| (1..=9999).contains(&day.year()));
    read.map(|day| day.to_string()).ok_or_else(|| "no day, as 2026-06-25".to_owned())
}

fn number(cell: &str) -> Option<f64> {
    cell.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_an_instant_in_every_form_that_databases_print() {
        for text in [
            "2026-06-25T05:20:00Z",
            "2026-06-25T05:20:00.000000Z",
            "2026-06-25 05:20:00+00",
            "2026-06-25 08:20:00+03",
            "2026-06-25 08:20+03:00",
            "2026-06-25T08:20:00.0+0300",
        ] {
            assert_eq!(read(Kind::Time, text).as_deref(), Ok("2026-06-25T05:20:00.000000Z"), "{text}");
        }
        for text in ["2026-06-25 08:20:00", "2026-06-25", "infinity", "2026-02-30T00:00:00Z", ""] {
            assert!(read(Kind::Time, text).is_err(), "{text}");
        }
    }

    #[test]
    fn values_that_a_column_cannot_hold_are_refused() {
        for (kind, text) in [
            (Kind::Text, "a\0b"),
            (Kind::Word(&["inc"]), "incident"),
            (Kind::Count, "-1"),
            (Kind::Count, "1.0"),
            (Kind::Count, "2147483648"),
            (Kind::Flag, "maybe"),
            (Kind::Day, "25/06/2026"),
            (Kind::Number, "NaN"),
            (Kind::Json, "{"),
            (Kind::Json, r#"["\u0000"]"#),
            (Kind::List, "{}"),
        ] {
            assert!(read(kind, text).is_err(), "{kind:?} {text}");
        }
    }

    #[test]
    fn a_compared_value_that_does_not_read_differs_from_all() {
        assert_eq!(compared(Kind::Number, "n/a"), "NaN");
        assert_eq!(compared(Kind::Time, "yesterday"), "infinity");
        assert_eq!(compared(Kind::Flag, "t"), "true");
        assert_eq!(compared(Kind::Number, "-1e-05"), "-0.00001");
    }
}
