//! What is to be parsed: the files and ledger rows of every network element of an archive (specs: dumps 2.4 to
//! 2.7, 7.7).

mod build;
mod element;
mod error;
mod input;
mod model;
mod warning;

pub use error::PlanError;
pub use input::{OuterEnd, PlanInput, PlanOptions, PluginDescriptor};
pub use model::{Birth, Plan, PlannedFile, PlannedNe, PlannedPlugin, PlannedSidecar, Totals};
pub use warning::{PlanWarning, PlanWarningCode};
