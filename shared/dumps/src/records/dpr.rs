//! Entries, links and the router map of the DPR database (specs: dumps 4.2, 4.9, 4.10).

use std::net::Ipv4Addr;

use compact_str::CompactString;
use serde::Serialize;

use crate::values::{Endpoint, OperState, vocabulary};

vocabulary! {
    /// What a DPR entry is about.
    DprType {
        /// A link.
        Link = "LINK": ["link"],
        /// A node.
        Node = "NODE": ["node"],
        /// A regenerator group.
        ThreeR = "3R": ["3r", "regen"],
        /// A trail.
        Trail = "TRAIL": ["trail"],
    }
}

vocabulary! {
    /// The layer of a link.
    LinkType {
        /// Optical transmission section.
        Ots = "OTS": ["ots"],
        /// Optical multiplex section.
        Oms = "OMS": ["oms"],
        /// Optical channel.
        Och = "OCH": ["och"],
        /// Optical transport unit.
        Otu = "OTU": ["otu"],
        /// Optical data unit.
        Odu = "ODU": ["odu"],
        /// Bare fibre.
        Fiber = "FIBER": ["fiber"],
        /// No link of its own.
        Virtual = "VIRTUAL": ["virtual"],
        /// Not told, or told in words we do not know.
        Other = "OTHER": [],
    }
}

/// One entry of the DPR database.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct DprRecord {
    /// Its number in the database.
    pub dpr_id: u64,
    /// What it is about.
    pub dpr_type: DprType,
    /// The router that tells it.
    pub local_router_id: Ipv4Addr,
    /// The router at the other end.
    pub remote_router_id: Option<Ipv4Addr>,
    /// The interface here.
    pub local_if: Option<CompactString>,
    /// The interface at the other end.
    pub remote_if: Option<CompactString>,
    /// Its cost; no unit.
    pub cost: Option<u64>,
    /// The groups of links that share a risk with it.
    pub srlg: Vec<u64>,
    /// Whether it works.
    pub oper_state: OperState,
    /// Its sequence number.
    pub seq: Option<u64>,
    /// How old it is, in seconds.
    pub age_s: Option<u64>,
}

/// One link between two nodes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct DprLinkRecord {
    /// Where it starts.
    pub src_node: Endpoint,
    /// The interface there; empty if it is not told, so that it can be part of a unique key.
    pub src_if: CompactString,
    /// Where it ends.
    pub dst_node: Endpoint,
    /// The interface there; empty if it is not told.
    pub dst_if: CompactString,
    /// Its layer.
    pub link_type: LinkType,
    /// Whether it holds in both directions.
    pub bidirectional: bool,
    /// Its cost; no unit.
    pub cost: Option<u64>,
    /// Whether it works.
    pub state: OperState,
}

/// Which node has a router id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct RouterMapRecord {
    /// The router id.
    pub router_id: Ipv4Addr,
    /// The node's name, in the form of [`crate::values::nename`].
    pub ne_name: CompactString,
    /// Its management address.
    pub mgmt_ip: Option<Ipv4Addr>,
    /// Whether it is the node that the dump is of.
    pub is_local: bool,
}
