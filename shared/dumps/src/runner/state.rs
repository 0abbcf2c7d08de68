//! Where the unit of one plugin stands, and how it is born (specs: dumps 7.7).

use crate::plugins::{FailureCode, Outcome, Registry};

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

    /// Whether another attempt may start from here.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Waiting)
    }
}

/// The states in which a plan's units are born, one per registered plugin by rising priority.
///
/// `has_file` tells whether the plan took a file for a plugin. Without one the outcome is `missing`. So it is
/// for a plugin that yields to another one which has a file (specs: dumps 4.11). A file over the spool limit is
/// the plan's to know, not ours.
pub fn born(registry: &Registry, has_file: impl Fn(&str) -> bool) -> Vec<(&'static str, UnitState)> {
    registry
        .plugins()
        .map(|plugin| {
            let wanted = has_file(plugin.name()) && !plugin.yields_to().iter().any(|other| has_file(other));
            let state = if wanted { UnitState::Pending } else { UnitState::Done(Outcome::Missing) };
            (plugin.name(), state)
        })
        .collect()
}
