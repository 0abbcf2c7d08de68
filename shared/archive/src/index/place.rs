//! Places that may become checkpoints.

use std::sync::{Arc, Mutex, PoisonError};

use landfall_inflate::{References, WINDOW_BYTES};

use super::Origin;

/// Inflated bytes after a place that can still refer to its window.
const REACH: u64 = WINDOW_BYTES as u64;

/// A place in a gzip stream, with the places above that lead to it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) stream: u32,
    pub(super) position: u64,
    pub(super) inflated: u64,
    pub(super) origin: Origin,
    /// The place in the nearest gzip stream above from which this one is reached.
    pub(super) above: Option<Arc<Place>>,
    state: Mutex<Ripening>,
}

/// A place is ripe once all that can refer to its window went by.
#[derive(Debug, Default)]
pub(super) struct Ripening {
    pub(super) window: Vec<u8>,
    /// What refers to it.
    pub(super) references: Option<References>,
    ripe: bool,
    wish: Wish,
}

/// Whether a place is to become a checkpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Wish {
    #[default]
    None,
    Wanted,
    Taken,
}

impl Place {
    /// The start of a gzip member.
    pub(super) fn member(stream: u32, (position, inflated): (u64, u64), above: Option<Arc<Place>>) -> Self {
        let state = Mutex::new(Ripening { ripe: true, ..Ripening::default() });
        Self { stream, position, inflated, origin: Origin::Member, above, state }
    }

    /// The end of a block.
    pub(super) fn block(
        stream: u32,
        (position, inflated): (u64, u64),
        origin: Origin,
        above: Option<Arc<Place>>,
        window: Vec<u8>,
    ) -> Self {
        let state = Mutex::new(Ripening { window, ..Ripening::default() });
        Self { stream, position, inflated, origin, above, state }
    }

    /// Takes note of what refers to the window, up to `inflated` bytes of the stream.
    pub(super) fn follow(&self, references: &References, inflated: u64) {
        self.with(|state| {
            if !state.ripe {
                state.references = Some(references.clone());
                state.ripe = inflated >= self.inflated.saturating_add(REACH);
            }
        });
    }

    /// Nothing follows that could refer to the window.
    pub(super) fn ripen(&self) {
        self.with(|state| state.ripe = true);
    }

    /// Asks for a checkpoint here; true if nobody had.
    pub(super) fn want(&self) -> bool {
        self.with(|state| {
            let is_first = state.wish == Wish::None;
            if is_first {
                state.wish = Wish::Wanted;
            }
            is_first
        })
    }

    pub(super) fn is_ripe(&self) -> bool {
        self.with(|state| state.ripe)
    }

    /// What a checkpoint here is made of, once: if it is wanted, ripe, and not yet taken.
    pub(super) fn take(&self) -> Option<Ripening> {
        self.with(|state| {
            let due = state.ripe && state.wish == Wish::Wanted;
            due.then(|| {
                std::mem::replace(state, Ripening { ripe: true, wish: Wish::Taken, ..Ripening::default() })
            })
        })
    }

    /// Bytes of buffers held, with those of the places above.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        let noted = |state: &Ripening| if state.references.is_some() { WINDOW_BYTES / 8 } else { 0 };
        let own = self.with(|state| state.window.capacity() + noted(state));
        own + self.above.as_ref().map_or(0, |above| above.held())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Ripening) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
