//! The front door: every shape of notification, every identity once, nothing unaccounted for.
#![expect(clippy::unwrap_used, reason = "tests")]

mod bad_messages;
mod binary;
mod drain_on_event;
mod identities;
mod redelivery;
mod refusals;
mod sample_events;
mod sidecars;
