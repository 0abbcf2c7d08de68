//! One symbol at a time, wherever the input ends.

use crate::alphabets::{DISTANCE_BITS, LITERAL_BITS};
use crate::bits::{Bits, Source};
use crate::codes::{END, INVALID, LINK, LITERAL, SPECIAL};

use super::{Codes, value};

/// What comes next in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbol {
    Literal(u8),
    Match { distance: usize, length: usize },
    End,
    Invalid,
}

/// The most bits that a match can take: two codes with their extra bits.
const MOST: u32 = 15 + 5 + 15 + 13;

impl Codes {
    /// The next symbol, if all its bits are there; else none of them is taken.
    pub(crate) fn next(&self, source: &mut Source<'_>) -> Option<Symbol> {
        source.has(MOST);
        let mut bits = source.bits;
        let (entry, found) = symbol(&*self.literals.entries, LITERAL_BITS, &mut bits)?;
        let symbol = if entry & LITERAL != 0 {
            Symbol::Literal(found.to_le_bytes().first().copied().unwrap_or_default())
        } else if entry & SPECIAL == 0 {
            let (entry, distance) = symbol(&*self.distances.entries, DISTANCE_BITS, &mut bits)?;
            let (distance, length) = (distance as usize, found as usize);
            if entry & SPECIAL == 0 { Symbol::Match { distance, length } } else { Symbol::Invalid }
        } else if entry & END != 0 {
            Symbol::End
        } else {
            Symbol::Invalid
        };
        source.bits = bits;
        Some(symbol)
    }
}

/// The entry of the next symbol and its value, taken off `bits` if all its bits are there.
pub(crate) fn symbol(entries: &[u32], first_bits: usize, bits: &mut Bits) -> Option<(u32, u32)> {
    let mut left = *bits;
    let ask = |at: usize| entries.get(at).copied().unwrap_or(INVALID);
    let mut entry = ask(left.peek(u32::try_from(first_bits).unwrap_or(0)));
    if entry & LITERAL == 0 && entry & LINK != 0 {
        take(&mut left, entry)?;
        entry = ask((entry >> 16) as usize + left.peek(entry >> 8 & 15));
    }
    let buffer = left.buffer;
    take(&mut left, entry)?;
    *bits = left;
    Some((entry, value(buffer, entry)))
}

fn take(bits: &mut Bits, entry: u32) -> Option<()> {
    let count = entry & 0xff;
    (count <= bits.count).then(|| bits.skip(count))
}
