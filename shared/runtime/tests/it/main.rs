//! The batch adapter under handlers of all kinds, the queue on a real database, and scripts of faults.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod batches;
mod environment;
mod failures;
mod faults;
mod large_bodies;
mod queue;
mod queue_conformance;
mod queue_races;
mod refusals;
mod scripted;
