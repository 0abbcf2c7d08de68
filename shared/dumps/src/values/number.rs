//! Counts and sizes.

use compact_str::CompactString;

use super::eights::decimal;
use super::names::trim;

/// Reads `17`, `00042`, `1,250` (groups of exactly three) or `0x1F`: 0 to 2^64-1 (specs: dumps 3.4).
pub fn uint(text: &str) -> Option<u64> {
    // Most numbers are short.
    decimal(text.as_bytes()).or_else(|| long_uint(trim(text)))
}

fn long_uint(text: &str) -> Option<u64> {
    if let Some(digits) = hex_digits(text) {
        return u64::from_str_radix(digits, 16).ok();
    }
    if all_digits(text) {
        return text.parse().ok();
    }
    text.contains(',').then(|| grouped(text)).flatten()
}

/// Reads a [`uint`] with an optional `K`, `M` or `G` and an optional `B` or `iB`, into bytes at factor 1024
/// (specs: dumps 3.4).
pub fn size(text: &str) -> Option<u64> {
    let text = trim(text);
    // No number ends otherwise.
    if text.ends_with(|c: char| c.is_ascii_hexdigit())
        && let Some(bytes) = uint(text)
    {
        return Some(bytes);
    }
    let rest = cut_end(text, "ib").or_else(|| cut_end(text, "b")).unwrap_or(text);
    let (rest, factor) = [("k", 1 << 10), ("m", 1 << 20), ("g", 1 << 30)]
        .into_iter()
        .find_map(|(unit, factor)| Some((cut_end(rest, unit)?, factor)))
        .unwrap_or((rest, 1));
    // One blank may stand before the unit; more are no size.
    let number = rest.strip_suffix(' ').unwrap_or(rest);
    if number.ends_with(' ') {
        return None;
    }
    uint(number)?.checked_mul(factor)
}

/// Reads a list of [`uint`]s, split at commas, semicolons and blanks. One bad item makes the whole bad.
pub fn uints(text: &str) -> Option<Vec<u64>> {
    let is_between = |byte: &u8| matches!(byte, b',' | b';' | b' ');
    let mut numbers = Vec::with_capacity(text.bytes().filter(is_between).count().saturating_add(1));
    for item in text.as_bytes().split(is_between).filter(|item| !item.is_empty()) {
        numbers.push(decimal(item).or_else(|| uint(str::from_utf8(item).ok()?))?);
    }
    Some(numbers)
}

/// Reads `n:m` or `n+m` of decimal numbers, with blanks anywhere; they are removed.
pub fn ratio(text: &str) -> Option<CompactString> {
    let bare: CompactString = text.split_whitespace().collect();
    let (left, right) = bare.split_once([':', '+'])?;
    (all_digits(left) && all_digits(right)).then_some(bare)
}

/// The text behind `0x`, if that is what it starts with.
pub(super) fn hex_digits(text: &str) -> Option<&str> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    // `from_str_radix` would take a sign.
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit())).then_some(digits)
}

/// Whether the text is one or more ASCII digits and nothing else.
pub(super) fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn grouped(text: &str) -> Option<u64> {
    let (mut sum, mut digits, mut groups) = (0_u64, 0, 1);
    for byte in text.bytes() {
        let is_full = digits == 3 || (groups == 1 && digits > 0);
        match byte {
            b'0'..=b'9' if digits < 3 => {
                sum = sum.checked_mul(10)?.checked_add(byte.wrapping_sub(b'0').into())?;
                digits += 1;
            }
            b',' if is_full => (digits, groups) = (0, 2),
            _ => return None,
        }
    }
    (digits == 3).then_some(sum)
}

/// Cuts `end` in any case off the text's end.
fn cut_end<'t>(text: &'t str, end: &str) -> Option<&'t str> {
    let (head, tail) = text.split_at_checked(text.len().checked_sub(end.len())?)?;
    tail.eq_ignore_ascii_case(end).then_some(head)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn counts_read_as_the_table_says() {
        for (text, value) in [
            ("17", Some(17)),
            ("00042", Some(42)),
            ("1,250", Some(1250)),
            ("12,345,678", Some(12_345_678)),
            ("0x1F", Some(31)),
            (" 5 ", Some(5)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("0x10000000000000000", None),
            ("1,25", None),
            ("1250,000", None),
            (",250", None),
            ("1,250,", None),
            ("-5", None),
            ("+5", None),
            ("0x", None),
            ("0x+1", None),
            ("5.0", None),
            ("x6", None),
            ("", None),
        ] {
            assert_eq!(uint(text), value, "{text:?}");
        }
    }

    #[test]
    fn lists_are_good_or_bad_as_a_whole() {
        assert_eq!(uints("101,102; 0x10 ,"), Some(vec![101, 102, 16]));
        assert_eq!(uints("1,250"), Some(vec![1, 250]));
        assert_eq!(uints(";"), Some(vec![]));
        assert_eq!(uints("101,x"), None);
    }

    #[test]
    fn ratios_keep_their_sign_and_lose_their_blanks() {
        assert_eq!(ratio(" 1 : 2 ").as_deref(), Some("1:2"));
        assert_eq!(ratio("1+1").as_deref(), Some("1+1"));
        for text in ["two", "1:", ":1", "1:2:3", "1/2"] {
            assert_eq!(ratio(text), None, "{text:?}");
        }
    }

    #[test]
    fn sizes_count_in_bytes_at_factor_1024() {
        for (text, value) in [
            ("64", Some(64)),
            ("64 B", Some(64)),
            ("4K", Some(4096)),
            ("2KB", Some(2048)),
            ("2 KiB", Some(2048)),
            ("1M", Some(1 << 20)),
            ("3 GiB", Some(3 << 30)),
            ("1,024K", Some(1 << 20)),
            ("0x1B", Some(27)),
            ("2  KB", None),
            ("2 K B", None),
            ("1T", None),
            ("K", None),
            ("18446744073709551615K", None),
        ] {
            assert_eq!(size(text), value, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn groups_are_of_three_digits(text in "[0-9]{0,4}(,[0-9]{2,4}){0,7}") {
            let groups: Vec<&str> = text.split(',').collect();
            let fits = (1..=3).contains(&groups[0].len()) && groups.iter().skip(1).all(|group| group.len() == 3);
            let number = groups.concat().parse().ok().filter(|_| fits && groups.len() > 1);
            prop_assert_eq!(grouped(&text).filter(|_| groups.len() > 1), number);
        }

        #[test]
        fn short_numbers_read_as_long_ones_do(text in "[ ]?(0x)?[0-9,a]{0,10}") {
            prop_assert_eq!(uint(&text), long_uint(trim(&text)));
        }
    }
}
