//! The program of a function as Lambda starts it: a process with Lambda's environment, which asks a runtime API on
//! loopback for its events.

mod api;
mod event;
mod function;
mod log;
mod runtime;

pub use api::FunctionError;
pub use event::{batch, queue_arn};
pub use function::LambdaFunction;
pub use landfall_local::functions::scheduled_event as schedule;
pub use runtime::{Answered, LambdaRuntime};
