//! Lines of the NEA trace (specs: dumps 4.4).

use chrono::{DateTime, Utc};
use compact_str::CompactString;
use serde::{Serialize, Serializer};

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
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct NeaTraceRecord {
    /// Its place among the messages of its file, from 1.
    pub ordinal: u64,
    /// When it was written; milliseconds, UTC.
    #[serde(serialize_with = "millis")]
    pub ts: DateTime<Utc>,
    /// How grave it is.
    pub severity: TraceSeverity,
    /// The module that wrote it.
    pub module: Option<CompactString>,
    /// What happened, as a code.
    pub event: Option<CompactString>,
    /// Its sequence number.
    pub seq: Option<u64>,
    /// Its text; lines are joined by line feeds.
    pub message: String,
    /// The `key=value` pairs of the text's first line; of one key the first.
    pub attrs: Attributes,
}

/// `key=value` pairs, by rising keys. Shown as a JSON object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Attributes(Vec<(CompactString, CompactString)>);

impl Attributes {
    /// Of pairs with one key, in any case, the first is taken.
    pub fn of<'t>(pairs: impl Iterator<Item = (&'t str, &'t str)>) -> Self {
        let mut sorted: Vec<(CompactString, CompactString)> = Vec::new();
        for (key, value) in pairs {
            let key = lower(key);
            if let Err(place) = sorted.binary_search_by(|(known, _)| known.cmp(&key)) {
                sorted.insert(place, (key, value.into()));
            }
        }
        Self(sorted)
    }

    /// The pairs, by rising keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

fn lower(key: &str) -> CompactString {
    if key.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return key.into();
    }
    if !key.is_ascii() {
        return key.to_lowercase().into();
    }
    let mut key = CompactString::from(key);
    key.make_ascii_lowercase();
    key
}
