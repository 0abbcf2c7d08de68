//! The order of plugins for one network element, and the merging of their files (specs: dumps 4, 7.7, 7.9).
//!
//! Pure: no storage, no queue, no clock. The rules of the order are [`ready`], [`fallen`] and [`waiting_for`]. The
//! ledger asks them for the database worker, and [`NeRun`] for a run in memory.

mod files;
mod merge;
mod order;
mod state;
mod unit;

pub use files::{PluginFile, read_again, read_files};
pub use merge::{FileFailure, MergedFile, PluginResult, merge};
pub use order::{NeRun, NodeIdentity, RunError};
pub use state::UnitState;
pub use unit::{NODE, Standing, Unit, fallen, ready, waiting_for};
