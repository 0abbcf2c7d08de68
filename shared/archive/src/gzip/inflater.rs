//! Raw deflate, one member at a time.
//!
//! The one place that touches the decompressor. It knows the compressed and the inflated position of every call,
//! which is what a seek index hangs its checkpoints on.

use flate2::{Decompress, FlushDecompress, Status};

/// A decompressor that is reset and used again for the next member or archive.
#[derive(Debug)]
pub(super) struct Inflater {
    raw: Decompress,
}

/// What one call did.
pub(super) struct Run {
    /// Bytes taken off the input.
    pub(super) read: usize,
    /// Bytes put into the output.
    pub(super) written: usize,
    pub(super) end: RunEnd,
}

/// How one call ended.
pub(super) enum RunEnd {
    /// The input is used up or the output is full.
    More,
    /// The deflate stream is complete; input behind it was not touched.
    Complete,
    /// The next symbol is invalid; all output before it was written.
    Invalid,
}

impl Inflater {
    pub(super) fn new() -> Self {
        Self { raw: Decompress::new(false) }
    }

    /// Forgets the stream, keeps the memory.
    pub(super) fn reset(&mut self) {
        self.raw.reset(false);
    }

    /// Inflates from `input` into `output` until one of them is used up or the stream ends.
    pub(super) fn run(&mut self, input: &[u8], output: &mut [u8]) -> Run {
        let (read, written) = (self.raw.total_in(), self.raw.total_out());
        let end = match self.raw.decompress(input, output, FlushDecompress::None) {
            Ok(Status::Ok | Status::BufError) => RunEnd::More,
            Ok(Status::StreamEnd) => RunEnd::Complete,
            Err(_) => RunEnd::Invalid,
        };
        Run {
            read: difference(self.raw.total_in(), read),
            written: difference(self.raw.total_out(), written),
            end,
        }
    }
}

fn difference(after: u64, before: u64) -> usize {
    usize::try_from(after.saturating_sub(before)).unwrap_or(usize::MAX)
}
