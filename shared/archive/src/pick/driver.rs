//! The pick as its caller sees it.

use super::desk::{Desk, PickSink, Reader, Wanted};
use crate::{Flow, Limits, Stats, Walk, WalkError};

/// Why wanted files cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PickError {
    /// The object cannot be walked.
    #[error("the object cannot be walked")]
    Walk(
        #[from]
        #[source]
        WalkError,
    ),
    /// A wanted file has other bytes than when the object was planned.
    #[error("crc of {chain_path} is {actual:08x}, expected {expected:08x}")]
    CrcMismatch {
        /// The place in the list of wanted files.
        index: usize,
        /// Its chain path without the outer name.
        chain_path: String,
        /// The CRC given with the wanted file.
        expected: u32,
        /// The CRC of the bytes read.
        actual: u32,
    },
    /// The object ended before these files were read whole.
    #[error("{} wanted files not found whole, first {first}{}", indexes.len(), because(damage.as_deref()))]
    Missing {
        /// The places in the list of wanted files, rising.
        indexes: Vec<usize>,
        /// Chain path of the first of them, without the outer name.
        first: String,
        /// The first damage met on the way, if any.
        damage: Option<String>,
    },
}

/// Streams an object again and delivers chosen files, each identified by name, offset and size at every step.
///
/// Nested archives that hold no wanted file are passed over without inflating them. The pick stops with the last
/// byte of the last wanted file: no further object byte is needed.
#[derive(Debug)]
pub struct Pick {
    walk: Walk,
    desk: Desk,
}

impl Pick {
    /// A pick of `wanted` under the default limits. A chain given twice is delivered once, under its first index.
    pub fn new(wanted: Vec<Wanted>) -> Self {
        Self::with_limits(Limits::default(), wanted)
    }

    /// A pick of `wanted` under the limits of the walk that planned it.
    pub fn with_limits(limits: Limits, wanted: Vec<Wanted>) -> Self {
        Self { walk: Walk::new(limits), desk: Desk::new(wanted) }
    }

    /// Takes the next bytes of the object. [`Flow::Stop`] once every wanted file was delivered.
    ///
    /// # Errors
    /// [`PickError`] if the object cannot be walked or a file's CRC is wrong; the same again for every later call.
    pub fn push(&mut self, bytes: &[u8], sink: &mut dyn PickSink) -> Result<Flow, PickError> {
        if self.is_complete() {
            return Ok(Flow::Stop);
        }
        let mut reader = Reader { desk: &mut self.desk, sink };
        let flow = self.walk.push(bytes, &mut reader)?;
        match &self.desk.error {
            Some(error) => Err(error.clone()),
            None => Ok(flow),
        }
    }

    /// The object has no more bytes, or no more are needed.
    ///
    /// # Errors
    /// [`PickError::Missing`] if a wanted file was not found or not read whole; otherwise as [`Pick::push`].
    pub fn finish(&mut self, sink: &mut dyn PickSink) -> Result<(), PickError> {
        if self.is_complete() {
            return Ok(());
        }
        if let Some(error) = &self.desk.error {
            return Err(error.clone());
        }
        self.walk.finish(&mut Reader { desk: &mut self.desk, sink })?;
        let mut indexes: Vec<usize> = self.desk.open.values().copied().collect();
        indexes.sort_unstable();
        let first = indexes.first().and_then(|index| self.desk.wanted.get(*index));
        Err(PickError::Missing {
            first: first.map(|file| file.chain.joined()).unwrap_or_default(),
            indexes,
            damage: self.desk.damage.as_ref().map(|warning| warning.text.clone()),
        })
    }

    /// Whether every wanted file was delivered.
    pub fn is_complete(&self) -> bool {
        self.desk.open.is_empty()
    }

    /// What the walk has counted so far.
    pub fn stats(&self) -> Stats {
        self.walk.stats()
    }
}

fn because(damage: Option<&str>) -> String {
    damage.map(|text| format!(" ({text})")).unwrap_or_default()
}
