//! Reads fields of fixed width from the front of a byte slice.

/// What is left to read of a slice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Digits<'a> {
    rest: &'a [u8],
}

impl<'a> Digits<'a> {
    pub(super) fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    /// What was not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next byte, unread.
    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Exactly `width` decimal digits.
    pub(super) fn number<T: std::str::FromStr>(&mut self, width: usize) -> Option<T> {
        let (head, tail) = self.rest.split_at_checked(width)?;
        if !head.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let number = std::str::from_utf8(head).ok()?.parse().ok()?;
        self.rest = tail;
        Some(number)
    }

    /// One byte that is one of `set`.
    pub(super) fn one_of(&mut self, set: &[u8]) -> Option<u8> {
        let (first, tail) = self.rest.split_first()?;
        if !set.contains(first) {
            return None;
        }
        self.rest = tail;
        Some(*first)
    }

    /// Whether no digit follows.
    pub(super) fn at_boundary(&self) -> bool {
        !self.peek().is_some_and(|byte| byte.is_ascii_digit())
    }
}

/// Tries `read` at every digit of a text that has no digit before it, from left to right; gives the first
/// success with its position in bytes.
pub(super) fn leftmost<T>(text: &str, mut read: impl FnMut(&str) -> Option<T>) -> Option<(usize, T)> {
    let mut after_digit = false;
    for (position, byte) in text.bytes().enumerate() {
        let digit = byte.is_ascii_digit();
        if digit
            && !after_digit
            && let Some(found) = text.get(position..).and_then(&mut read)
        {
            return Some((position, found));
        }
        after_digit = digit;
    }
    None
}
