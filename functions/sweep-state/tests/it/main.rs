//! The sweeper: work that nobody would come back to, and tables kept ready.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod binary;
mod expired;
mod partitions;
mod process;
mod sample_event;
mod struck;
