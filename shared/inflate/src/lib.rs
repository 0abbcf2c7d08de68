//! A safe face on zlib-rs's C interface: raw deflate (RFC 1951) by blocks, primed bits and dictionaries.
//!
//! The safe decompressors of the field know neither the end of a block nor a start in the middle of a byte, and a
//! seek index needs both. [`Inflate`] is that much of the C interface and no more; all `unsafe` is in `stream.rs`.

mod stream;

pub use stream::{Inflate, InflateError, WINDOW_BYTES};

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
    /// Bytes put into the output.
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
