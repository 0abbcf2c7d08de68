//! Short texts, looked at eight bytes at a time.

/// The high bit of each byte.
const HIGH: u64 = repeat(0x80);

/// One byte eight times.
pub(super) const fn repeat(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// What kinds of characters a text holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// Nothing but ASCII that is neither blank nor control.
    pub graphic: bool,
    /// Besides that a lower-case letter.
    pub lower: bool,
}

impl Look {
    /// Looks at a text.
    #[inline]
    pub fn at(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut seen = Seen { high: 0, last: 0, first: u64::MAX, lower: 0 };
        if let Some(last) = bytes.last_chunk::<8>() {
            let (eights, rest) = bytes.as_chunks::<8>();
            for eight in eights {
                seen.add(u64::from_le_bytes(*eight));
            }
            if !rest.is_empty() {
                // What it has in common with the one before it is seen twice, which tells nothing new.
                seen.add(u64::from_le_bytes(*last));
            }
        } else {
            seen.add(short(bytes) | repeat(b'.') << (8 * bytes.len()));
        }
        let graphic = (seen.high | seen.last | !seen.first) & HIGH == 0;
        Self { graphic, lower: graphic && seen.lower & HIGH != 0 }
    }
}

/// What was found, in the high bit of each byte. A byte of ASCII and seven bits more do not reach the next byte; of
/// others nothing is told but that they are there.
struct Seen {
    /// No ASCII.
    high: u64,
    /// Behind the last graphic character.
    last: u64,
    /// Not before the first.
    first: u64,
    lower: u64,
}

impl Seen {
    #[inline]
    fn add(&mut self, eight: u64) {
        let reaches = |bound: u8| eight.wrapping_add(repeat(0x80_u8.wrapping_sub(bound)));
        self.high |= eight;
        self.last |= reaches(b'~' + 1);
        self.first &= reaches(b'!');
        self.lower |= reaches(b'a') & !reaches(b'z' + 1);
    }
}

/// Whether a text is of ASCII without controls, with one blank between its words and none around them.
pub(super) fn is_spaced(text: &str) -> bool {
    let bytes = text.as_bytes();
    let fits = bytes.iter().fold(true, |fits, byte| fits & matches!(byte, b' '..=b'~'));
    let pairs = bytes.iter().zip(bytes.iter().skip(1));
    let doubled = pairs.filter(|pair| *pair == (&b' ', &b' ')).count();
    fits && doubled == 0 && bytes.first() != Some(&b' ') && bytes.last() != Some(&b' ')
}

/// Fewer than eight bytes as a number, the first lowest, with zeros above.
#[inline]
fn short(bytes: &[u8]) -> u64 {
    let above = |from: usize| 8 * bytes.len().saturating_sub(from);
    match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>(), bytes) {
        (Some(first), Some(last), _) => {
            u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << above(4)
        }
        (_, _, [first, .., last]) => {
            let second = bytes.get(1).copied().unwrap_or(0);
            u64::from(*first) | u64::from(second) << 8 | u64::from(*last) << above(1)
        }
        (_, _, [only]) => u64::from(*only),
        _ => 0,
    }
}

/// At most eight bytes as a number, with bytes `0xff` above, which are in no text; longer texts have none. Two texts are
/// equal if their numbers are.
#[inline]
pub(super) fn number(text: &str) -> Option<u64> {
    match text.as_bytes().first_chunk::<8>() {
        Some(eight) => (text.len() == 8).then(|| u64::from_le_bytes(*eight)),
        None => Some(short(text.as_bytes()) | u64::MAX << (8 * text.len())),
    }
}

/// The number of a text with its letters of ASCII in lower case.
#[inline]
pub(super) fn lower_number(text: &str) -> Option<u64> {
    let number = number(text)?;
    let seven = number & !HIGH;
    let reaches = |bound: u8| seven.wrapping_add(repeat(0x80_u8.wrapping_sub(bound)));
    let upper = reaches(b'A') & !reaches(b'Z' + 1) & !number & HIGH;
    Some(number | upper >> 2)
}

/// What no text has for a number, as it would hold a byte `0xff`.
const NO_NUMBER: u64 = 0xff;

/// The number of a text that is known when this is compiled; for a long one the number of none.
pub(crate) const fn const_number(text: &str) -> u64 {
    let bytes = text.as_bytes();
    if bytes.len() > 8 {
        return NO_NUMBER;
    }
    let mut number = u64::MAX;
    let mut rest = bytes;
    while let [before @ .., last] = rest {
        number = number << 8 | *last as u64;
        rest = before;
    }
    number
}

/// A number of one to eight decimal digits.
#[inline]
pub(super) fn decimal(digits: &[u8]) -> Option<u64> {
    let eight = match digits.first_chunk::<8>() {
        Some(eight) => (digits.len() == 8).then(|| u64::from_le_bytes(*eight))?,
        None if digits.is_empty() => return None,
        // Zeros stand before the digits.
        None => {
            let missing = 8 * 8_usize.saturating_sub(digits.len());
            short(digits) << missing | repeat(b'0') >> (64 - missing)
        }
    };
    let values = eight ^ repeat(b'0');
    // A byte above nine has a high bit, or gets one.
    if (values | values.wrapping_add(repeat(0x80 - 10))) & HIGH != 0 {
        return None;
    }
    let pairs = values.wrapping_mul(10).wrapping_add(values >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_look_tells_what_each_byte_tells(text in "([!-~]{0,20}|[ A-Z.]{0,20})[ \\x00-\\x7f\u{a0}å]?([A-Zq]{0,20}|[ A-Z.]{0,20})") {
            let look = Look::at(&text);
            let is = |fits: fn(u8) -> bool| text.bytes().all(fits);
            prop_assert_eq!(look.graphic, is(|b| b.is_ascii_graphic()));
            prop_assert_eq!(look.lower, look.graphic && text.bytes().any(|b| b.is_ascii_lowercase()));
            let spaced = is(|b| b.is_ascii_graphic() || b == b' ')
                && !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ");
            prop_assert_eq!(is_spaced(&text), spaced);
        }

        #[test]
        fn numbers_are_equal_as_the_texts_are(a in "[aA@z\\x00å]{0,9}", b in "[aA@z\\x00å]{0,9}") {
            prop_assert_eq!(number(&a).is_some(), a.len() <= 8);
            prop_assert_eq!(number(&a) == number(&b) && a.len() <= 8, a == b && a.len() <= 8);
            prop_assert_eq!(lower_number(&a), number(&a.to_ascii_lowercase()));
            prop_assert_eq!(const_number(&a), number(&a).unwrap_or(NO_NUMBER));
        }

        #[test]
        fn decimals_are_those_of_the_standard_library(text in "([0-9]{0,9}|[0-9]{0,4}[ -~å][0-9]{0,4})") {
            let expected = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
            prop_assert_eq!(decimal(text.as_bytes()), expected.filter(|_| text.len() <= 8));
        }
    }
}
