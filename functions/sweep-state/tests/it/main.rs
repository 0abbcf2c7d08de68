//! The sweeper: work that nobody would come back to, and tables kept ready.

mod expired;
mod partitions;
mod process;
mod struck;
