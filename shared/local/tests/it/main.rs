//! Integration tests of the crate: what holds for a running endpoint, seen through an S3 client.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod endpoint_crash;
mod endpoint_events;
mod endpoint_model;
mod endpoint_rig;
mod s3_conformance;
