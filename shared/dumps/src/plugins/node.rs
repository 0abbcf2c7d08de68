//! The node itself: names, addresses, version and state (specs: dumps 4.1, 3.5).

use super::assemble::{Assemble, read_rows};
use super::cells::Cells;
use super::parsed::FileEnd;
use super::plugin::{ParseContext, Plugin};
use super::reading::Reading;
use crate::records::{MgmtIpSource, NeKey, NodeRecord, Record};
use crate::text::{Dialect, Field, Grammar, WarningCode};
use crate::values::{self, Version, VersionText};

const NAME: usize = 0;
const TYPE: usize = 1;
const ROUTER_ID: usize = 2;
const MGMT_IP: usize = 3;
const VERSION: usize = 4;
const NETWORK_VERSION: usize = 5;
const AREA: usize = 6;
const ADMIN: usize = 7;
const OPER: usize = 8;
const UPTIME: usize = 9;

const GRAMMAR: Grammar = Grammar {
    commands: &["show node"],
    fields: &[
        Field::word(&["Node Name", "Name", "NE Name"]),
        Field::text(&["Node Type", "NE Type", "Type"]),
        Field::word(&["Router ID", "Node Id", "GMRE Node Address", "Node Address"]),
        Field::word(&["Management IP", "Mgmt IP", "Management IP Address", "Mgmt IP Address"]),
        Field::text(&["GMRE Version", "Version", "Software Version", "Release"]),
        Field::word(&["Active Network Version", "Network Version", "Act Net Ver"]),
        Field::word(&["Area ID", "OSPF Area", "Area"]),
        Field::word(&["Admin State", "Adm"]),
        Field::word(&["Oper State", "Operational State", "Opr"]),
        Field::text(&["Up Time", "Uptime"]),
    ],
    mandatory: &[NAME, ROUTER_ID],
    start: Some(NAME),
    nouns: &["nodes"],
    ..Grammar::EMPTY
};

/// Reads the output of `show node`.
#[derive(Debug)]
pub struct NodePlugin {
    dialect: Dialect,
}

impl Default for NodePlugin {
    fn default() -> Self {
        Self { dialect: Dialect::new(GRAMMAR) }
    }
}

impl Plugin for NodePlugin {
    fn name(&self) -> &'static str {
        "node"
    }

    fn version(&self) -> u32 {
        1
    }

    fn priority(&self) -> u32 {
        10
    }

    fn targets(&self) -> &[&'static str] {
        &["CLI_Show_Node.out"]
    }

    fn read(&self, input: &[u8], reading: Reading<'_>) -> FileEnd {
        read_rows(input, &self.dialect, reading, &mut Nodes { seen: false })
    }
}

/// The first row or block is the node; further ones are other nodes and dropped.
struct Nodes {
    seen: bool,
}

impl Assemble for Nodes {
    fn record(&mut self, cells: &mut Cells<'_>, context: &ParseContext) -> Option<Record> {
        if std::mem::replace(&mut self.seen, true) {
            cells.warn(WarningCode::ExtraNode);
            return None;
        }
        let ne_name = cells.optional(NAME, values::nename).map(String::from);
        let router_id = cells.optional_as(WarningCode::RouterIdInvalid, ROUTER_ID, values::ipv4);
        let reported = cells.optional(MGMT_IP, values::ipv4);
        let (mgmt_ip, mgmt_ip_source) = MgmtIpSource::choose(reported, router_id, context.path_ip);
        if mgmt_ip_source != MgmtIpSource::Reported {
            cells.warn(WarningCode::MgmtIpFallback);
        }
        let version_raw = cells.optional(VERSION, values::text).map(String::from);
        let version = version_raw.as_deref().map(VersionText::read).unwrap_or_default();
        if version_raw.is_some() && version.version.is_none() {
            cells.warn(WarningCode::VersionUnparsed);
        }
        Some(Record::Node(NodeRecord {
            ne_key: NeKey::choose(ne_name.as_deref(), router_id, &context.ne_dir),
            ne_name,
            ne_type: cells.optional(TYPE, values::text).map(String::from),
            router_id,
            mgmt_ip,
            mgmt_ip_source,
            version_raw,
            version: version.version,
            version_build: version.build,
            network_version: cells.optional_as(WarningCode::VersionUnparsed, NETWORK_VERSION, read_version),
            area_id: cells.optional(AREA, values::trimmed).map(String::from),
            admin_state: cells.word(ADMIN),
            oper_state: cells.word(OPER),
            uptime_s: cells.optional(UPTIME, values::duration),
        }))
    }
}

fn read_version(text: &str) -> Option<Version> {
    VersionText::read(text).version
}
