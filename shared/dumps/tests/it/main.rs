//! The crate's facts, module by module.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod adopt;
mod capture_time;
mod catalogue;
mod chain;
mod conformance;
mod customers;
mod dump;
mod files;
mod guard;
mod layouts;
mod ledger;
mod ledger_claims;
mod metadata;
mod names;
mod new_plugin;
mod plan;
mod plugins;
mod properties;
mod registry;
mod runner;
mod text_rules;
