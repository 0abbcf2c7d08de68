//! Why there is no plan.

use landfall_domain::{Classify, Disposition};

/// An archive that gives no plan. The object is quarantined and no dump is made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No target file at all, or every network element was dropped (specs: dumps 2.6).
    #[error("{outer}: {text}")]
    NoTargets {
        /// The object's file name.
        outer: String,
        /// What is missing; names the break if the outer object is broken.
        text: String,
    },
}

impl Classify for PlanError {
    fn disposition(&self) -> Disposition {
        match self {
            Self::NoTargets { .. } => Disposition::Quarantine,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoTargets { .. } => "E_NO_TARGETS",
        }
    }
}
