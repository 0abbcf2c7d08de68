//! Alarms (specs: dumps 4.7, 4.11).

use chrono::{DateTime, Utc};
use compact_str::CompactString;
use serde::Serialize;

use super::millis::optional_millis;
use crate::values::vocabulary;

vocabulary! {
    /// How bad an alarm is; `NA` is a value, not null.
    Severity {
        /// Critical.
        Critical = "CR": ["cr", "critical"],
        /// Major.
        Major = "MJ": ["mj", "major"],
        /// Minor.
        Minor = "MN": ["mn", "minor"],
        /// Warning.
        Warning = "WR": ["wr", "warning"],
        /// Not alarmed.
        NotAlarmed = "NA": ["na", "not alarmed"],
        /// Not reported.
        NotReported = "NR": ["nr", "not reported"],
        /// Cleared.
        Cleared = "CL": ["cl", "cleared"],
    }
}

vocabulary! {
    /// Which plugin read the alarm.
    AlarmSource {
        /// The alarm list of the node.
        AlarmState = "alarm_state": ["alarm_state"],
        /// The older file with one line per alarm.
        AlarmStateLegacy = "alarm_state_legacy": ["alarm_state_legacy"],
    }
}

/// One alarm that stood when the dump was taken.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct AlarmRecord {
    /// Which plugin read it.
    pub source: AlarmSource,
    /// Its number in the list.
    pub alarm_id: Option<u64>,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub condition: CompactString,
    /// Where: the access identifier.
    pub aid: CompactString,
    /// The card type in `aid`.
    pub card: Option<CompactString>,
    /// The shelf in `aid`.
    pub shelf: Option<u16>,
    /// The slot in `aid`.
    pub slot: Option<u16>,
    /// The port in `aid`.
    pub port: Option<CompactString>,
    /// Whether traffic suffers.
    pub service_affecting: Option<bool>,
    /// Since when; milliseconds, UTC.
    #[serde(serialize_with = "optional_millis")]
    pub raised_at: Option<DateTime<Utc>>,
    /// The text beside it.
    pub description: Option<CompactString>,
}
