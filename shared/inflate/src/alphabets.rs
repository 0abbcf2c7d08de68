//! What the symbols of a block stand for (RFC 1951, 3.2.5 to 3.2.7), as the entries of a [`Table`] have it.

use crate::codes::{END, LITERAL, SPECIAL, Table};

/// Bits with which the table of literals and lengths is asked first. More would take what is near the processor.
pub(crate) const LITERAL_BITS: usize = 11;
/// The same for distances.
pub(crate) const DISTANCE_BITS: usize = 8;
/// The same for the lengths of codes, of which none has more.
pub(crate) const LENGTH_BITS: usize = 7;

/// Literals, lengths and the end of the block: the most entries that 288 symbols of up to 15 bits need.
pub(crate) type Literals = Table<LITERAL_BITS, 2342>;
/// Distances: the most that 32 symbols need.
pub(crate) type Distances = Table<DISTANCE_BITS, 402>;
/// Lengths of codes.
pub(crate) type Lengths = Table<LENGTH_BITS, 128>;

pub(crate) const LITERAL_SYMBOLS: usize = 288;
pub(crate) const DISTANCE_SYMBOLS: usize = 32;
/// Those of a dynamic block together, or more.
pub(crate) const SYMBOLS: usize = LITERAL_SYMBOLS + DISTANCE_SYMBOLS;
pub(crate) const END_SYMBOL: usize = 256;

/// Literals, the end of the block, lengths; the last two symbols mean nothing.
pub(crate) const LITERAL_MEANINGS: [u32; LITERAL_SYMBOLS] = literal_meanings();
/// Distances; the last two symbols mean nothing.
pub(crate) const DISTANCE_MEANINGS: [u32; DISTANCE_SYMBOLS] = distance_meanings();
/// Lengths of codes, and how often one comes: the values are the symbols themselves.
pub(crate) const LENGTH_MEANINGS: [u32; 19] = length_meanings();
/// The order in which the lengths of the code of lengths are told.
pub(crate) const LENGTH_ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Lengths of the codes of a fixed block.
pub(crate) const FIXED_LITERALS: [u8; LITERAL_SYMBOLS] = fixed_literals();
pub(crate) const FIXED_DISTANCES: [u8; DISTANCE_SYMBOLS] = [5; DISTANCE_SYMBOLS];

// Constants, so that what is wrong here does not compile.
#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "evaluated by the compiler")]
const fn literal_meanings() -> [u32; LITERAL_SYMBOLS] {
    let mut meanings = [SPECIAL; LITERAL_SYMBOLS];
    let mut symbol = 0;
    while symbol < END_SYMBOL {
        meanings[symbol] = LITERAL | (symbol as u32) << 16;
        symbol += 1;
    }
    meanings[END_SYMBOL] = SPECIAL | END;
    // From length 3 on; behind the first eight, every four symbols have one extra bit more.
    let (mut least, mut symbol) = (3, 257);
    while symbol < 285 {
        let extra = if symbol < 265 { 0 } else { (symbol as u32 - 261) / 4 };
        meanings[symbol] = least << 16 | extra;
        least += 1 << extra;
        symbol += 1;
    }
    meanings[285] = 258 << 16;
    meanings
}

#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "evaluated by the compiler")]
const fn distance_meanings() -> [u32; DISTANCE_SYMBOLS] {
    let mut meanings = [SPECIAL; DISTANCE_SYMBOLS];
    // From distance 1 on; behind the first four, every two symbols have one extra bit more.
    let (mut least, mut symbol) = (1, 0);
    while symbol < 30 {
        let extra = if symbol < 4 { 0 } else { (symbol as u32 - 2) / 2 };
        meanings[symbol] = least << 16 | extra;
        least += 1 << extra;
        symbol += 1;
    }
    meanings
}

#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "evaluated by the compiler")]
const fn length_meanings() -> [u32; 19] {
    let mut meanings = [0; 19];
    let mut symbol = 0;
    while symbol < meanings.len() {
        meanings[symbol] = (symbol as u32) << 16;
        symbol += 1;
    }
    meanings
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn fixed_literals() -> [u8; LITERAL_SYMBOLS] {
    let mut lengths = [8; LITERAL_SYMBOLS];
    let mut symbol = 144;
    while symbol < 280 {
        lengths[symbol] = if symbol < 256 { 9 } else { 7 };
        symbol += 1;
    }
    lengths
}
