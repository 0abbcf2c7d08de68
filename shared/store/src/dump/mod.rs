//! The `dump` schema: customers and networks, dumps and their loads, the plugin ledger, records.
//!
//! Lock order: the advisory lock of a network, capture_dump, load, ledger rows, network elements by id, object.

mod count;
mod ending;
mod guard;
mod ledger;
mod link;
mod load;
mod node;
mod party;
mod record;
mod sweep;
mod warning;

pub use count::{DumpSummary, RowCounts, dumps_of_object, record_counts};
pub use ending::{UnitsEnded, units_ended};
pub use guard::{GuardData, guard_data};
pub use ledger::{insert_births, lock_rows, save_rows};
pub use link::{add_link, audit};
pub use load::{
    LoadRow, NewDump, NewLoad, Source, create_dump, create_load, find_load, lock_load, planned_ne, point_sha,
};
pub use node::{IdentityClash, NodeFacts, ne_of, resolve_ne, store_node};
pub use party::{Network, ensure_network, find_customer, lock_network};
pub use record::store_records;
pub use sweep::{ExpiredUnit, expired_units, release_dead_leases};
pub use warning::{NewWarning, store_warnings};
