//! Blocks and their headers (RFC 1951, 3.2.3 to 3.2.7).

use crate::alphabets::{
    DISTANCE_MEANINGS, Distances, END_SYMBOL, FIXED_DISTANCES, FIXED_LITERALS, LENGTH_BITS, LENGTH_MEANINGS,
    LENGTH_ORDER, LITERAL_MEANINGS, Lengths, Literals, SYMBOLS,
};
use crate::bits::Source;
use crate::codes::{BadCode, Rule};
use crate::decode::{Codes, Ended, Symbol, quick, symbol};
use crate::output::Output;

/// Symbols that a dynamic block may have a code for.
const MOST_LITERALS: usize = 286;
const MOST_DISTANCES: usize = 30;

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Header,
    /// The length of a stored block.
    Stored,
    /// So many bytes of it.
    Bytes(usize),
    /// The header of a dynamic block.
    Dynamic,
    /// The length of a code in the code of lengths: how many were read.
    CodeLength(usize),
    /// The length of a code: how many were read.
    Length(usize),
    Symbol,
    /// The rest of a match.
    Match {
        distance: usize,
        length: usize,
    },
    Complete,
    Invalid,
}

/// How far a step came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// There is more to do.
    On,
    /// Between two blocks.
    Block,
    /// More input is needed.
    Starved,
    /// The output is full, or the stream at its end.
    Full,
}

/// Where a stream is in its blocks, and the codes of the one at hand.
#[derive(Debug)]
pub(crate) struct Blocks {
    state: State,
    is_last: bool,
    codes: Codes,
    /// The codes are those of a fixed block.
    is_fixed: bool,
    header: Header,
}

/// What the header of a dynamic block says.
#[derive(Debug)]
struct Header {
    literals: usize,
    distances: usize,
    code_lengths: usize,
    lengths: Lengths,
    /// The lengths of the codes of lengths, then of the codes.
    read: [u8; SYMBOLS],
}

impl Blocks {
    pub(crate) fn new() -> Self {
        let header = Header {
            literals: 0,
            distances: 0,
            code_lengths: 0,
            lengths: Lengths::new(),
            read: [0; SYMBOLS],
        };
        let codes = Codes { literals: Literals::new(), distances: Distances::new() };
        Self { state: State::Header, is_last: false, codes, is_fixed: false, header }
    }

    pub(crate) fn restart(&mut self) {
        self.state = State::Header;
    }

    pub(crate) fn state(&self) -> State {
        self.state
    }

    /// Goes on by a part of a header, or by as many symbols as can be.
    pub(crate) fn step(&mut self, source: &mut Source<'_>, output: &mut Output) -> Step {
        let next = match self.state {
            State::Header => self.begin(source),
            State::Stored => stored(source),
            State::Bytes(0) => return self.end(),
            State::Bytes(_) | State::Match { .. } | State::Symbol if output.room() == 0 => return Step::Full,
            State::Bytes(left) => bytes(left, source, output),
            State::Dynamic => self.header.numbers(source),
            State::CodeLength(at) => self.header.code_length(at, source),
            State::Length(at) => self.length(at, source),
            State::Symbol => return self.symbols(source, output),
            State::Match { distance, length } => Some(repeat(distance, length, output)),
            State::Complete | State::Invalid => return Step::Full,
        };
        match next {
            Some(state) => {
                self.state = state;
                Step::On
            }
            None => Step::Starved,
        }
    }

    fn end(&mut self) -> Step {
        self.state = if self.is_last { State::Complete } else { State::Header };
        if self.is_last { Step::Full } else { Step::Block }
    }

    fn begin(&mut self, source: &mut Source<'_>) -> Option<State> {
        source.has(3).then_some(())?;
        self.is_last = source.bits.take(1) == 1;
        Some(match source.bits.take(2) {
            0 => {
                source.align();
                State::Stored
            }
            1 => self.fixed(),
            2 => State::Dynamic,
            _ => State::Invalid,
        })
    }

    fn fixed(&mut self) -> State {
        if !self.is_fixed {
            self.is_fixed = self.build(&FIXED_LITERALS, &FIXED_DISTANCES).is_ok();
        }
        if self.is_fixed { State::Symbol } else { State::Invalid }
    }

    fn build(&mut self, literals: &[u8], distances: &[u8]) -> Result<(), BadCode> {
        self.codes.literals.build(literals, &LITERAL_MEANINGS, Rule::OrLone)?;
        self.codes.distances.build(distances, &DISTANCE_MEANINGS, Rule::OrLone)
    }

    /// The lengths from number `at` on; behind the last, the codes.
    fn length(&mut self, at: usize, source: &mut Source<'_>) -> Option<State> {
        let header = &mut self.header;
        let all = header.literals.saturating_add(header.distances);
        if at < all {
            return header.length(at, source);
        }
        let read = header.read;
        let (literals, distances) = read.get(..all)?.split_at_checked(header.literals)?;
        // A block that cannot end is none (as zlib has it).
        let can_end = literals.get(END_SYMBOL).is_some_and(|length| *length > 0);
        self.is_fixed = false;
        let is_built = can_end && self.build(literals, distances).is_ok();
        Some(if is_built { State::Symbol } else { State::Invalid })
    }

    fn symbols(&mut self, source: &mut Source<'_>, output: &mut Output) -> Step {
        match quick(&self.codes, source, output) {
            // Up to the last byte of room what is quick may have come.
            Ended::Near if output.room() == 0 => Step::Full,
            Ended::Near => self.symbol(source, output),
            Ended::Block => self.end(),
            Ended::Invalid => {
                self.state = State::Invalid;
                Step::Full
            }
        }
    }

    /// One symbol.
    fn symbol(&mut self, source: &mut Source<'_>, output: &mut Output) -> Step {
        match self.codes.next(source) {
            None => return Step::Starved,
            Some(Symbol::Literal(byte)) => output.extend(&[byte]),
            Some(Symbol::End) => return self.end(),
            Some(Symbol::Match { distance, length }) if distance <= output.before() => {
                self.state = State::Match { distance, length };
            }
            Some(Symbol::Match { .. } | Symbol::Invalid) => self.state = State::Invalid,
        }
        Step::On
    }
}

impl Header {
    fn numbers(&mut self, source: &mut Source<'_>) -> Option<State> {
        source.has(14).then_some(())?;
        let [literals, distances, lengths] =
            [(5, 257), (5, 1), (4, 4)].map(|(bits, least)| source.bits.take(bits).saturating_add(least));
        if literals > MOST_LITERALS || distances > MOST_DISTANCES {
            return Some(State::Invalid);
        }
        (self.literals, self.distances, self.code_lengths) = (literals, distances, lengths);
        self.read = [0; SYMBOLS];
        Some(State::CodeLength(0))
    }

    /// One length of the code of lengths; behind the last, the code.
    fn code_length(&mut self, at: usize, source: &mut Source<'_>) -> Option<State> {
        if at < self.code_lengths {
            source.has(3).then_some(())?;
            let [length, ..] = source.bits.take(3).to_le_bytes();
            let place = LENGTH_ORDER.get(at).map(|symbol| usize::from(*symbol))?;
            *self.read.get_mut(place)? = length;
            return Some(State::CodeLength(at.saturating_add(1)));
        }
        let lengths = self.read.get(..LENGTH_MEANINGS.len())?;
        let built = self.lengths.build(lengths, &LENGTH_MEANINGS, Rule::Complete);
        Some(if built.is_ok() { State::Length(0) } else { State::Invalid })
    }

    /// The length of one code, or of several alike.
    fn length(&mut self, at: usize, source: &mut Source<'_>) -> Option<State> {
        // Seven bits of a code and seven behind it at most.
        source.has(14);
        let mut bits = source.bits;
        let (_, found) = symbol(&*self.lengths.entries, LENGTH_BITS, &mut bits)?;
        let (more, least) = match found {
            16 => (2, 3),
            17 => (3, 3),
            18 => (7, 11),
            _ => (0, 1),
        };
        (more <= bits.count).then_some(())?;
        let times = least + bits.take(more);
        let [length, ..] = found.to_le_bytes();
        let before = at.checked_sub(1).and_then(|before| self.read.get(before)).copied();
        let length = match found {
            16 => before,
            17 | 18 => Some(0),
            _ => Some(length),
        };
        source.bits = bits;
        let end = at.saturating_add(times);
        let is_within = end <= self.literals.saturating_add(self.distances);
        let (Some(length), true, Some(slots)) = (length, is_within, self.read.get_mut(at..end)) else {
            return Some(State::Invalid);
        };
        slots.fill(length);
        Some(State::Length(end))
    }
}

fn stored(source: &mut Source<'_>) -> Option<State> {
    source.has(32).then_some(())?;
    let (length, complement) = (source.bits.take(16), source.bits.take(16));
    Some(if length ^ complement == 0xffff { State::Bytes(length) } else { State::Invalid })
}

/// Bytes of a stored block, as many as there are and there is room for.
fn bytes(left: usize, source: &mut Source<'_>, output: &mut Output) -> Option<State> {
    source.give_back();
    let most = left.min(output.room());
    let taken = if source.bits.count >= 8 {
        let [byte, ..] = source.bits.take(8).to_le_bytes();
        output.extend(&[byte]);
        1
    } else {
        let (bytes, rest) = source.rest.split_at(most.min(source.rest.len()));
        output.extend(bytes);
        source.rest = rest;
        bytes.len()
    };
    (taken > 0).then(|| State::Bytes(left.saturating_sub(taken)))
}

fn repeat(distance: usize, length: usize, output: &mut Output) -> State {
    let now = length.min(output.room());
    output.repeat(distance, now);
    match length.saturating_sub(now) {
        0 => State::Symbol,
        length => State::Match { distance, length },
    }
}
