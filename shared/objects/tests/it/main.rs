//! The crate against a real S3 endpoint, and against network faults that no healthy store shows.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::panic, reason = "tests")]
#![expect(clippy::indexing_slicing, reason = "tests")]

mod faults;
mod listing;
mod lost_pin;
mod probe;
mod relocating;
mod script;
mod store;
mod upload;
mod window;
mod writing;
