//! Handlers know their deadline and stop early.

use std::time::{Duration, Instant};

/// When a handler must have answered.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// A deadline this far from now.
    pub fn within(time: Duration) -> Self {
        let now = Instant::now();
        Self(now.checked_add(time).unwrap_or(now))
    }

    /// The time that is left.
    pub fn left(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether less than `needed` is left.
    pub fn is_short_of(&self, needed: Duration) -> bool {
        self.left() < needed
    }
}
