//! Messages that SQS gave up: stored as dead letters, and their objects set `failed`.
//!
//! Most objects are `failed` by then, because the last receive said so itself. Here are also the messages whose workers
//! were killed or ran out of time each time, and could say nothing.

mod handler;
mod origin;

pub use handler::{Decision, RecordDeadLetters};
