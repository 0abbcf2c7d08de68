//! Front door: notifications to identities, ledger rows and hand-on.
//!
//! It never reads contents: row work, and at most one HEAD an object.

mod commit;
mod handler;
mod identify;
mod sidecars;

pub use handler::{Decision, ReceiveObject};
