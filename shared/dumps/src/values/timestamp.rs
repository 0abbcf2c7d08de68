//! Points in time as nodes print them.

use super::eights::decimal;
use super::names::trim;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, Utc};

/// What stands between words. Cleaned text has no tabs left, metadata and raw lines may.
const BLANKS: [char; 2] = [' ', '\t'];

/// Month names of the form `18-Jan-2025`.
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Reads a point in time in one of the forms of 3.4, alone in the text. No zone means UTC; digits beyond
/// milliseconds are cut; years outside 2000 to 2099 are bad values.
pub fn timestamp(text: &str) -> Option<DateTime<Utc>> {
    if let Some(time) = plain_iso(text) {
        return Some(time);
    }
    let (time, rest) = timestamp_prefix(trim(text))?;
    rest.is_empty().then_some(time)
}

/// The quick way of most times. `None` says nothing.
fn plain_iso(text: &str) -> Option<DateTime<Utc>> {
    let (date, clock, millis) = plain_numbers(text)?;
    let part = |number: u64, by: u64| u32::try_from(number / by % 100).ok();
    let year = i32::try_from(date / 10_000).ok()?;
    let day = NaiveDate::from_ymd_opt(year, part(date, 100)?, part(date, 1)?)?;
    let (hour, minute, second) = (part(clock, 10_000)?, part(clock, 100)?, part(clock, 1)?);
    let time = day.and_hms_milli_opt(hour, minute, second, u32::try_from(millis).ok()?)?.and_utc();
    in_century(time).then_some(time)
}

/// The digits of date and clock as one number each, and the milliseconds, of `YYYY-MM-DD HH:MM:SS` alone or with three
/// digits more.
#[inline]
fn plain_numbers(text: &str) -> Option<(u64, u64, u64)> {
    let (seconds, fraction) = text.as_bytes().split_first_chunk::<19>()?;
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b' ' | b'T', h0, h1, b':', n0, n1, b':', s0, s1] =
        *seconds
    else {
        return None;
    };
    let millis = match fraction {
        [] => 0,
        [b'.' | b',', hundreds, tens, ones] => decimal(&[*hundreds, *tens, *ones])?,
        _ => return None,
    };
    let date = decimal(&[y0, y1, y2, y3, m0, m1, d0, d1])?;
    Some((date, decimal(&[h0, h1, n0, n1, s0, s1])?, millis))
}

/// As [`timestamp`], at the start of a longer text; also gives what follows. A digit directly behind makes it
/// no point in time.
pub fn timestamp_prefix(text: &str) -> Option<(DateTime<Utc>, &str)> {
    let (date, rest) = iso_date(text).or_else(|| day_first(text)).or_else(|| day_month_name(text))?;
    let (local, rest) = clock(date, rest)?;
    let (offset, rest) = zone(rest).unwrap_or((TimeDelta::zero(), rest));
    let time = local.checked_sub_signed(offset)?.and_utc();
    let open = rest.starts_with(|c: char| c.is_ascii_digit());
    (!open && in_century(time)).then_some((time, rest))
}

/// Whether a text has the shape of the forms that begin with the year, whether or not such a time exists.
pub fn has_iso_shape(text: &str) -> bool {
    plain_numbers(text).is_some() || iso_shape(text).is_some_and(str::is_empty)
}

/// What follows a text of that shape.
fn iso_shape(text: &str) -> Option<&str> {
    let (_, rest) = digits(text, 4)?;
    let separator = ['-', '/'].into_iter().find(|c| rest.starts_with(*c))?;
    let (_, rest) = digits(rest.strip_prefix(separator)?, 2)?;
    let (_, rest) = digits(rest.strip_prefix(separator)?, 2)?;
    let rest = rest.strip_prefix('T').or_else(|| blanks(rest))?;
    let (_, rest) = digits(rest, 2)?;
    let (_, rest) = digits(rest.strip_prefix(':')?, 2)?;
    let (_, rest) = digits(rest.strip_prefix(':')?, 2)?;
    let (_, rest) = fraction(rest)?;
    Some(zone_shape(rest).unwrap_or(rest))
}

/// What follows `Z`, `UTC` or an offset of any size.
fn zone_shape(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(BLANKS);
    if let Some(rest) = text.strip_prefix("UTC").or_else(|| text.strip_prefix('Z')) {
        return Some(rest);
    }
    let (_, rest) = digits(text.strip_prefix(['+', '-'])?, 2)?;
    Some(digits(rest.strip_prefix(':').unwrap_or(rest), 2)?.1)
}

/// Whether a time lies in the years 2000 to 2099, the only ones that are believed.
pub(crate) fn in_century(time: DateTime<Utc>) -> bool {
    (2000..=2099).contains(&time.year())
}

/// The stored form `YYYY-MM-DDTHH:MM:SS.mmmZ`.
pub fn iso_millis(time: &DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// `YYYY-MM-DD` or `YYYY/MM/DD`, then blanks or `T`.
fn iso_date(text: &str) -> Option<(NaiveDate, &str)> {
    let (year, rest) = digits(text, 4)?;
    let separator = ['-', '/'].into_iter().find(|c| rest.starts_with(*c))?;
    let (month, rest) = digits(rest.strip_prefix(separator)?, 2)?;
    let (day, rest) = digits(rest.strip_prefix(separator)?, 2)?;
    let rest = rest.strip_prefix('T').or_else(|| blanks(rest))?;
    Some((NaiveDate::from_ymd_opt(year.try_into().ok()?, month, day)?, rest))
}

/// `DD/MM/YYYY`, then blanks.
fn day_first(text: &str) -> Option<(NaiveDate, &str)> {
    let (day, rest) = digits(text, 2)?;
    let (month, rest) = digits(rest.strip_prefix('/')?, 2)?;
    let (year, rest) = digits(rest.strip_prefix('/')?, 4)?;
    Some((NaiveDate::from_ymd_opt(year.try_into().ok()?, month, day)?, blanks(rest)?))
}

/// `DD-Mon-YYYY`, then blanks.
fn day_month_name(text: &str) -> Option<(NaiveDate, &str)> {
    let (day, rest) = digits(text, 2)?;
    let (name, rest) = rest.strip_prefix('-')?.split_at_checked(3)?;
    let month = (1..).zip(MONTHS).find(|(_, month)| name.eq_ignore_ascii_case(month))?.0;
    let (year, rest) = digits(rest.strip_prefix('-')?, 4)?;
    Some((NaiveDate::from_ymd_opt(year.try_into().ok()?, month, day)?, blanks(rest)?))
}

/// `HH:MM:SS` with an optional fraction of one to six digits.
fn clock(date: NaiveDate, text: &str) -> Option<(NaiveDateTime, &str)> {
    let (hour, rest) = digits(text, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
    let (second, rest) = digits(rest.strip_prefix(':')?, 2)?;
    let (millis, rest) = fraction(rest)?;
    Some((date.and_hms_milli_opt(hour, minute, second, millis)?, rest))
}

/// A fraction as whole milliseconds. A separator that no digit follows belongs to the sentence around it; more
/// than six digits are none of the forms.
fn fraction(text: &str) -> Option<(u32, &str)> {
    let Some(digits) = text.strip_prefix(['.', ',']) else { return Some((0, text)) };
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (fraction, rest) = digits.split_at_checked(end)?;
    if fraction.is_empty() {
        return Some((0, text));
    }
    if fraction.len() > 6 {
        return None;
    }
    let millis = fraction.bytes().chain(*b"00").take(3).fold(0, |sum, b| sum * 10 + u32::from(b - b'0'));
    Some((millis, rest))
}

/// `Z`, `UTC`, `+hh:mm` or `+hhmm` (either sign), with blanks before it.
fn zone(text: &str) -> Option<(TimeDelta, &str)> {
    let text = text.trim_start_matches(BLANKS);
    if let Some(rest) = text.strip_prefix("UTC").or_else(|| text.strip_prefix('Z')) {
        return (!rest.starts_with(char::is_alphanumeric)).then_some((TimeDelta::zero(), rest));
    }
    let east = text.starts_with('+');
    let (hours, rest) = digits(text.strip_prefix(['+', '-'])?, 2)?;
    let (minutes, rest) = digits(rest.strip_prefix(':').unwrap_or(rest), 2)?;
    if hours > 23 || minutes > 59 || rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let offset = TimeDelta::minutes(i64::from(hours * 60 + minutes));
    Some((if east { offset } else { -offset }, rest))
}

/// A number of this many digits; never more than four.
fn digits(text: &str, count: usize) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(count)?;
    let number = digits.bytes().try_fold(0_u32, |sum, b| {
        let digit = b.wrapping_sub(b'0');
        (digit < 10).then(|| sum.wrapping_mul(10).wrapping_add(digit.into()))
    })?;
    Some((number, rest))
}

fn blanks(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(BLANKS);
    (rest.len() < text.len()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_listed_forms_become_utc_milliseconds() {
        for (text, value) in [
            ("2025-01-18 02:11:09", "2025-01-18T02:11:09.000Z"),
            ("2025/01/18 02:11:09", "2025-01-18T02:11:09.000Z"),
            ("2025-01-18T02:11:09Z", "2025-01-18T02:11:09.000Z"),
            ("18/01/2025 00:00:01", "2025-01-18T00:00:01.000Z"),
            ("18-Jan-2025 03:00:00", "2025-01-18T03:00:00.000Z"),
            ("2025-01-18 02:11:09.5", "2025-01-18T02:11:09.500Z"),
            ("2025-01-18 02:11:09,123999", "2025-01-18T02:11:09.123Z"),
            ("2025-01-18 02:11:09 UTC", "2025-01-18T02:11:09.000Z"),
            ("2025-01-18T00:30:00+02:00", "2025-01-17T22:30:00.000Z"),
            ("2025-01-18T00:30:00.1+0230", "2025-01-17T22:00:00.100Z"),
            ("2025-01-18 23:30:00 -01:00", "2025-01-19T00:30:00.000Z"),
            ("1999-12-31 23:59:59-0100", "2000-01-01T00:59:59.000Z"),
            (" 2025/01/18T03:14:07.1239 ", "2025-01-18T03:14:07.123Z"),
            ("2025-01-18\t03:14:07", "2025-01-18T03:14:07.000Z"),
            ("18/01/2025 03:20:00,001", "2025-01-18T03:20:00.001Z"),
            ("18-dEC-2024 03:20:00 UTC", "2024-12-18T03:20:00.000Z"),
            ("2025-01-18T03:14:07-0530", "2025-01-18T08:44:07.000Z"),
            ("2000-01-01 00:00:00", "2000-01-01T00:00:00.000Z"),
            ("2099-12-31 23:59:59.999", "2099-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(timestamp(text).as_ref().map(iso_millis).as_deref(), Some(value), "{text:?}");
        }
    }

    #[test]
    fn other_texts_are_bad_values() {
        for text in [
            "soon",
            "2025-13-18 02:11:09",
            "2025-02-29 02:11:09",
            "2025-01-18 24:00:00",
            "2025-01-18 02:60:00",
            "2025-01-18 02:11:60",
            "2025-01/18 02:11:09",
            "2025-01-18",
            "2025-01-18 02:11",
            "2025-01-18 02:11:09.1234567",
            "2025-01-18 02:11:09 CET",
            "2025-01-18T02:11:09+24:00",
            "1999-12-31 23:59:59",
            "2100-01-01 00:00:00",
            "18-Foo-2025 03:00:00",
            "18/01/2025T00:00:01",
            "1/1/2025 00:00:01",
            "32/01/2025 03:20:02,000",
            "2025-01-18 03:14:070",
            "2025-01-18 03:14:07+2500",
            "2025-01-18 03:14:07+02001",
            "2025-01-18 03:14:07 x",
        ] {
            assert_eq!(timestamp(text), None, "{text:?}");
        }
    }

    #[test]
    fn an_impossible_time_has_its_shape_all_the_same() {
        for text in [
            "2025-01-18 02:11:09",
            "2025/13/41T25:61:61.123456 UTC",
            "1825-01-18  02:11:09,5 +99:99",
            "2025-01-18 02:11:09Z",
        ] {
            assert!(has_iso_shape(text), "{text:?}");
        }
        for text in [
            "18/01/2025 02:11:09",
            "2025-01/18 02:11:09",
            "2025-01-18 02:11",
            "2025-01-18 02:11:09.1234567",
            "2025-01-18 02:11:09 CET",
            "2025-01-18 02:11:09 x",
            "",
        ] {
            assert!(!has_iso_shape(text), "{text:?}");
        }
    }

    #[test]
    fn a_prefix_gives_what_follows_it() {
        let rest = |text| timestamp_prefix(text).map(|(_, rest)| rest);
        assert_eq!(rest("2025-01-18 02:11:09 [NEA] <I>"), Some(" [NEA] <I>"));
        assert_eq!(rest("2025-01-18 02:11:09. Then"), Some(". Then"));
        assert_eq!(rest("2025-01-18 02:11:09 +12345"), Some(" +12345"));
        assert_eq!(rest("2025-01-18 02:11:099"), None);
        assert_eq!(rest("2025-01-18 02:11:09.1234567 [NEA]"), None);
    }

    proptest! {
        #[test]
        fn the_quick_way_and_the_general_one_agree(
            text in "(20[0-9]{2}|1999|2100)-(0[0-9]|1[0-3])-[0-3][0-9][ T][0-2][0-9]:[0-6][0-9]:[0-6][0-9]([.,][0-9]{3})?",
        ) {
            let general = timestamp_prefix(&text).filter(|(_, rest)| rest.is_empty()).map(|(time, _)| time);
            prop_assert_eq!(plain_iso(&text), general, "{}", text);
            prop_assert!(iso_shape(&text) == Some("") && plain_numbers(&text).is_some());
        }

        #[test]
        fn what_the_quick_way_reads_has_the_shape(text in "[0-9]{4}[-/]0[0-9]-[0-9:]{2}[ T]+[0-9]{2}:[0-9]{2}:[0-9]{2}[.0-9Z]{0,4}") {
            prop_assert!(plain_numbers(&text).is_none() || iso_shape(&text) == Some(""), "{}", text);
        }
    }
}
