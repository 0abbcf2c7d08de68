//! Version ids, upload ids and sequencers: all made from the index's one growing number.

use std::fmt;

/// Names one version: the number of its write and its time. Text: 32 hexadecimal digits, growing with each write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VersionId {
    /// The number of the write.
    pub(crate) seq: u64,
    /// Its time, milliseconds since 1970.
    pub(crate) modified_ms: i64,
}

impl VersionId {
    /// Reads the text form; `None` for anything that this endpoint never gave out.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let canonical = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let (seq, ms) = text.split_at_checked(16).filter(|_| canonical)?;
        let seq = u64::from_str_radix(seq, 16).ok()?;
        let modified_ms = u64::from_str_radix(ms, 16).ok()?.cast_signed();
        Some(Self { seq, modified_ms })
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.seq, self.modified_ms.cast_unsigned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_is_read_back_and_grows() {
        let first = VersionId { seq: 9, modified_ms: 1_700_000_000_000 };
        let second = VersionId { seq: 10, modified_ms: 1_600_000_000_000 };
        insta::assert_snapshot!(first, @"00000000000000090000018bcfe56800");
        assert_eq!(VersionId::parse(&first.to_string()), Some(first));
        assert!(first.to_string() < second.to_string(), "a clock that goes back does not matter");
    }

    #[test]
    fn foreign_ids_are_not_read() {
        for text in ["", "null", "00000000000000090000018BCFE56800", "+0000000000000090000018bcfe56800", "é"]
        {
            assert_eq!(VersionId::parse(text), None, "{text}");
        }
    }
}
