//! The `landfall` command as its users see it: arguments in; output, errors and exit codes out.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod adopt;
mod command;
mod configuration;
mod customers;
mod doctor;
mod dumps;
mod functions;
mod golden_case;
mod help;
mod ingest;
mod operate;
mod platform;
mod refusals;
mod request;
mod running;
mod terminal;
mod tickets;
mod verdicts;
