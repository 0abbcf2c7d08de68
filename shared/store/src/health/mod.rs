//! What the database says of its own condition, and a judgement over it. Reads only.

mod facts;
mod judge;
mod observe;
mod queue;

pub use facts::{Connections, DatabaseFacts, Migration, MigrationState, Partitions, PostGis, Seen, Server};
pub use judge::judge;
pub use observe::observe;
pub use queue::{OutboxFacts, judge_outbox, judge_sweeps, observe_outbox};

#[cfg(test)]
mod tests;
