//! One network element of one dump: planned members to rows and ledger (specs: dumps 7.7).
//!
//! The plugin ledger is the step ledger here, and it owns the retries: an error is committed with the message
//! that tries again. Only where that commit is impossible does the queue give the message again.

mod failure;
mod handler;
mod heartbeat;
mod members;
mod run;
mod spool;
mod unit;
mod way;

pub use handler::ParseMember;
pub use spool::SpoolError;
