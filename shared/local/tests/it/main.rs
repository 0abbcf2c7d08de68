//! The parts that a self-hosted Landfall runs on, for real.
#![expect(clippy::unwrap_used, reason = "tests")]

mod private_postgres;
