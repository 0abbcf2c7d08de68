//! Warnings that cannot grow without bound.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Warnings by code: all are counted, the first 1,000 of each code are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "C: Ord + Deserialize<'de>, W: Deserialize<'de>"))]
pub struct WarningLog<C, W> {
    counts: BTreeMap<C, u64>,
    kept: Vec<W>,
}

impl<C: Ord, W> WarningLog<C, W> {
    /// So many warnings of one code are kept.
    pub const KEPT_PER_CODE: u64 = 1_000;

    /// Counts a warning and keeps it if there is room.
    pub fn push(&mut self, code: C, warning: W) {
        let count = self.counts.entry(code).or_default();
        *count = count.saturating_add(1);
        if *count <= Self::KEPT_PER_CODE {
            self.kept.push(warning);
        }
    }

    /// The warnings that were kept, in the order of arrival.
    pub fn kept(&self) -> &[W] {
        &self.kept
    }

    /// How many there were of each code.
    pub fn counts(&self) -> &BTreeMap<C, u64> {
        &self.counts
    }

    /// How many there were of one code.
    pub fn count(&self, code: &C) -> u64 {
        self.counts.get(code).copied().unwrap_or_default()
    }

    /// The same log in other terms. Different codes must stay different.
    pub(crate) fn translate<D: Ord, V>(
        &self,
        code: impl Fn(&C) -> D,
        warning: impl Fn(&W) -> V,
    ) -> WarningLog<D, V> {
        WarningLog {
            counts: self.counts.iter().map(|(from, count)| (code(from), *count)).collect(),
            kept: self.kept.iter().map(warning).collect(),
        }
    }
}

impl<C: Ord, W> Default for WarningLog<C, W> {
    fn default() -> Self {
        Self { counts: BTreeMap::new(), kept: Vec::new() }
    }
}
