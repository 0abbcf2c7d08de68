//! The Content-Range header (RFC 9110, 14.4).

use std::ops::Range;

/// Which bytes an answer holds, and how many the object has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContentRange {
    /// The bytes of the object that the body holds.
    pub bytes: Range<u64>,
    /// Size of the whole object in bytes.
    pub size: u64,
}

/// Reads `bytes 0-99/1234`. None if it is anything else, also if the size is unknown (`*`) or the
/// range does not lie in it.
pub(crate) fn parse(header: &str) -> Option<ContentRange> {
    let (range, size) = header.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let size = number(size)?;
    let bytes = number(first)?..number(last)?.checked_add(1)?;
    (bytes.start < bytes.end && bytes.end <= size).then_some(ContentRange { bytes, size })
}

/// Digits only: `u64::from_str` would also take a sign.
fn number(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// The Range header for a range that is not empty.
pub(crate) fn header(bytes: &Range<u64>) -> String {
    format!("bytes={}-{}", bytes.start, bytes.end.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_a_complete_and_consistent_header_is_taken() {
        assert_eq!(parse("bytes 0-99/1234"), Some(ContentRange { bytes: 0..100, size: 1234 }));
        assert_eq!(parse("bytes 1233-1233/1234"), Some(ContentRange { bytes: 1233..1234, size: 1234 }));
        let wrong = [
            "",
            "bytes */1234",
            "bytes 0-99/*",
            "bytes 5-4/10",
            "bytes 0-10/10",
            "bytes +0-9/10",
            "bytes -0-9/10",
            "items 0-9/10",
            "bytes 0-18446744073709551615/18446744073709551615",
            "bytes 0-9/99999999999999999999",
        ];
        for header in wrong {
            assert_eq!(parse(header), None, "{header}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_written_is_read_again(start in 0..u64::MAX / 4, len in 1..u64::MAX / 4, rest in 0..u64::MAX / 4) {
            let (bytes, size) = (start..start + len, start + len + rest);
            let asked = header(&bytes);
            let answer = format!("{}/{size}", asked.replace("bytes=", "bytes "));
            prop_assert_eq!(parse(&answer), Some(ContentRange { bytes, size }));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in ".*") {
            let _ = parse(&text);
        }
    }
}
