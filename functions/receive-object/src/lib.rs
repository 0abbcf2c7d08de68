//! Front door: notifications to identities, ledger rows and hand-on.
//!
//! It never reads contents: row work, and at most one HEAD an object.

mod commit;
mod drain_on_event;
mod handler;
mod identify;
mod sidecars;

pub use drain_on_event::DrainOnEvent;
pub use handler::{Decision, ReceiveObject};
