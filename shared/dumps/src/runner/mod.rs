//! The order of plugins for one network element, and the merging of their files (specs: dumps 4, 7.7, 7.9).
//!
//! Pure: no storage, no queue, no clock. The database worker and the dry run drive the same [`NeRun`].

mod merge;
mod order;
mod state;

pub use merge::{FileFailure, MergedFile, PluginResult, merge};
pub use order::{NeRun, NodeIdentity, RunError};
pub use state::UnitState;
