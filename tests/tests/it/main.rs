//! The whole flow: a file lands, rows appear, and the books close.
#![expect(clippy::unwrap_used, reason = "tests")]

mod archive_fixtures;
mod demo_objects;
