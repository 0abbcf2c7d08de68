//! One record of any plugin.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{AlarmRecord, LspRecord, NeKey, NodeRecord};
use crate::values::{Endpoint, Label, vocabulary};

vocabulary! {
    /// The kinds of records, named as in their JSON.
    RecordKind {
        /// [`NodeRecord`].
        Node = "node": ["node"],
        /// [`LspRecord`].
        Lsp = "lsp": ["lsp"],
        /// [`AlarmRecord`].
        Alarm = "alarm": ["alarm"],
    }
}

/// One record. Its JSON starts with `"kind"`; the fields follow in the order of the specification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Record {
    /// The node itself.
    Node(NodeRecord),
    /// A label switched path.
    Lsp(LspRecord),
    /// An alarm.
    Alarm(AlarmRecord),
}

/// What makes a record unique inside one network element of one load. Borrowed from the record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RecordKey<'r> {
    /// Of a node: its identity.
    Node(&'r NeKey),
    /// Of a path: from, to, label.
    Lsp(&'r Endpoint, &'r Endpoint, &'r Label),
    /// Of an alarm: place, condition, since when.
    Alarm(&'r str, &'r str, Option<DateTime<Utc>>),
}

impl Record {
    /// What kind of record it is.
    pub const fn kind(&self) -> RecordKind {
        match self {
            Self::Node(_) => RecordKind::Node,
            Self::Lsp(_) => RecordKind::Lsp,
            Self::Alarm(_) => RecordKind::Alarm,
        }
    }

    /// The key by which duplicates are told, inside a file and across the files of a plugin.
    pub fn key(&self) -> RecordKey<'_> {
        match self {
            Self::Node(node) => RecordKey::Node(&node.ne_key),
            Self::Lsp(lsp) => RecordKey::Lsp(&lsp.from_node, &lsp.to_node, &lsp.label),
            Self::Alarm(alarm) => RecordKey::Alarm(&alarm.aid, &alarm.condition, alarm.raised_at),
        }
    }
}
