//! What a drain is asked for.

use landfall_domain::{ChangeKey, Dataset};

/// One drain of one dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Whose change files.
    pub dataset: Dataset,
    /// Which of them.
    pub mode: Mode,
    /// Whether anything is written; without it files are read and counted.
    pub apply: bool,
}

impl Order {
    /// What the clock asks for.
    pub fn of(dataset: Dataset) -> Self {
        Self { dataset, mode: Mode::Drain, apply: true }
    }
}

/// Which files a drain takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Those above the watermark, oldest first.
    Drain,
    /// All, whatever the watermark says: after a move to another bucket.
    Reseed,
    /// One that came late or was uploaded again: newer rows win, the watermark stays.
    ApplyLate(ChangeKey),
    /// None: a file that fails is passed over.
    SkipKey(ChangeKey),
}
