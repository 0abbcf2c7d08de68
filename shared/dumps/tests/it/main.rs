//! The text side of node dumps, read as its users read it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod conformance;
mod layouts;
mod properties;
mod registry;
mod runner;
mod text_rules;
