//! The plugin ledger: one row per network element and plugin, and the only moves it may make (specs: dumps 7.7).
//! In which order rows are taken, the [runner](crate::runner) says.

mod backfill;
mod claim;
mod machine;
mod row;

pub use crate::runner::NODE;
pub use backfill::{BackfillStep, backfill_step, bear_again};
pub use claim::{Claimed, claim};
pub use machine::{
    HANDED_OUT, LedgerError, MAX_ATTEMPTS, Owner, end_without_source, fail, fail_dependents, finish,
    hand_out, lose_lease, release, reset, retry_wait, waiting_for,
};
pub use row::{LedgerOutcome, LedgerRow, LedgerState, RowError};
