//! Counters of buckets (specs: dumps 4.5, 4.6).

use chrono::{DateTime, Utc};
use compact_str::CompactString;
use serde::Serialize;

use super::millis::optional_millis;
use crate::values::Percent;

/// How full one memory bucket of the NEA is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct NeaBucketRecord {
    /// Its number.
    pub bucket_id: u64,
    /// Its name.
    pub bucket_name: Option<CompactString>,
    /// The size of one element, in bytes.
    pub size_bytes: Option<u64>,
    /// How many elements it has.
    pub capacity: u64,
    /// How many are in use.
    pub used: u64,
    /// How many are free.
    pub free: u64,
    /// How many were in use at most.
    pub peak: Option<u64>,
    /// How often there was none left.
    pub failures: u64,
    /// How much of it is in use; `None` if it has no elements.
    pub utilization_pct: Option<Percent>,
}

/// What the MA counted of one kind of notifications since the EC started.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct MaNotifRecord {
    /// The kind.
    pub bucket: CompactString,
    /// How many came.
    pub received: u64,
    /// How many were sent on.
    pub sent: Option<u64>,
    /// How many were lost.
    pub dropped: u64,
    /// How many wait.
    pub queued: Option<u64>,
    /// How many waited at most.
    pub max_queued: Option<u64>,
    /// When the last one came; milliseconds, UTC.
    #[serde(serialize_with = "optional_millis")]
    pub last_at: Option<DateTime<Utc>>,
}
