//! The label of a path: which wavelength it uses.

use std::fmt;

use compact_str::{CompactString, ToCompactString, format_compact};
use serde::Serialize;

use super::number::{all_digits, hex_digits};

/// A label in its one stored form: `9330`, `193.3125THZ`, `0x08000015`, or other text in upper case. No label
/// is the empty text, so that it can be part of a unique key (specs: dumps 3.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Label(CompactString);

impl Label {
    /// Reads a label that is not null. Every text has a form, so this cannot fail.
    pub fn read(text: &str) -> Self {
        // Most labels are a channel and nothing else.
        if let [b'9', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9'] = text.as_bytes() {
            return Self(text.into());
        }
        let bare: CompactString = text.split_whitespace().collect();
        let form = channel(&bare).map(Into::into).or_else(|| frequency(&bare)).or_else(|| generalized(&bare));
        Self(form.unwrap_or_else(|| super::names::upper(bare)))
    }

    /// The stored form; empty if there is no label.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `9ddd`, with `ch`, `ch:`, `ch=` or `channel` before it.
fn channel(bare: &str) -> Option<&str> {
    let number = match bare.find(|c: char| c.is_ascii_digit()) {
        Some(at) => {
            let (before, number) = bare.split_at_checked(at)?;
            let known =
                ["", "ch", "ch:", "ch=", "channel"].iter().any(|word| before.eq_ignore_ascii_case(word));
            known.then_some(number)?
        }
        None => return None,
    };
    (number.len() == 4 && number.starts_with('9') && all_digits(number)).then_some(number)
}

/// `ddd.d` to `ddd.dddd` with `THz`: a channel where it lies on the 0.01 THz grid in 190 to 199.99.
fn frequency(bare: &str) -> Option<CompactString> {
    let (number, unit) = bare.split_at_checked(bare.len().checked_sub(3)?)?;
    if !unit.eq_ignore_ascii_case("thz") {
        return None;
    }
    let (whole, decimals) = number.split_once('.')?;
    if whole.len() != 3 || !all_digits(whole) || !all_digits(decimals) || decimals.len() > 4 {
        return None;
    }
    let units: u32 = format!("{whole}{decimals:0<4}").parse().ok()?;
    let (hundredths, off_grid) = (units / 100, units % 100);
    if off_grid == 0 && (19_000..=19_999).contains(&hundredths) {
        return Some((hundredths - 10_000).to_compact_string());
    }
    Some(format_compact!("{whole}.{decimals:0<4}THZ"))
}

/// `0x` with 1 to 8 hex digits.
fn generalized(bare: &str) -> Option<CompactString> {
    let digits = hex_digits(bare).filter(|digits| digits.len() <= 8)?;
    Some(format_compact!("0x{:0>8}", digits.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_read_as_the_table_says() {
        for (text, value) in [
            ("9330", "9330"),
            ("ch 9345", "9345"),
            ("CH:9345", "9345"),
            ("ch=9345", "9345"),
            ("Channel 9345", "9345"),
            ("193.30 THz", "9330"),
            ("193.3THz", "9330"),
            ("193.3000 thz", "9330"),
            ("190.00THz", "9000"),
            ("199.99THz", "9999"),
            ("193.3125THz", "193.3125THZ"),
            ("193.305THz", "193.3050THZ"),
            ("200.00THz", "200.0000THZ"),
            ("189.99THz", "189.9900THZ"),
            ("0x8000015", "0x08000015"),
            ("0xABCDEF01", "0xabcdef01"),
            ("0x123456789", "0X123456789"),
            ("8330", "8330"),
            ("93301", "93301"),
            ("channel: 9345", "CHANNEL:9345"),
            ("193.31250THz", "193.31250THZ"),
            ("lambda 7", "LAMBDA7"),
        ] {
            assert_eq!(Label::read(text).as_str(), value, "{text:?}");
        }
    }
}
