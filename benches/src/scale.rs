//! How much is measured.

/// Full or quick.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    quick: bool,
}

impl Scale {
    /// The full scale, or the quick one.
    pub fn new(quick: bool) -> Self {
        Self { quick }
    }

    /// This many, or a tenth of it.
    pub fn of(self, full: u32) -> u32 {
        if self.quick { full / 10 } else { full }
    }

    /// The same for bytes.
    pub fn bytes(self, full: u64) -> u64 {
        if self.quick { full / 10 } else { full }
    }

    /// One number for the full scale, another for the quick one.
    pub fn either(self, full: u32, quick: u32) -> u32 {
        if self.quick { quick } else { full }
    }

    /// Whether this is the quick one.
    pub fn is_quick(self) -> bool {
        self.quick
    }

    /// How often a measurement is repeated.
    pub fn runs(self) -> u32 {
        if self.quick { 1 } else { 3 }
    }
}
