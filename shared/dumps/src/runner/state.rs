//! Where the unit of one plugin stands (specs: dumps 7.7).

use super::unit::Standing;
use crate::plan::Birth;
use crate::plugins::{FailureCode, Outcome};

/// The state of one plugin for one network element, as far as the order of plugins is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitState {
    /// To be run.
    Pending,
    /// At work, here or elsewhere.
    Running,
    /// Failed, and to be tried again.
    Waiting,
    /// Ended.
    Done(Outcome),
    /// Failed for good.
    Failed(FailureCode),
}

impl UnitState {
    /// Whether nothing more happens by itself.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done(_) | Self::Failed(_))
    }

    /// What it means for the order. There is no clock here: a unit that is to be tried again is so at once.
    pub const fn standing(self) -> Standing {
        match self {
            Self::Pending | Self::Waiting => Standing::Free,
            Self::Running => Standing::Held { lapsed: false },
            Self::Done(_) => Standing::Done,
            Self::Failed(_) => Standing::Lost,
        }
    }
}

impl From<&Birth> for UnitState {
    /// The state in which the plan's row is born.
    fn from(birth: &Birth) -> Self {
        match birth {
            Birth::Open => Self::Pending,
            Birth::Missing => Self::Done(Outcome::Missing),
            Birth::SpoolLimit { .. } => Self::Failed(FailureCode::SpoolLimit),
        }
    }
}
