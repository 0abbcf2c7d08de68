//! One record of any plugin.

use std::net::Ipv4Addr;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    AlarmRecord, DprLinkRecord, DprRecord, LinkType, LspRecord, MaNotifRecord, NeKey, NeaBucketRecord,
    NeaTraceRecord, NodeRecord, RouterMapRecord, ThreeRGroupRecord,
};
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
        /// [`DprRecord`].
        Dpr = "dpr": ["dpr"],
        /// [`NeaTraceRecord`].
        NeaTrace = "nea_trace": ["nea_trace"],
        /// [`NeaBucketRecord`].
        NeaBucket = "nea_bucket": ["nea_bucket"],
        /// [`MaNotifRecord`].
        MaNotif = "ma_notif": ["ma_notif"],
        /// [`ThreeRGroupRecord`].
        ThreeRGroup = "three_r_group": ["three_r_group"],
        /// [`DprLinkRecord`].
        DprLink = "dpr_link": ["dpr_link"],
        /// [`RouterMapRecord`].
        RouterMap = "router_map": ["router_map"],
    }
}

/// One record. Its JSON starts with `"kind"`; the fields follow in the order of the specification.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Record {
    /// The node itself.
    Node(NodeRecord),
    /// A label switched path.
    Lsp(LspRecord),
    /// An alarm.
    Alarm(AlarmRecord),
    /// An entry of the DPR database.
    Dpr(DprRecord),
    /// A message of the NEA trace.
    NeaTrace(NeaTraceRecord),
    /// A memory bucket of the NEA.
    NeaBucket(NeaBucketRecord),
    /// The counters of one kind of notifications.
    MaNotif(MaNotifRecord),
    /// A regenerator group with its members.
    ThreeRGroup(ThreeRGroupRecord),
    /// A link.
    DprLink(DprLinkRecord),
    /// The node of a router id.
    RouterMap(RouterMapRecord),
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
    /// Of an entry of the DPR database: its number.
    Dpr(u64),
    /// Of a message of the trace: its place in the file.
    NeaTrace(u64),
    /// Of a memory bucket: its number.
    NeaBucket(u64),
    /// Of the counters of notifications: their kind.
    MaNotif(&'r str),
    /// Of a regenerator group: its number.
    ThreeRGroup(u64),
    /// Of a link: both ends with their interfaces, and the layer.
    DprLink(&'r Endpoint, &'r str, &'r Endpoint, &'r str, LinkType),
    /// Of an entry of the router map: the router id.
    RouterMap(Ipv4Addr),
}

impl RecordKey<'_> {
    /// Appends the key as bytes. Of two keys of one kind neither begins with the other. Their order as bytes is that in
    /// which nodes are wont to list the records: numbers and points in time go up or down.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Node(key) => put_text(out, &key.to_string()),
            Self::Lsp(from, to, label) => {
                put_endpoint(out, from);
                put_endpoint(out, to);
                put_text(out, label.as_str());
            }
            Self::Alarm(aid, condition, raised_at) => {
                put_time(out, *raised_at);
                put_text(out, aid);
                put_text(out, condition);
            }
            Self::Dpr(id) | Self::NeaTrace(id) | Self::NeaBucket(id) | Self::ThreeRGroup(id) => {
                out.extend_from_slice(&id.to_be_bytes());
            }
            Self::MaNotif(bucket) => put_text(out, bucket),
            Self::DprLink(source, source_if, target, target_if, link_type) => {
                put_endpoint(out, source);
                put_endpoint(out, target);
                put_text(out, source_if);
                put_text(out, target_if);
                put_text(out, link_type.as_str());
            }
            Self::RouterMap(router_id) => out.extend_from_slice(&router_id.octets()),
        }
    }
}

/// Appends a point in time, so that a later one is greater; none comes before all.
fn put_time(out: &mut Vec<u8>, time: Option<DateTime<Utc>>) {
    let millis = time.map_or(i64::MIN, |at| at.timestamp_millis());
    out.extend_from_slice(&(millis ^ i64::MIN).to_be_bytes());
}

/// Appends a text of a key. A byte that is in no text of UTF-8 ends it.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
    out.push(0xff);
}

fn put_endpoint(out: &mut Vec<u8>, endpoint: &Endpoint) {
    match endpoint {
        Endpoint::Address(address) => {
            // No text begins with this byte.
            out.push(0xfe);
            out.extend_from_slice(&address.octets());
        }
        Endpoint::Name(name) => put_text(out, name),
    }
}

impl Record {
    /// What kind of record it is.
    pub const fn kind(&self) -> RecordKind {
        match self {
            Self::Node(_) => RecordKind::Node,
            Self::Lsp(_) => RecordKind::Lsp,
            Self::Alarm(_) => RecordKind::Alarm,
            Self::Dpr(_) => RecordKind::Dpr,
            Self::NeaTrace(_) => RecordKind::NeaTrace,
            Self::NeaBucket(_) => RecordKind::NeaBucket,
            Self::MaNotif(_) => RecordKind::MaNotif,
            Self::ThreeRGroup(_) => RecordKind::ThreeRGroup,
            Self::DprLink(_) => RecordKind::DprLink,
            Self::RouterMap(_) => RecordKind::RouterMap,
        }
    }

    /// The key by which duplicates are told, inside a file and across the files of a plugin.
    pub fn key(&self) -> RecordKey<'_> {
        match self {
            Self::Node(node) => RecordKey::Node(&node.ne_key),
            Self::Lsp(lsp) => RecordKey::Lsp(&lsp.from_node, &lsp.to_node, &lsp.label),
            Self::Alarm(alarm) => RecordKey::Alarm(&alarm.aid, &alarm.condition, alarm.raised_at),
            Self::Dpr(dpr) => RecordKey::Dpr(dpr.dpr_id),
            Self::NeaTrace(trace) => RecordKey::NeaTrace(trace.ordinal),
            Self::NeaBucket(bucket) => RecordKey::NeaBucket(bucket.bucket_id),
            Self::MaNotif(counts) => RecordKey::MaNotif(&counts.bucket),
            Self::ThreeRGroup(group) => RecordKey::ThreeRGroup(group.group_id),
            Self::DprLink(link) => {
                RecordKey::DprLink(&link.src_node, &link.src_if, &link.dst_node, &link.dst_if, link.link_type)
            }
            Self::RouterMap(entry) => RecordKey::RouterMap(entry.router_id),
        }
    }
}
