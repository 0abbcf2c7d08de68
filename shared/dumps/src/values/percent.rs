//! Shares in percent, exact in decimals.

use std::fmt;

use serde::{Serialize, Serializer};

use super::eights::decimal;
use super::names::trim;
use super::number::all_digits;

/// Units of one percent.
const ONE: u128 = 1_000_000_000;

/// Units of a hundredth of a percent.
const HUNDREDTH: u128 = ONE / 100;

/// A share in percent. Shown with two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Percent {
    billionths: u128,
}

impl Percent {
    /// `part / whole` in percent, rounded half up to two decimals. `None` if there is no whole.
    pub fn of(part: u64, whole: u64) -> Option<Self> {
        // Most counts are small enough for the quick way.
        if part < 1 << 48 && whole < 1 << 48 {
            let hundredths = (part * 20_000 + whole).checked_div(whole * 2)?;
            return Some(Self { billionths: u128::from(hundredths) * HUNDREDTH });
        }
        let whole = u128::from(whole);
        let twice = u128::from(part).checked_mul(20_000)?.checked_add(whole)?;
        let hundredths = twice.checked_div(whole.checked_mul(2)?)?;
        Some(Self { billionths: hundredths.checked_mul(HUNDREDTH)? })
    }

    /// Reads a number with at most nine decimals and an optional `%`.
    pub fn read(text: &str) -> Option<Self> {
        Self::read_short(text).or_else(|| Self::read_any(trim(text)))
    }

    /// The quick way of most shares: up to eight digits, with a point before the last or the last but one. `None` says
    /// nothing.
    fn read_short(text: &str) -> Option<Self> {
        let (whole, decimals, unit) = match text.as_bytes() {
            [whole @ .., b'.', tenths] => (whole, decimal(&[*tenths])?, ONE / 10),
            [whole @ .., b'.', tenths, hundredths] => (whole, decimal(&[*tenths, *hundredths])?, HUNDREDTH),
            _ => return None,
        };
        let whole = u128::from(decimal(whole)?);
        Some(Self {
            billionths: whole.checked_mul(ONE)?.checked_add(u128::from(decimals).checked_mul(unit)?)?,
        })
    }

    fn read_any(text: &str) -> Option<Self> {
        let number = text.strip_suffix('%').unwrap_or(text).trim_end();
        let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
        if !all_digits(whole) || !all_digits(decimals) || decimals.len() > 9 {
            return None;
        }
        let whole = u128::from(whole.parse::<u64>().ok()?).checked_mul(ONE)?;
        let digits = decimals.bytes().chain(std::iter::repeat(b'0')).take(9);
        let decimals =
            digits.fold(0_u32, |sum, b| sum.wrapping_mul(10).wrapping_add(b.wrapping_sub(b'0').into()));
        Some(Self { billionths: whole.checked_add(decimals.into())? })
    }

    /// Whether two shares differ by more than one percentage point.
    pub const fn is_far_from(self, other: Self) -> bool {
        self.billionths.abs_diff(other.billionths) > ONE
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.billionths / ONE, self.billionths % ONE / HUNDREDTH)
    }
}

impl Serialize for Percent {
    /// As a number. It is read back from the decimal text, so that it is the nearest one there is.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = self.to_string().parse().map_err(serde::ser::Error::custom)?;
        serializer.serialize_f64(number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_share_is_rounded_half_up_to_two_decimals() {
        let of = |part, whole| Percent::of(part, whole).map(|percent| percent.to_string());
        assert_eq!(of(667, 2000).as_deref(), Some("33.35"));
        assert_eq!(of(3999, 4000).as_deref(), Some("99.98"));
        assert_eq!(of(1, 3).as_deref(), Some("33.33"));
        assert_eq!(of(1, 20_000).as_deref(), Some("0.01"));
        assert_eq!(of(0, 5).as_deref(), Some("0.00"));
        assert_eq!(of(u64::MAX, 1).as_deref(), Some("1844674407370955161500.00"));
        assert_eq!(of(0, 0), None);
    }

    #[test]
    fn a_reported_share_is_a_number_with_or_without_a_sign() {
        let read = |text| Percent::read(text).map(|percent| percent.billionths);
        assert_eq!(read("31%"), Some(31 * ONE));
        assert_eq!(read(" 99.98 % "), Some(9_998 * HUNDREDTH));
        assert_eq!(read("0.000000001"), Some(1));
        for text in ["-5", "1.", ".5", "1.0000000001", "a", "", "%", "1,5"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn shares_are_far_apart_from_more_than_one_point_on() {
        let far = |a, b| Percent::read(a).unwrap().is_far_from(Percent::read(b).unwrap());
        assert!(!far("99.98", "98.98"));
        assert!(far("98.98", "99.980000001"));
    }

    proptest! {
        #[test]
        fn the_quick_way_reads_what_the_general_one_does(text in "[0-9]{0,10}[.]?[0-9]{0,3}%?") {
            let (quick, general) = (Percent::read_short(&text), Percent::read_any(&text));
            prop_assert!(quick.is_none() || quick == general, "{}", text);
        }
    }
}
