//! The limits of a walk (specs: dumps 2.5). Exactly at a limit is allowed.

/// What a walk refuses to exceed. Counted on measured bytes over all levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Deepest archive that is opened; the outer object is depth 0.
    pub max_depth: usize,
    /// Entries of all levels per object.
    pub entries: u64,
    /// Bytes inflated at all levels; a plain tar object counts its own bytes.
    pub total_bytes: u64,
    /// Highest ratio of the inflated total to the object bytes consumed so far.
    pub ratio: u64,
    /// The ratio is judged only after this many inflated bytes.
    pub ratio_floor_bytes: u64,
    /// Longest member name in bytes.
    pub name_bytes: usize,
    /// Largest PAX or GNU metadata block in bytes.
    pub metadata_bytes: usize,
}

impl Limits {
    /// Bytes that may be inflated from so many bytes of the object.
    pub(crate) fn most_from(&self, consumed: u64) -> u64 {
        consumed.saturating_mul(self.ratio).max(self.ratio_floor_bytes)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_depth: 8,
            entries: 200_000,
            total_bytes: 40 << 30,
            ratio: 1_000,
            ratio_floor_bytes: 10 << 20,
            name_bytes: 4_096,
            metadata_bytes: 64 << 10,
        }
    }
}
