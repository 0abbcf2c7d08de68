//! The whole flow: a file lands, rows appear, and the books close.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod abandoned;
mod adopted;
mod archive_fixtures;
mod aws;
mod catalogue;
mod delivery;
mod demo_objects;
mod dependency_direction;
mod dev_script;
mod fan_in;
mod faults;
mod functions_elsewhere;
mod golden_case;
mod identity;
mod infra;
mod kills;
mod last_tries;
mod notifications;
mod pipeline;
mod process;
mod replaced;
mod scene;
mod sidecars;
mod sqs_flow;
mod tickets;
mod unsafe_code;
