//! Times in names: the forms F1 to F7 (specs: dumps 2.7).

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::Precision;
use super::digits::{Digits, leftmost};
use super::window::Window;
use crate::values::in_century;

/// A way to write a time in a name. No digit stands directly before or after it, and the date must exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `YYYYMMDD` and `HHMMSS`, nothing or one of `-`, `_`, `T` between.
    F1,
    /// `YYYY-MM-DD`, one of `_`, `T`, `-`, blank, then hour, minute, second with `-`, `:`, `.` or nothing between.
    F2,
    /// `YYYYMMDD` and `HHMM`, one of `-`, `_`, `T` between.
    F3,
    /// `YYMMDD` and `HHMMSS`, nothing or one of `-`, `_`, `T` between.
    F4,
    /// Seconds since 1970: ten digits, the first is 1.
    F5,
    /// `YYYY-MM-DD`, `YYYY_MM_DD` or `YYYYMMDD`.
    F6,
    /// `YYMMDD`.
    F7,
}

/// A time found in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameTime {
    /// The time, in UTC.
    pub time: DateTime<Utc>,
    /// The form it is written in.
    pub form: Form,
    /// Where it starts in the name, in bytes.
    pub start: usize,
    /// Its length in bytes.
    pub length: usize,
}

impl NameTime {
    /// How fine the form tells the time.
    pub fn precision(&self) -> Precision {
        self.form.precision()
    }
}

const BETWEEN: &[u8] = b"-_T";

impl Form {
    /// All forms, in the order in which they are tried.
    pub const ALL: [Self; 7] = [Self::F1, Self::F2, Self::F3, Self::F4, Self::F5, Self::F6, Self::F7];

    /// How fine the form tells the time.
    pub fn precision(self) -> Precision {
        match self {
            Self::F1 | Self::F2 | Self::F4 | Self::F5 => Precision::Second,
            Self::F3 => Precision::Minute,
            Self::F6 | Self::F7 => Precision::Day,
        }
    }

    /// Reads this form from the front of `bytes`: the time and the length read.
    fn read(self, bytes: &[u8]) -> Option<(DateTime<Utc>, usize)> {
        let mut digits = Digits::new(bytes);
        let time = self.read_fields(&mut digits)?.and_utc();
        let length = bytes.len().checked_sub(digits.rest().len())?;
        (digits.at_boundary() && in_century(time)).then_some((time, length))
    }

    fn read_fields(self, digits: &mut Digits<'_>) -> Option<NaiveDateTime> {
        match self {
            Self::F1 => {
                let date = date(digits, 4, None)?;
                digits.one_of(BETWEEN);
                Some(date.and_time(time_of_day(digits, b"")?))
            }
            Self::F2 => {
                let date = date(digits, 4, Some(b'-'))?;
                digits.one_of(b"_T- ")?;
                Some(date.and_time(time_of_day(digits, b"-:.")?))
            }
            Self::F3 => {
                let date = date(digits, 4, None)?;
                digits.one_of(BETWEEN)?;
                date.and_hms_opt(digits.number(2)?, digits.number(2)?, 0)
            }
            Self::F4 => {
                let date = date(digits, 2, None)?;
                digits.one_of(BETWEEN);
                Some(date.and_time(time_of_day(digits, b"")?))
            }
            Self::F5 => {
                if digits.peek() != Some(b'1') {
                    return None;
                }
                DateTime::from_timestamp(digits.number(10)?, 0).map(|time| time.naive_utc())
            }
            Self::F6 => {
                let [dash, underscore, nothing] = [Some(b'-'), Some(b'_'), None];
                [dash, underscore, nothing].into_iter().find_map(|between| {
                    let mut attempt = *digits;
                    let date = date(&mut attempt, 4, between)?;
                    *digits = attempt;
                    Some(date.and_time(NaiveTime::MIN))
                })
            }
            Self::F7 => Some(date(digits, 2, None)?.and_time(NaiveTime::MIN)),
        }
    }
}

/// A date with `between` between its parts; a year of two digits is 20YY.
fn date(digits: &mut Digits<'_>, year_width: usize, between: Option<u8>) -> Option<NaiveDate> {
    let mut year: i32 = digits.number(year_width)?;
    if year_width == 2 {
        year = year.checked_add(2000)?;
    }
    let next = |digits: &mut Digits<'_>| {
        if let Some(between) = between {
            digits.one_of(&[between])?;
        }
        digits.number(2)
    };
    let month = next(digits)?;
    let day = next(digits)?;
    NaiveDate::from_ymd_opt(year, month, day)
}

/// Hour, minute and second, each two digits, with at most one of `between` between them.
fn time_of_day(digits: &mut Digits<'_>, between: &[u8]) -> Option<NaiveTime> {
    let hour = digits.number(2)?;
    digits.one_of(between);
    let minute = digits.number(2)?;
    digits.one_of(between);
    NaiveTime::from_hms_opt(hour, minute, digits.number(2)?)
}

/// The first time in a name that the window allows: forms in their order, leftmost match first.
///
/// What is no date (month 13) or lies outside the window is no match, so that a serial number does not hide a
/// time behind it.
pub fn first_in_name(name: &str, window: Window) -> Option<NameTime> {
    Form::ALL.into_iter().find_map(|form| find(form, name, |time| window.allows(time)))
}

/// Where the leftmost time of any form starts, in bytes. Needs no upload time: it only ends the name of a
/// network element (specs: dumps 2.3).
pub fn first_position(name: &str) -> Option<usize> {
    leftmost(name, |text| read_any(text.as_bytes()).map(drop)).map(|(start, ())| start)
}

/// A name with all its times cut out.
pub fn without_times(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((start, length)) = leftmost(rest, |text| Some(read_any(text.as_bytes())?.1)) {
        let end = start.saturating_add(length);
        out.push_str(rest.get(..start).unwrap_or_default());
        rest = rest.get(end..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

fn find(form: Form, name: &str, valid: impl Fn(DateTime<Utc>) -> bool) -> Option<NameTime> {
    let read = |text: &str| form.read(text.as_bytes()).filter(|(time, _)| valid(*time));
    let (start, (time, length)) = leftmost(name, read)?;
    Some(NameTime { time, form, start, length })
}

fn read_any(bytes: &[u8]) -> Option<(Form, usize)> {
    Form::ALL.into_iter().find_map(|form| form.read(bytes).map(|(_, length)| (form, length)))
}
