//! Decoding and splitting into lines (specs: dumps 3.1).

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::{memchr, memrchr};
use regex::Regex;

use super::noise::is_rule;
use super::scrub::scrub;

/// The longest line that is read, in bytes of UTF-8 without its line end.
pub const MAX_LINE_BYTES: usize = 8192;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What a pager leaves in the text of a line.
pub(super) static PAGER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)-- *More *--|Press any key to continue\.\.\.").ok());

/// A decoded file. Borrows the bytes where they are valid UTF-8.
#[derive(Debug)]
pub struct CleanText<'a> {
    text: Cow<'a, str>,
    replaced: bool,
    paged: bool,
    /// Whether there is a character to be cleaned away, other than blanks at the ends of lines.
    controls: bool,
}

impl<'a> CleanText<'a> {
    /// Decodes a file: a byte order mark and NULs go, invalid bytes are replaced.
    pub fn new(bytes: &'a [u8]) -> Self {
        let bytes = strip_start(bytes);
        let (text, replaced) = match std::str::from_utf8(bytes) {
            // NULs left in here are removed line by line.
            Ok(text) => (Cow::Borrowed(text), false),
            Err(_) => decode_lossy(bytes),
        };
        let paged = PAGER.as_ref().is_some_and(|pager| pager.is_match(&text));
        // Without an early exit this loop runs on whole vectors.
        let controls = text.bytes().fold(0, |any, b| any | u8::from(b < b' ' && b != b'\n')) != 0;
        Self { text, replaced, paged, controls }
    }

    /// Whether bytes that are no UTF-8 were replaced.
    pub fn replaced(&self) -> bool {
        self.replaced
    }

    /// The cleaned lines, numbered from 1.
    pub fn lines(&self) -> Lines<'_> {
        Lines { rest: Some(&self.text), number: 0, paged: self.paged, controls: self.controls }
    }
}

fn strip_start(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len());
    let bytes = bytes.get(start..).unwrap_or_default();
    bytes.strip_prefix(BOM).unwrap_or(bytes)
}

/// NULs go before the decoding: one inside a character must not break it.
fn decode_lossy(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    if !bytes.contains(&0) {
        return (String::from_utf8_lossy(bytes), true);
    }
    let bare: Vec<u8> = bytes.iter().copied().filter(|b| *b != 0).collect();
    let bare = bare.strip_prefix(BOM).map(<[u8]>::to_vec).unwrap_or(bare);
    match String::from_utf8(bare) {
        Ok(text) => (Cow::Owned(text), false),
        Err(error) => (Cow::Owned(String::from_utf8_lossy(error.as_bytes()).into_owned()), true),
    }
}

/// One cleaned line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'t> {
    /// Its number, from 1.
    pub number: u32,
    /// Its text; `None` if it was over [`MAX_LINE_BYTES`] and is dropped.
    pub text: Option<Cow<'t, str>>,
}

/// The cleaned lines of a file.
#[derive(Debug, Clone)]
pub struct Lines<'t> {
    /// The lines that were not given yet; the last one has no line end.
    rest: Option<&'t str>,
    number: u32,
    paged: bool,
    controls: bool,
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    #[inline]
    fn next(&mut self) -> Option<Line<'t>> {
        let rest = self.rest?;
        let end = memchr(b'\n', rest.as_bytes());
        let (raw, behind) = end.and_then(|end| rest.split_at_checked(end)).unwrap_or((rest, ""));
        self.rest = end.and_then(|_| behind.get(1..));
        self.number = self.number.saturating_add(1);
        // The line end is no part of the limit, so that CRLF and LF give the same result.
        Some(Line { number: self.number, text: self.clean(trim_end(raw, b'\r')) })
    }
}

impl Lines<'_> {
    /// Whether the next line may be a ruler. A quick look, as most lines are none.
    pub(super) fn may_be_ruler(&self) -> bool {
        // What is cleaned away may hide one.
        let hidden = self.controls || self.paged;
        let first = self.rest.and_then(|rest| rest.bytes().find(|b| *b != b' '));
        first.is_some_and(|b| hidden || is_rule(b))
    }

    /// How many bytes the lines have that were not given yet.
    pub(super) fn left(&self) -> usize {
        self.rest.map_or(0, str::len)
    }

    /// How many bytes will be left when this character comes next; 0 if it does not.
    pub(super) fn left_at(&self, character: u8) -> usize {
        let rest = self.rest.unwrap_or_default();
        memchr(character, rest.as_bytes()).map_or(0, |at| rest.len().saturating_sub(at))
    }

    /// Passes over lines without this character. The numbers of the lines behind them are not kept.
    pub(super) fn skip_to(&mut self, character: u8) {
        let Some(rest) = self.rest else { return };
        let found = memchr(character, rest.as_bytes()).and_then(|at| rest.as_bytes().get(..at));
        // A byte of ASCII is never a part of another character.
        self.rest = found
            .and_then(|before| rest.get(memrchr(b'\n', before).map_or(0, |end| end.saturating_add(1))..));
    }

    #[inline]
    fn clean<'t>(&self, raw: &'t str) -> Option<Cow<'t, str>> {
        if !self.controls && !self.paged && raw.len() <= MAX_LINE_BYTES {
            return Some(Cow::Borrowed(trim_end(raw, b' ')));
        }
        self.clean_slowly(raw)
    }

    fn clean_slowly<'t>(&self, raw: &'t str) -> Option<Cow<'t, str>> {
        if raw.len() > MAX_LINE_BYTES && raw.bytes().filter(|b| *b != 0).count() > MAX_LINE_BYTES {
            return None;
        }
        let controls = || raw.bytes().fold(0, |any, b| any | u8::from(b < b' ')) != 0;
        let pager = || PAGER.as_ref().is_some_and(|pager| pager.is_match(raw));
        if (self.controls && controls()) || (self.paged && pager()) {
            return Some(Cow::Owned(scrub(raw)));
        }
        Some(Cow::Borrowed(trim_end(raw, b' ')))
    }
}

/// The text without this character at its end.
#[inline]
fn trim_end(text: &str, character: u8) -> &str {
    if text.as_bytes().last() != Some(&character) {
        return text;
    }
    let trimmed = text.bytes().rev().take_while(|b| *b == character).count();
    text.get(..text.len().saturating_sub(trimmed)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<Option<String>> {
        CleanText::new(bytes).lines().map(|line| line.text.map(Cow::into_owned)).collect()
    }

    #[test]
    fn the_byte_order_mark_and_nuls_go() {
        assert_eq!(lines(b"\xEF\xBB\xBFa\0b\nc"), [Some("ab".to_owned()), Some("c".to_owned())]);
        assert_eq!(lines(b"\0\xEF\xBB\xBFa"), [Some("a".to_owned())]);
        let split = CleanText::new(b"\xC3\0\xA5");
        assert!(!split.replaced());
        assert_eq!(lines(b"\xC3\0\xA5"), [Some("å".to_owned())]);
    }

    #[test]
    fn invalid_bytes_are_replaced_and_told() {
        let text = CleanText::new(b"a\xFFb\n");
        assert!(text.replaced());
        assert_eq!(lines(b"a\xFFb"), [Some("a\u{FFFD}b".to_owned())]);
    }

    #[test]
    fn a_line_over_the_limit_is_dropped_and_keeps_its_number() {
        let long = "x".repeat(MAX_LINE_BYTES + 1);
        let exact = "y".repeat(MAX_LINE_BYTES);
        assert_eq!(
            lines(format!("{long}\n{exact}\r\nz").as_bytes()),
            [None, Some(exact), Some("z".to_owned())]
        );
        let nuls = [vec![0; MAX_LINE_BYTES], b"abc".to_vec()].concat();
        assert_eq!(lines(&[b"q\n".to_vec(), nuls].concat()), [Some("q".to_owned()), Some("abc".to_owned())]);
    }

    #[test]
    fn an_untouched_line_is_borrowed() {
        let text = CleanText::new(b"plain  \r\nwith\ttab");
        let kinds: Vec<bool> = text.lines().map(|l| matches!(l.text, Some(Cow::Borrowed(_)))).collect();
        assert_eq!(kinds, [true, false]);
    }
}
