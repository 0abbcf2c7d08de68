//! Durations in whole seconds.

use super::eights::decimal;
use super::names::trim;
use super::number::all_digits;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Reads `12 days, 03:14:07`, `00:12:09`, `3d 4h 5m 6s` (any part), `45`, `45 s` or `45 sec` into seconds
/// (specs: dumps 3.4).
pub fn duration(text: &str) -> Option<u64> {
    if let [h0, h1, b':', m0, m1, b':', s0, s1] = *text.as_bytes()
        && let Some(clock) = decimal(&[h0, h1, m0, m1, s0, s1])
    {
        return in_seconds(clock / 10_000, clock / 100 % 100, clock % 100);
    }
    let text = trim(text);
    if let Some((days, clock)) = text.split_once(',') {
        let days = whole_days(days)?.checked_mul(DAY)?;
        return days.checked_add(clock_time(clock.trim())?);
    }
    if text.contains(':') {
        return clock_time(text);
    }
    if let Some(seconds) = text.strip_suffix("sec") {
        return number(seconds.trim_end());
    }
    number(text).or_else(|| parts(text))
}

fn number(text: &str) -> Option<u64> {
    all_digits(text).then(|| text.parse().ok()).flatten()
}

/// `12 days` or `1 day`.
fn whole_days(text: &str) -> Option<u64> {
    let (count, unit) = text.split_once(' ')?;
    let unit = unit.trim();
    (unit.eq_ignore_ascii_case("days") || unit.eq_ignore_ascii_case("day")).then(|| number(count))?
}

/// `HH:MM:SS`; the hours may pass 23.
fn clock_time(text: &str) -> Option<u64> {
    let mut fields = text.split(':').map(number);
    let (hours, minutes, seconds) = (fields.next()??, fields.next()??, fields.next()??);
    if fields.next().is_some() {
        return None;
    }
    in_seconds(hours, minutes, seconds)
}

fn in_seconds(hours: u64, minutes: u64, seconds: u64) -> Option<u64> {
    if minutes >= 60 || seconds >= 60 {
        return None;
    }
    hours.checked_mul(HOUR)?.checked_add(minutes * MINUTE)?.checked_add(seconds)
}

/// `3d 4h 5m 6s`: each unit at most once, in falling order.
fn parts(text: &str) -> Option<u64> {
    let mut units = [('d', DAY), ('h', HOUR), ('m', MINUTE), ('s', 1)].into_iter();
    let (mut rest, mut sum) = (text, 0_u64);
    while !rest.is_empty() {
        let (digits, tail) = rest.split_at_checked(rest.find(|c: char| !c.is_ascii_digit())?)?;
        let mut tail = tail.trim_start().chars();
        let letter = tail.next()?.to_ascii_lowercase();
        let (_, seconds) = units.by_ref().find(|(unit, _)| *unit == letter)?;
        sum = sum.checked_add(number(digits)?.checked_mul(seconds)?)?;
        rest = tail.as_str().trim_start();
    }
    (!text.is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_read_as_the_table_says() {
        for (text, value) in [
            ("12 days, 03:14:07", Some(1_048_447)),
            ("1 days, 00:00:01", Some(86_401)),
            ("1 day, 0:00:01", Some(86_401)),
            ("00:12:09", Some(729)),
            ("02:00:00", Some(7200)),
            ("36:00:00", Some(129_600)),
            ("3d 4h 5m 6s", Some(273_906)),
            ("4h 6s", Some(14_406)),
            ("5m", Some(300)),
            ("3d4h", Some(273_600)),
            ("45", Some(45)),
            ("45 s", Some(45)),
            ("45s", Some(45)),
            ("45 sec", Some(45)),
            ("00:60:00", None),
            ("12:09", None),
            ("1:2:3:4", None),
            ("4h 3d", None),
            ("3d 4d", None),
            ("12 weeks, 00:00:01", None),
            ("12 days,", None),
            ("soon", None),
            ("-5", None),
            ("99999999999999999999", None),
            ("18446744073709551615d", None),
            ("", None),
        ] {
            assert_eq!(duration(text), value, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn the_quick_way_of_a_clock_reads_what_the_general_one_does(text in "[0-9]{2}:[0-9]{2}:[0-9]{2}") {
            prop_assert_eq!(duration(&text), clock_time(&text));
        }
    }
}
