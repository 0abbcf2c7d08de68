//! Dead messages on a real database.
#![expect(clippy::unwrap_used, reason = "tests")]

mod letters;
mod redelivery;
mod scene;
