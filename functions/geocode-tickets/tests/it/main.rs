//! The passes against a real HTTP server and a real database.
#![expect(clippy::unwrap_used, reason = "tests")]

mod budgets;
mod cache;
mod faults;
mod http;
mod passes;
mod scenario;
mod scene;
