//! Integration tests of the crate: the parts that a self-hosted Landfall runs on, for real.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod endpoint_crash;
mod endpoint_events;
mod endpoint_model;
mod endpoint_rig;
mod endpoint_time_outs;
mod fixture_index;
mod private_postgres;
mod remote_functions;
mod s3_conformance;
