//! Raw deflate (RFC 1951) for a seek index: block by block, from any bit and window on, and with what is referred to of a
//! window. Bytes in, bytes out, no input or output of its own, no `unsafe`.
//!
//! ```
//! use landfall_inflate::{Inflate, Mode, Stop};
//!
//! let mut stream = Inflate::new();
//! // One stored block, the last: three bytes.
//! let run = stream.run(&[1, 3, 0, 252, 255, b'o', b'n', b'e'], usize::MAX, Mode::Greedy);
//! assert_eq!((stream.output(), run.stop), (&b"one"[..], Stop::Complete));
//! ```
//!
//! [`Inflate`] holds its output together with the 32 KiB before it, so that a match is one copy wherever it begins. A
//! call takes whole bytes and gives back those it did not need; only bits of a symbol whose others are still to come
//! stay. `blocks` knows headers, `codes` and `alphabets` the tables of a block, `decode` its symbols.
//!
//! What is invalid and what is not is as zlib has it, which the tests hold it against.

mod alphabets;
mod bits;
mod blocks;
mod codes;
mod decode;
mod output;
mod references;
mod stream;

pub use output::OUTPUT_BYTES;
pub use references::References;
pub use stream::Inflate;

/// The farthest a deflate stream refers back, in bytes (RFC 1951, 2).
pub const WINDOW_BYTES: usize = 32 << 10;

/// What is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InflateError {
    /// More than 7 bits to prime with, a value that has more bits than said, or a window of over 32 KiB.
    #[error("bits or window to start from are impossible")]
    BadStart,
}

/// How far one call of [`Inflate::run`] goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Until the input is used up, the output is full or the stream ends.
    Greedy,
    /// Likewise, but no further than the next end of a block.
    Block,
}

/// What one call of [`Inflate::run`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Bytes taken off the input.
    pub read: usize,
    /// Bytes that [`Inflate::output`] has.
    pub written: usize,
    /// Where it stopped.
    pub stop: Stop,
}

/// Where one call of [`Inflate::run`] stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The input is used up or the output is full.
    More,
    /// Between two blocks; only with [`Mode::Block`]. The header of the next block begins in the last byte taken,
    /// of which this many high bits (0 to 7) are still to be read.
    Block {
        /// High bits of the last byte taken that belong to the next block.
        unused_bits: u8,
    },
    /// The deflate stream is complete; input behind it was not touched.
    Complete,
    /// The next symbol is invalid; all output before it was written.
    Invalid,
}
