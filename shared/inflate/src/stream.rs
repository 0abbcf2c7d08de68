//! The whole of the project's `unsafe`: calls into zlib-rs with pointers and lengths of live slices.
#![allow(unsafe_code)]

use std::ffi::c_int;
use std::fmt;
use std::mem::size_of;

use libz_rs_sys::{
    Z_BLOCK, Z_BUF_ERROR, Z_NO_FLUSH, Z_OK, Z_STREAM_END, inflate, inflateEnd, inflateGetDictionary,
    inflateInit2_, inflatePrime, inflateReset, inflateSetDictionary, z_stream, zlibVersion,
};

use crate::{Mode, Run, Stop};

/// The farthest a deflate stream refers back, in bytes (RFC 1951, 2).
pub const WINDOW_BYTES: usize = 32 << 10;

/// Raw deflate without a header, with the largest window.
const RAW: c_int = -15;
/// Bits of `data_type` (zlib's manual, `inflate`): unused bits, in the last block, at the end of a block.
const UNUSED_BITS: c_int = 63;
const LAST_BLOCK: c_int = 64;
const BLOCK_END: c_int = 128;

/// What zlib-rs refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InflateError {
    /// There is no memory for the state of a stream.
    #[error("no memory to inflate")]
    OutOfMemory,
    /// More than 7 bits to prime with, a value that has more bits than said, or a window of over 32 KiB.
    #[error("bits or window to start from are impossible")]
    BadStart,
}

/// A raw deflate stream being inflated.
pub struct Inflate {
    /// Boxed: the C interface may keep the address of the structure.
    stream: Box<z_stream>,
}

// SAFETY: the structure owns its state alone, the allocator is Rust's own, and no pointer into a caller's slice
// outlives the call that was given it.
unsafe impl Send for Inflate {}

impl Inflate {
    /// A stream at its start.
    pub fn new() -> Result<Self, InflateError> {
        let mut stream = Box::<z_stream>::default();
        let size = c_int::try_from(size_of::<z_stream>()).unwrap_or(0);
        // SAFETY: `stream` is a valid structure with its default allocators; version and size are those of the
        // library that is linked.
        let code = unsafe { inflateInit2_(&raw mut *stream, RAW, zlibVersion(), size) };
        if code == Z_OK { Ok(Self { stream }) } else { Err(InflateError::OutOfMemory) }
    }

    /// Forgets the stream and what it was primed with; keeps the memory.
    pub fn reset(&mut self) {
        // SAFETY: `stream` was initialised by `new`; its state lives until `drop`.
        unsafe { inflateReset(&raw mut *self.stream) };
    }

    /// Puts `bits` (0 to 7) bits of `value` in front of the input. Right after [`Inflate::reset`].
    pub fn prime(&mut self, bits: u8, value: u8) -> Result<(), InflateError> {
        if bits > 7 || u16::from(value) >> bits != 0 {
            return Err(InflateError::BadStart);
        }
        // SAFETY: as in `reset`.
        let code = unsafe { inflatePrime(&raw mut *self.stream, c_int::from(bits), c_int::from(value)) };
        if code == Z_OK { Ok(()) } else { Err(InflateError::BadStart) }
    }

    /// Sets the bytes, at most 32 KiB, that came before the output.
    pub fn set_window(&mut self, window: &[u8]) -> Result<(), InflateError> {
        let length = u32::try_from(window.len()).unwrap_or(u32::MAX);
        if window.len() > WINDOW_BYTES {
            return Err(InflateError::BadStart);
        }
        // SAFETY: as in `reset`; the pointer and length are those of a live slice, which is only read.
        let code = unsafe { inflateSetDictionary(&raw mut *self.stream, window.as_ptr(), length) };
        if code == Z_OK { Ok(()) } else { Err(InflateError::BadStart) }
    }

    /// The last bytes of output, at most 32 KiB.
    pub fn window(&self) -> Vec<u8> {
        let (mut window, mut length) = (Vec::with_capacity(WINDOW_BYTES), 0);
        // SAFETY: as in `reset`; never more than the window of 32 KiB is written, which is the room there is, and
        // `length` is how much was.
        unsafe {
            inflateGetDictionary(&raw const *self.stream, window.as_mut_ptr(), &raw mut length);
            window.set_len(length as usize);
        }
        window
    }

    /// Inflates from `input` into `output`.
    pub fn run(&mut self, input: &[u8], output: &mut [u8], mode: Mode) -> Run {
        let (given, room) = (length(input.len()), length(output.len()));
        let flush = if mode == Mode::Block { Z_BLOCK } else { Z_NO_FLUSH };
        self.stream.next_in = input.as_ptr();
        self.stream.avail_in = given;
        self.stream.next_out = output.as_mut_ptr();
        self.stream.avail_out = room;
        // SAFETY: as in `reset`; both pointers and lengths are those of live slices, and the output is
        // initialised memory that is borrowed mutably for the whole call.
        let code = unsafe { inflate(&raw mut *self.stream, flush) };
        let read = given.saturating_sub(self.stream.avail_in) as usize;
        let written = room.saturating_sub(self.stream.avail_out) as usize;
        Run { read, written, stop: self.stop(code, mode) }
    }

    fn stop(&self, code: c_int, mode: Mode) -> Stop {
        let at = self.stream.data_type;
        match code {
            Z_STREAM_END => Stop::Complete,
            Z_OK | Z_BUF_ERROR if mode == Mode::Block && at & BLOCK_END != 0 && at & LAST_BLOCK == 0 => {
                match u8::try_from(at & UNUSED_BITS) {
                    Ok(unused_bits @ 0..=7) => Stop::Block { unused_bits },
                    // Whole bytes are held back: no place to begin from.
                    _ => Stop::More,
                }
            }
            Z_OK | Z_BUF_ERROR => Stop::More,
            _ => Stop::Invalid,
        }
    }
}

impl Drop for Inflate {
    fn drop(&mut self) {
        // SAFETY: `stream` was initialised by `new` and is not used again.
        unsafe { inflateEnd(&raw mut *self.stream) };
    }
}

impl fmt::Debug for Inflate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflate").finish_non_exhaustive()
    }
}

/// A longer slice is taken in part; the caller sees by `read` and `written` how far.
fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
