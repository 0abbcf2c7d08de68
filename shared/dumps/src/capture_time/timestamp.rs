//! Time stamps in text: the type `ts` (specs: dumps 3.4).

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use super::digits::{Digits, leftmost};
use super::window::in_century;

const MONTHS: [&[u8]; 12] =
    [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];

/// Reads a text that is one time stamp and nothing else but blanks around it. No time zone means UTC; what is
/// finer than a millisecond is cut; the year is 2000 to 2099.
pub fn parse_timestamp(text: &str) -> Option<DateTime<Utc>> {
    let (time, rest) = read(text.trim().as_bytes())?;
    rest.is_empty().then_some(time)
}

/// The leftmost time stamp of a line that `valid` accepts.
pub fn find_timestamp(line: &[u8], valid: impl Fn(DateTime<Utc>) -> bool) -> Option<DateTime<Utc>> {
    let read = |bytes: &[u8]| read(bytes).map(|(time, _)| time).filter(|time| valid(*time));
    leftmost(line, read).map(|(_, time)| time)
}

/// Reads a time stamp from the front of `bytes`; gives what follows it.
fn read(bytes: &[u8]) -> Option<(DateTime<Utc>, &[u8])> {
    let mut digits = Digits::new(bytes);
    let date = year_first(&mut digits).or_else(|| day_first(&mut digits))?;
    let local = date.and_time(time_of_day(&mut digits)?);
    let offset = zone(&mut digits);
    if !digits.at_boundary() {
        return None;
    }
    let time = to_utc(local, offset)?;
    in_century(time).then_some((time, digits.rest()))
}

fn to_utc(local: NaiveDateTime, offset: TimeDelta) -> Option<DateTime<Utc>> {
    Some(local.checked_sub_signed(offset)?.and_utc())
}

/// `YYYY-MM-DD` or `YYYY/MM/DD`, then a blank or `T`.
fn year_first(digits: &mut Digits<'_>) -> Option<NaiveDate> {
    let mut attempt = *digits;
    let year = attempt.number(4)?;
    let between = attempt.one_of(b"-/")?;
    let month = attempt.number(2)?;
    attempt.one_of(&[between])?;
    let day = attempt.number(2)?;
    attempt.one_of(b" \tT")?;
    *digits = attempt;
    NaiveDate::from_ymd_opt(year, month, day)
}

/// `DD/MM/YYYY` or `DD-Mon-YYYY`, then a blank.
fn day_first(digits: &mut Digits<'_>) -> Option<NaiveDate> {
    let mut attempt = *digits;
    let day = attempt.number(2)?;
    let month = if attempt.one_of(b"/").is_some() {
        let month = attempt.number(2)?;
        attempt.one_of(b"/")?;
        month
    } else {
        attempt.one_of(b"-")?;
        let month = (1..).zip(MONTHS).find_map(|(number, name)| attempt.word(name).map(|()| number))?;
        attempt.one_of(b"-")?;
        month
    };
    let year = attempt.number(4)?;
    attempt.one_of(b" \t")?;
    *digits = attempt;
    NaiveDate::from_ymd_opt(year, month, day)
}

/// `HH:MM:SS` and an optional fraction of 1 to 6 digits after `.` or `,`.
fn time_of_day(digits: &mut Digits<'_>) -> Option<NaiveTime> {
    let hour = digits.number(2)?;
    digits.one_of(b":")?;
    let minute = digits.number(2)?;
    digits.one_of(b":")?;
    let second = digits.number(2)?;
    NaiveTime::from_hms_milli_opt(hour, minute, second, milliseconds(digits)?)
}

/// The fraction as whole milliseconds. A separator that no digit follows belongs to the sentence around the
/// stamp; more than six digits are none of the accepted forms.
fn milliseconds(digits: &mut Digits<'_>) -> Option<u32> {
    let mut attempt = *digits;
    if attempt.one_of(b".,").is_none() || attempt.at_boundary() {
        return Some(0);
    }
    let fraction = attempt.run(6)?;
    *digits = attempt;
    let padded = fraction.iter().copied().chain(std::iter::repeat(b'0')).take(3);
    Some(padded.fold(0_u32, |sum, byte| {
        let digit = u32::from(byte.saturating_sub(b'0'));
        sum.saturating_mul(10).saturating_add(digit)
    }))
}

/// An optional `Z`, `UTC`, `+hh:mm` or `+hhmm` (or with `-`), at most one blank before it; else UTC.
fn zone(digits: &mut Digits<'_>) -> TimeDelta {
    let mut attempt = *digits;
    attempt.one_of(b" \t");
    let found = named_zone(&mut attempt).or_else(|| numeric_zone(&mut attempt));
    if let Some(offset) = found {
        *digits = attempt;
        return offset;
    }
    TimeDelta::zero()
}

fn named_zone(digits: &mut Digits<'_>) -> Option<TimeDelta> {
    let mut attempt = *digits;
    attempt.word(b"UTC").or_else(|| attempt.word(b"Z"))?;
    if attempt.peek().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    *digits = attempt;
    Some(TimeDelta::zero())
}

fn numeric_zone(digits: &mut Digits<'_>) -> Option<TimeDelta> {
    let mut attempt = *digits;
    let sign = attempt.one_of(b"+-")?;
    let hours: i64 = attempt.number(2)?;
    attempt.one_of(b":");
    let minutes: i64 = attempt.number(2)?;
    if hours > 23 || minutes > 59 || !attempt.at_boundary() {
        return None;
    }
    *digits = attempt;
    let seconds = hours.checked_mul(3_600)?.checked_add(minutes.checked_mul(60)?)?;
    TimeDelta::try_seconds(if sign == b'-' { seconds.checked_neg()? } else { seconds })
}
