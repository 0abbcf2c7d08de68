//! Dead messages on a real database.
#![expect(clippy::unwrap_used, reason = "tests")]

mod binary;
mod large;
mod letters;
mod redelivery;
mod sample_event;
mod scene;
