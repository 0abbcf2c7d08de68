//! Prefix codes as tables, which are asked with the next bits of the input (RFC 1951, 3.2.2).
//!
//! A table has an entry for every value of the next `BITS` bits. Codes that are longer share a part behind these, which
//! is asked with the bits that follow. An entry says all there is to know of a symbol:
//!
//! | bits | |
//! |--:|---|
//! | 0-7 | bits to take: those of the code, and the extra bits behind it |
//! | 8-11 | bits of the code alone; of a link, the bits with which its part is asked |
//! | 13 | the end of the block |
//! | 14 | a link: the value is where its part begins |
//! | 15 | no plain symbol: a link, the end of the block, or neither of them, which is invalid |
//! | 16-30 | the value: a literal, or the least length or distance |
//! | 31 | a literal |

use crate::alphabets::SYMBOLS;

/// The longest code, bits.
const LONGEST: usize = 15;

pub(crate) const LITERAL: u32 = 1 << 31;
pub(crate) const SPECIAL: u32 = 1 << 15;
pub(crate) const LINK: u32 = 1 << 14;
pub(crate) const END: u32 = 1 << 13;

/// Of bits that stand for nothing. One bit of them is taken.
pub(crate) const INVALID: u32 = SPECIAL | 1 << 8 | 1;

/// What a code is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// No bits may stand for nothing.
    Complete,
    /// There may be no symbol, or a single one of one bit, as where there is nothing to repeat.
    OrLone,
}

/// More codes than bits can tell apart, or fewer where there must be all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadCode;

/// The table of a code: `SIZE` entries, of which the first 2^`BITS` are asked first.
#[derive(Debug)]
pub(crate) struct Table<const BITS: usize, const SIZE: usize> {
    pub(crate) entries: Box<[u32; SIZE]>,
}

impl<const BITS: usize, const SIZE: usize> Table<BITS, SIZE> {
    /// Entries.
    pub(crate) const SIZE: usize = SIZE;
    /// Of the bits with which the table is asked first.
    pub(crate) const MASK: usize = (1 << BITS) - 1;

    pub(crate) fn new() -> Self {
        Self { entries: Box::new([INVALID; SIZE]) }
    }

    /// Makes the table of the code in which each symbol has as many bits as `lengths` says, 0 for none. `meanings` are
    /// the entries of the symbols but for the bits of the code.
    pub(crate) fn build(&mut self, lengths: &[u8], meanings: &[u32], rule: Rule) -> Result<(), BadCode> {
        let sorted = Sorted::new(lengths);
        let is_lone = rule == Rule::OrLone && sorted.longest <= 1;
        if sorted.free()? > 0 && !is_lone {
            return Err(BadCode);
        }
        let entry = |symbol: u16, bits: u32| {
            meanings
                .get(usize::from(symbol))
                .map_or(INVALID, |meaning| meaning.wrapping_add(bits << 8 | bits))
        };
        let (mut symbols, mut code, mut size) = (sorted.symbols.iter(), 0, 1);
        *self.entries.first_mut().unwrap_or(&mut 0) = INVALID;
        // The shorter codes first: what stands in the table is repeated for every bit more.
        for (bits, count) in (1..).zip(sorted.counts.iter().skip(1)).take(BITS) {
            self.entries.copy_within(..size, size);
            size = size.wrapping_mul(2);
            code <<= 1;
            for symbol in symbols.by_ref().take(usize::from(*count)) {
                if let Some(slot) = self.entries.get_mut(mirrored(code, bits)) {
                    *slot = entry(*symbol, bits);
                }
                code = code.wrapping_add(1);
            }
        }
        self.link(&sorted, entry);
        Ok(())
    }

    /// The codes of more than `BITS` bits, from the last and longest back, so that the first of a part tells its size.
    fn link(&mut self, sorted: &Sorted, entry: impl Fn(u16, u32) -> u32) {
        let (mut symbols, mut end) = (sorted.used().iter().rev(), 1_usize << BITS);
        let (mut head, mut part) = (usize::MAX, 0);
        let mut code = (1_u32 << sorted.longest).wrapping_sub(1);
        for (length, count) in sorted.counts.iter().enumerate().skip(BITS.wrapping_add(1)).rev() {
            if length > sorted.longest {
                continue;
            }
            let more = length.saturating_sub(BITS);
            for symbol in symbols.by_ref().take(usize::from(*count)) {
                let bits = mirrored(code, u32::try_from(length).unwrap_or(0));
                if bits & Self::MASK != head {
                    (head, part) = (bits & Self::MASK, end);
                    end = end.saturating_add(1 << more);
                    self.set(head, SPECIAL | LINK | packed(part) << 16 | packed(more) << 8 | packed(BITS));
                }
                let first = part.saturating_add(bits >> BITS);
                for at in (first..end).step_by(1 << more) {
                    self.set(at, entry(*symbol, packed(more)));
                }
                code = code.wrapping_sub(1);
            }
            code >>= 1;
        }
    }

    fn set(&mut self, at: usize, entry: u32) {
        if let Some(slot) = self.entries.get_mut(at) {
            *slot = entry;
        }
    }
}

/// Codes stand in the input with their first bit lowest.
fn mirrored(code: u32, bits: u32) -> usize {
    code.reverse_bits().wrapping_shr(32_u32.wrapping_sub(bits)) as usize
}

fn packed(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(0)
}

/// The symbols of a code in the order of their codes: from the shortest to the longest, then by number.
struct Sorted {
    symbols: [u16; SYMBOLS],
    /// How many symbols there are of every length.
    counts: [u16; LONGEST + 1],
    longest: usize,
}

impl Sorted {
    fn new(lengths: &[u8]) -> Self {
        let mut counts = [0_u16; LONGEST + 1];
        for length in lengths {
            if let Some(count) = counts.get_mut(usize::from(*length)) {
                *count = count.wrapping_add(1);
            }
        }
        let (mut places, mut next) = ([0_u16; LONGEST + 1], 0_u16);
        for (place, count) in places.iter_mut().zip(&counts).skip(1) {
            *place = next;
            next = next.wrapping_add(*count);
        }
        let mut symbols = [0; SYMBOLS];
        for (symbol, length) in (0..).zip(lengths).filter(|(_, length)| **length > 0) {
            let Some(place) = places.get_mut(usize::from(*length)) else { continue };
            if let Some(slot) = symbols.get_mut(usize::from(*place)) {
                *slot = symbol;
            }
            *place = place.wrapping_add(1);
        }
        let longest = counts.iter().skip(1).rposition(|count| *count > 0).map_or(0, |at| at.wrapping_add(1));
        Self { symbols, counts, longest }
    }

    /// How many codes of the longest are left over.
    fn free(&self) -> Result<u32, BadCode> {
        self.counts
            .iter()
            .skip(1)
            .try_fold(1_u32, |free, count| (free << 1).checked_sub(u32::from(*count)).ok_or(BadCode))
    }

    fn used(&self) -> &[u16] {
        let used = self.counts.iter().skip(1).map(|count| usize::from(*count)).sum();
        self.symbols.get(..used).unwrap_or_default()
    }
}
