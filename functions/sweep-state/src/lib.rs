//! Unsent outbox rows, due retries, expired leases, partitions ahead.
//!
//! Where the outbox is the queue, due retries and rows of dead owners come back by their own time of visibility;
//! what is left to do is to find work that no message will come back to, and to keep the tables ready.

mod expired;
mod sweep;

pub use sweep::{SweepReport, SweepState};
