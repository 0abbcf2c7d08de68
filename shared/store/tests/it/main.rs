//! The SQL on a real database: keys, identities, fan-in, what readers see, and how failures are told apart.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod accounting;
mod constraints;
mod customers;
mod failures;
mod fan_in;
mod guard_facts;
mod health;
mod landings;
mod leases;
mod migrations;
mod network_elements;
mod pools;
mod resume;
mod scene;
mod schema;
mod tickets;
mod transitions;
