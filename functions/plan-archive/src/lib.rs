//! Fingerprint, catalogue, plan and verdict of a dump archive, in one pass.
//!
//! The pass reads the object once, to its end, through SHA-256 and the walk. The commit judges the upload under
//! the lock of its network and writes everything that follows from it, or nothing.

mod commit;
mod config;
mod handler;
mod index;
mod metadata;
mod pass;
mod sidecar;
mod waiting;

pub use config::Rules;
pub use handler::{Decision, PlanArchive};
pub use pass::{Pass, PassError, PassStats, Passage};
