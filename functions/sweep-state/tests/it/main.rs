//! The sweeper: work that nobody would come back to, and tables kept ready.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod expired;
mod partitions;
