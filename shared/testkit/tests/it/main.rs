//! What tests rely on.
#![expect(clippy::unwrap_used, reason = "tests")]

mod test_database;
