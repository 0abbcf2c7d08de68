//! The crate's facts, module by module.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod change_file;
mod cleaning;
mod dialect;
mod geo;
mod geocoding;
mod places;
mod properties;
mod reading;
mod scenario;
