//! Lines of the NEA trace (specs: dumps 4.4).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::millis::millis;
use crate::values::vocabulary;

vocabulary! {
    /// How grave a trace line is.
    TraceSeverity {
        /// For developers.
        Debug = "DEBUG": ["d", "debug"],
        /// Normal work; also what a word we do not know counts as.
        Info = "INFO": ["i", "info"],
        /// Something may go wrong.
        Warn = "WARN": ["w", "warn", "warning"],
        /// Something went wrong.
        Error = "ERROR": ["e", "err", "error"],
        /// The process could not go on.
        Fatal = "FATAL": ["f", "fatal", "crit"],
    }
}

/// One message of the trace, with the lines that continue it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NeaTraceRecord {
    /// Its place among the messages of its file, from 1.
    pub ordinal: u64,
    /// When it was written; milliseconds, UTC.
    #[serde(serialize_with = "millis")]
    pub ts: DateTime<Utc>,
    /// How grave it is.
    pub severity: TraceSeverity,
    /// The module that wrote it.
    pub module: Option<String>,
    /// What happened, as a code.
    pub event: Option<String>,
    /// Its sequence number.
    pub seq: Option<u64>,
    /// Its text; lines are joined by line feeds.
    pub message: String,
    /// The `key=value` pairs of the text's first line; of one key the first.
    pub attrs: BTreeMap<String, String>,
}
