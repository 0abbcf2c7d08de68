//! What was inflated, with as much before it as can be referred to.

use crate::WINDOW_BYTES;
use crate::references::References;

/// Bytes that one call gives at most.
pub const OUTPUT_BYTES: usize = 256 << 10;
/// With less room than this what can be referred to is moved to the front, so that this is rare and no call is short.
const LEAST_ROOM: usize = OUTPUT_BYTES / 4;

/// Bytes copied at once. What stands behind the output is written over.
const PIECE: usize = 16;
/// The least distance from which twice as many can be copied at once.
const WIDE: usize = 2 * PIECE;
const END: usize = WINDOW_BYTES + OUTPUT_BYTES;
/// The last piece may stand behind the end.
pub(crate) const SIZE: usize = END + WIDE;

pub(crate) type Memory = [u8; SIZE];

/// The memory of a stream.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) memory: Box<[u8]>,
    /// Where that begins which can be referred to.
    pub(crate) base: usize,
    /// Where the output of the call at hand begins, and how far it may go.
    start: usize,
    pub(crate) limit: usize,
    /// Where the next byte goes.
    pub(crate) at: usize,
    pub(crate) watch: Watch,
}

/// What is referred to of the window before one place.
#[derive(Debug)]
pub(crate) struct Watch {
    /// Where the place is, as long as it can be referred to what is before it.
    pub(crate) place: Option<usize>,
    pub(crate) references: References,
}

impl Output {
    pub(crate) fn new() -> Self {
        let watch = Watch { place: None, references: References::none() };
        Self { memory: vec![0; SIZE].into(), base: 0, start: 0, limit: 0, at: 0, watch }
    }

    pub(crate) fn clear(&mut self) {
        (self.base, self.start, self.limit, self.at) = (0, 0, 0, 0);
        self.watch.place = None;
    }

    /// Begins a call that may give `room` bytes; it may also give fewer.
    pub(crate) fn begin(&mut self, room: usize) {
        if END.saturating_sub(self.at) < LEAST_ROOM {
            let from = self.at.saturating_sub(WINDOW_BYTES).max(self.base);
            self.memory.copy_within(from..self.at, 0);
            (self.base, self.at) = (0, self.at.saturating_sub(from));
            // What is within reach of its place was kept.
            self.watch.place = self.watch.place.and_then(|place| place.checked_sub(from));
        }
        self.start = self.at;
        self.limit = END.min(self.at.saturating_add(room.min(OUTPUT_BYTES)));
    }

    /// Notes from now on what is referred to of what is before.
    pub(crate) fn watch(&mut self) {
        self.watch.place = Some(self.at);
        self.watch.references.clear();
    }

    /// How far it can be referred to what is before the place that is watched.
    pub(crate) fn reach(&mut self) -> Option<usize> {
        let reach = self.watch.place.map(|place| place.saturating_add(WINDOW_BYTES));
        let reach = reach.filter(|reach| *reach > self.at);
        if reach.is_none() {
            self.watch.place = None;
        }
        reach
    }

    pub(crate) fn room(&self) -> usize {
        self.limit.saturating_sub(self.at)
    }

    /// What the call at hand gave.
    pub(crate) fn given(&self) -> &[u8] {
        self.memory.get(self.start..self.at).unwrap_or_default()
    }

    pub(crate) fn window(&self) -> &[u8] {
        let from = self.at.saturating_sub(WINDOW_BYTES).max(self.base);
        self.memory.get(from..self.at).unwrap_or_default()
    }

    /// Bytes that can be referred to.
    pub(crate) fn before(&self) -> usize {
        self.at.saturating_sub(self.base)
    }

    /// Appends bytes, for which there is room.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        let end = self.at.saturating_add(bytes.len());
        if let Some(slot) = self.memory.get_mut(self.at..end) {
            slot.copy_from_slice(bytes);
            self.at = end;
        }
    }

    /// Appends `length` bytes, for which there is room, from `distance` bytes before.
    pub(crate) fn repeat(&mut self, distance: usize, length: usize) {
        self.watch.note(self.at, distance, length);
        if let Some(memory) = self.memory.first_chunk_mut() {
            repeat(memory, self.at, distance, length);
        }
        self.at = self.at.saturating_add(length);
    }
}

impl Watch {
    /// What is repeated at `at`. Rare, so it stays out of the way of what is not.
    #[cold]
    pub(crate) fn note(&mut self, at: usize, distance: usize, length: usize) {
        let Some(place) = self.place else { return };
        let back = place.saturating_sub(at.saturating_sub(distance));
        if back > 0 {
            self.references.note(back, length.min(back));
        }
    }
}

/// Copies `length` bytes to `at` from `distance` (at least 1) bytes before, and some more behind them. Part of what is
/// copied may be what was copied just before (RFC 1951, 3.2.3).
#[inline]
pub(crate) fn repeat(memory: &mut Memory, at: usize, mut distance: usize, length: usize) {
    let (mut from, mut to, end) = (at.wrapping_sub(distance), at, at.wrapping_add(length));
    // Less than a piece is a pattern, of which there is twice as much to copy from each time.
    while distance < PIECE {
        copy::<PIECE>(memory, from, to);
        to = to.wrapping_add(distance);
        distance = distance.wrapping_mul(2);
        if to >= end {
            return;
        }
    }
    copy::<PIECE>(memory, from, to);
    (from, to) = (from.wrapping_add(PIECE), to.wrapping_add(PIECE));
    if distance >= WIDE {
        while to < end {
            copy::<WIDE>(memory, from, to);
            (from, to) = (from.wrapping_add(WIDE), to.wrapping_add(WIDE));
        }
    } else {
        while to < end {
            copy::<PIECE>(memory, from, to);
            (from, to) = (from.wrapping_add(PIECE), to.wrapping_add(PIECE));
        }
    }
}

#[inline]
fn copy<const BYTES: usize>(memory: &mut Memory, from: usize, to: usize) {
    let piece: Option<[u8; BYTES]> = memory.get(from..).and_then(<[u8]>::first_chunk).copied();
    let slot = memory.get_mut(to..).and_then(<[u8]>::first_chunk_mut);
    if let (Some(piece), Some(slot)) = (piece, slot) {
        *slot = piece;
    }
}
