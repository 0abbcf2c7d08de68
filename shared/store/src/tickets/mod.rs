//! The `tickets` schema.

pub mod geo;
