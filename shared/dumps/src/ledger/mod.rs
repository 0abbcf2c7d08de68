//! The plugin ledger: one row per network element and plugin, and the only moves it may make (specs: dumps 7.7).

mod claim;
mod machine;
mod row;

pub use claim::{Claimed, NODE, claim, claimable};
pub use machine::{
    LedgerError, MAX_ATTEMPTS, Owner, end_without_source, fail, fail_dependents, finish, lose_lease, release,
    reset, retry_wait,
};
pub use row::{LedgerOutcome, LedgerRow, LedgerState, RowError};
