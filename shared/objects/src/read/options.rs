//! How a read is cut into requests.

use std::ops::Range;
use std::time::Duration;

const MIB: u64 = 1024 * 1024;

/// How an object is read (ARCHITECTURE.md, archives).
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Bytes of one request.
    pub part_bytes: u64,
    /// Bytes that may be in flight, buffered or in the caller's hand, all together.
    pub window_bytes: u64,
    /// Requests at the same time.
    pub parallel: usize,
    /// The part of the object to read; none for all of it.
    pub range: Option<Range<u64>>,
    /// How often a part is asked for again when its body breaks off. The SDK itself only repeats
    /// what fails before the body.
    pub body_retries: u32,
    /// How long a body may pause.
    pub idle_timeout: Duration,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            part_bytes: MIB,
            window_bytes: 8 * MIB,
            parallel: 4,
            range: None,
            body_retries: 2,
            idle_timeout: Duration::from_secs(20),
        }
    }
}

impl ReadOptions {
    /// Bytes of one request, never more than the window and never none.
    pub(crate) fn part(&self) -> u64 {
        self.part_bytes.min(self.window_bytes).max(1)
    }

    /// Parts that fit in the window.
    pub(crate) fn slots(&self) -> usize {
        let parts = self.window_bytes.checked_div(self.part()).unwrap_or(1).max(1);
        usize::try_from(parts).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_never_passed_and_never_empty() {
        let cut = |part_bytes, window_bytes| {
            let options = ReadOptions { part_bytes, window_bytes, ..ReadOptions::default() };
            (options.part(), options.slots())
        };
        assert_eq!(cut(MIB, 8 * MIB), (MIB, 8));
        assert_eq!(cut(3, 8), (3, 2));
        assert_eq!(cut(9, 8), (8, 1));
        assert_eq!(cut(0, 0), (1, 1));
    }
}
