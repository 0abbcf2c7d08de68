//! Symbol after symbol, as long as nothing can end meanwhile.
//!
//! Most of the time of a pass is spent here. What has to hold for that: all that changes stays in registers, so everything
//! is inlined; the bits of a byte are taken once; a table is asked before the bytes of the symbol before are written.
#![expect(clippy::inline_always, reason = "a call would put what is at hand into memory: a third more time")]
#![expect(clippy::cast_possible_truncation, reason = "only the low bits are asked for")]

use std::convert::Infallible;

use crate::alphabets::{Distances, Literals};
use crate::bits::{Source, low_bits};
use crate::codes::{END, INVALID, LINK, LITERAL, SPECIAL};
use crate::output::{Memory, Output, Watch, repeat};

use super::{Codes, value};

/// Where it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The end of input, output or reach is near.
    Near,
    /// The block is at its end.
    Block,
    /// A symbol is invalid.
    Invalid,
}

/// Bytes of input that a round has, at least; it takes 24 at most.
const INPUT: usize = 32;
/// Bytes of output that a round gives, at most: four literals, or three and a match.
const OUTPUT: usize = 3 + 258;
/// Bits that a distance takes, at most: a code and its extra bits.
const DISTANCE: u32 = 15 + 13;

/// Decodes until an end is near, a block ends, or a symbol is invalid. Whole bytes may be left in `source.bits`.
pub(crate) fn quick(codes: &Codes, source: &mut Source<'_>, output: &mut Output) -> Ended {
    let reach = output.reach();
    match reach {
        Some(reach) => run::<true>(codes, source, output, output.limit.min(reach.saturating_add(OUTPUT))),
        None => run::<false>(codes, source, output, output.limit),
    }
}

/// `WATCHED`: what is referred to of the window before a place is noted.
fn run<const WATCHED: bool>(
    codes: &Codes,
    source: &mut Source<'_>,
    output: &mut Output,
    limit: usize,
) -> Ended {
    let Some(last) = limit.checked_sub(OUTPUT) else { return Ended::Near };
    let Some(memory) = output.memory.first_chunk_mut() else { return Ended::Near };
    let mut work: Work<'_, '_, WATCHED> = Work {
        literals: &codes.literals.entries,
        distances: &codes.distances.entries,
        buffer: source.bits.buffer,
        count: source.bits.count,
        rest: source.rest,
        memory,
        base: output.base,
        at: output.at,
        last,
        place: output.watch.place.unwrap_or_default(),
        watch: &mut output.watch,
    };
    let Err(ended) = work.rounds();
    (source.bits.buffer, source.bits.count, source.rest) = (work.buffer, work.count & 0xff, work.rest);
    output.at = work.at;
    ended
}

/// Everything at hand, so that it stays in registers.
struct Work<'w, 'i, const WATCHED: bool> {
    literals: &'w [u32; Literals::SIZE],
    distances: &'w [u32; Distances::SIZE],
    buffer: u64,
    /// Bits in the buffer; only the low byte counts, so that an entry can be subtracted as it is.
    count: u32,
    rest: &'i [u8],
    memory: &'w mut Memory,
    base: usize,
    at: usize,
    /// Where a round can begin, at most.
    last: usize,
    /// What is before it is watched.
    place: usize,
    watch: &'w mut Watch,
}

impl<const WATCHED: bool> Work<'_, '_, WATCHED> {
    /// Goes on until it ends.
    #[inline(always)]
    fn rounds(&mut self) -> Result<Infallible, Ended> {
        let mut entry = self.begin()?;
        loop {
            // Up to four literals are in what the buffer holds, and the entry behind them; then there must be more.
            if entry & LITERAL != 0 {
                entry = self.literal(entry);
                if entry & LITERAL != 0 {
                    entry = self.literal(entry);
                    if entry & LITERAL != 0 {
                        entry = self.literal(entry);
                        if entry & LITERAL != 0 {
                            entry = self.literal(entry);
                            self.has_room()?;
                            self.refill()?;
                            continue;
                        }
                    }
                }
            }
            if entry & SPECIAL != 0 {
                entry = self.follow(entry, self.literals);
                if entry & LITERAL != 0 {
                    self.literal(entry);
                    entry = self.begin()?;
                    continue;
                }
                if entry & SPECIAL != 0 {
                    self.skip(entry);
                    return Err(if entry & END != 0 { Ended::Block } else { Ended::Invalid });
                }
            }
            entry = self.repeat(entry)?;
            self.has_room()?;
        }
    }

    /// A length, the distance behind it, and what they repeat. Gives the entry that follows, which is not taken.
    #[inline(always)]
    fn repeat(&mut self, entry: u32) -> Result<u32, Ended> {
        let length = value(self.buffer, entry) as usize;
        self.skip(entry);
        if self.count & 0xff < DISTANCE {
            self.refill()?;
        }
        let mut entry =
            self.distances.get(self.buffer as usize & Distances::MASK).copied().unwrap_or(INVALID);
        if entry & SPECIAL != 0 {
            entry = self.follow(entry, self.distances);
        }
        let distance = value(self.buffer, entry) as usize;
        self.skip(entry);
        if entry & SPECIAL != 0 || distance > self.at.wrapping_sub(self.base) {
            return Err(Ended::Invalid);
        }
        // The next entry is on its way while bytes are copied.
        self.refill()?;
        let next = self.ask();
        if WATCHED && self.at.wrapping_sub(distance) < self.place {
            self.watch.note(self.at, distance, length);
        }
        repeat(self.memory, self.at, distance, length);
        self.at = self.at.wrapping_add(length);
        Ok(next)
    }

    /// The first entry of a round.
    #[inline(always)]
    fn begin(&mut self) -> Result<u32, Ended> {
        self.has_room()?;
        self.refill()?;
        Ok(self.ask())
    }

    #[inline(always)]
    fn has_room(&self) -> Result<(), Ended> {
        if self.at <= self.last && self.rest.len() >= INPUT { Ok(()) } else { Err(Ended::Near) }
    }

    /// Fills the buffer up to 56 bits or more. Of a byte for which there is no room whole, some bits are put there all
    /// the same, as they will come again.
    #[inline(always)]
    fn refill(&mut self) -> Result<(), Ended> {
        let word = self.rest.first_chunk().ok_or(Ended::Near)?;
        self.buffer |= u64::from_le_bytes(*word) << (self.count & 0x3f);
        let bytes = (0x3f ^ self.count) >> 3 & 7;
        self.rest = self.rest.get(bytes as usize..).ok_or(Ended::Near)?;
        self.count |= 0x38;
        Ok(())
    }

    #[inline(always)]
    fn skip(&mut self, entry: u32) {
        self.buffer >>= entry & 0x3f;
        self.count = self.count.wrapping_sub(entry);
    }

    /// The entry of the next literal, length or end.
    #[inline(always)]
    fn ask(&self) -> u32 {
        self.literals.get(self.buffer as usize & Literals::MASK).copied().unwrap_or(INVALID)
    }

    /// Writes a literal; gives the entry that follows.
    #[inline(always)]
    fn literal(&mut self, entry: u32) -> u32 {
        self.skip(entry);
        if let Some(slot) = self.memory.get_mut(self.at) {
            *slot = (entry >> 16) as u8;
        }
        self.at = self.at.wrapping_add(1);
        self.ask()
    }

    /// The entry that a link stands for; others as they are.
    #[inline(always)]
    fn follow(&mut self, entry: u32, entries: &[u32]) -> u32 {
        if entry & LINK == 0 {
            return entry;
        }
        self.skip(entry);
        let at = (self.buffer & low_bits(entry >> 8 & 15)) as usize;
        entries.get(at.wrapping_add((entry >> 16) as usize)).copied().unwrap_or(INVALID)
    }
}
