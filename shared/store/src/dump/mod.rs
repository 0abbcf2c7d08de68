//! The `dump` schema: customers and networks, dumps and their loads, the plugin ledger, records.
//!
//! Lock order: the advisory lock of a network, capture_dump, load, ledger rows, network elements by id, the advisory
//! lock of an archive's sidecars, object.

mod adopt;
mod backfill;
mod count;
mod customer;
mod digest;
mod ending;
mod guard;
mod ledger;
mod link;
mod list;
mod load;
mod node;
mod party;
mod progress;
mod record;
mod replace;
mod result;
mod resume;
mod show;
pub mod sidecar;
mod suggest;
mod sweep;
mod warning;

pub use adopt::{AdoptCounts, AdoptReport, Adoption};
pub use backfill::{
    BackfillCandidate, BackfillFilter, BackfilledRow, backfill_candidates, backfilled_rows, purge_unit,
    store_backfill, visible_plan,
};
pub use count::{DumpSummary, RowCounts, dumps_of_object, record_counts};
pub use customer::sync_customers;
pub use digest::{WarningGroup, WarningLine, load_rows, warning_groups};
pub use ending::{LoadStatus, UnitsEnded, units_ended};
pub use guard::{GuardData, guard_data, guard_facts};
pub use ledger::{insert_births, insert_rows, lock_rows, renew_leases, save_rows};
pub use link::{audit, change_link};
pub use list::{DumpFilter, DumpRow, list_dumps};
pub use load::{
    LoadRow, NewDump, NewLoad, Replaces, Source, create_dump, create_load, find_load, load_in,
    lock_dump_shared, lock_load, planned_ne, point_sha,
};
pub use node::{IdentityClash, NodeFacts, ne_of, node_identity, resolve_ne, store_node};
pub use party::{Network, ensure_network, find_customer, lock_network};
pub use progress::{Progress, progress};
pub use record::{RECORDS_AT_ONCE, store_records};
pub use replace::{
    LockedDump, Replacement, Replacing, drop_replacement, find_replacement, flip, lock_dump,
    sweep_failed_replacements,
};
pub use result::{RunError, RunResult, run_result};
pub use resume::{OpenUnits, open_units, parse_message, resume_load};
pub use show::{DumpDetail, DumpHead, DumpLink, DumpNe, LoadSummary, dump_detail};
pub use suggest::{customer_keys, network_keys};
pub use sweep::{ExpiredUnit, expired_units, release_dead_leases};
pub use warning::{NewWarning, WarningRow, store_warnings, warning_counts, warnings_of_object};
