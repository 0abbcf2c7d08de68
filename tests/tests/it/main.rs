//! The whole flow: a file lands, rows appear, and the books close.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod demo_objects;
