//! The symbols of a block: most of them quickly, those near an end with care.

mod careful;
mod quick;

pub(crate) use careful::{Symbol, symbol};
pub(crate) use quick::{Ended, quick};

use crate::alphabets::{Distances, Literals};
use crate::bits::low_bits;

/// The codes of a block.
#[derive(Debug)]
pub(crate) struct Codes {
    pub(crate) literals: Literals,
    pub(crate) distances: Distances,
}

/// What a symbol stands for, with the extra bits behind its code; `buffer` begins with the code.
#[inline]
fn value(buffer: u64, entry: u32) -> u32 {
    let extra = (buffer & low_bits(entry & 63)) >> (entry >> 8 & 15);
    // At most 13 bits are left.
    #[expect(clippy::cast_possible_truncation, reason = "at most 13 bits are left")]
    let extra = extra as u32;
    (entry >> 16).wrapping_add(extra)
}
