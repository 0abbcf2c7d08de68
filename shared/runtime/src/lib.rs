//! What every function needs around its handler: configuration, tracing, the SQS batch adapter, deadlines, the
//! stage queue, and scripted faults.

mod adapter;
mod bodies;
mod clients;
mod config;
mod deadline;
mod faults;
mod handler;
mod init_error;
mod kept_index;
pub mod lambda;
mod limits;
mod logging;
mod queue;

pub use adapter::{BatchError, Outcome, handle_batch, handle_batch_with};
pub use bodies::{BodyError, MessageBodies};
pub use clients::{Clients, ClientsError, WORK_BUCKET};
pub use config::{ConfigError, Env, Secret};
pub use deadline::Deadline;
pub use faults::{Fault, FaultScriptError, Faults, InjectedFault, Moment, Point};
pub use handler::{CommitError, Record, StageHandler};
pub use init_error::initialized;
pub use kept_index::{INDEX_BYTES, KeptIndexError, kept_index};
pub use limits::walk_limits;
pub use logging::{LogFormat, init_tracing};
pub use queue::{
    HeldMessage, PostgresQueue, QueueError, QueueFacts, QueueKind, QueueSeen, QueueUrls, Receipt, Redrive,
    RetryWaits, SqsQueue, SqsSettings, StageQueue, handing_on, inspect_queues, judge_queue, queue_from_env,
};
