//! Fingerprint, catalogue, plan and verdict of a dump archive, in one pass.
//!
//! The pass reads the object once, to its end, through SHA-256 and the walk. The commit judges the upload under
//! the lock of its network and writes everything that follows from it, or nothing. A load that is to replace another
//! comes back here once it has ended, and takes its place.

mod backfill;
mod commit;
mod config;
mod flip;
mod handler;
mod index;
mod metadata;
mod pass;
mod preview;
mod sidecar;
mod waiting;

pub use backfill::{Backfill, BackfillError, Backfilled, NotBackfilled};
pub use config::Rules;
pub use handler::{Decision, PlanArchive};
pub use pass::{Pass, PassError, PassStats, Passage};
pub use preview::{Preview, preview};
