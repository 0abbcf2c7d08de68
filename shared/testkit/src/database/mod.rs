//! A database for each test, cloned from a migrated template.

mod template;
mod test_database;

pub use test_database::{SERVER_VARIABLE, TestDatabase};
