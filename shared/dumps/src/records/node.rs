//! The node itself (specs: dumps 4.1).

use std::net::Ipv4Addr;

use serde::{Serialize, Serializer};

use super::identity::{MgmtIpSource, NeKey};
use crate::values::{AdminState, OperState, Version};

/// What a node says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct NodeRecord {
    /// Its name.
    pub ne_name: Option<String>,
    /// Its identity.
    pub ne_key: NeKey,
    /// Its type.
    pub ne_type: Option<String>,
    /// Its router id.
    pub router_id: Option<Ipv4Addr>,
    /// Its management address.
    pub mgmt_ip: Option<Ipv4Addr>,
    /// Where `mgmt_ip` comes from.
    pub mgmt_ip_source: MgmtIpSource,
    /// Its software version as printed.
    pub version_raw: Option<String>,
    /// Its software version.
    #[serde(serialize_with = "optional_text")]
    pub version: Option<Version>,
    /// The build of its software.
    pub version_build: Option<String>,
    /// The version the network runs at.
    #[serde(serialize_with = "optional_text")]
    pub network_version: Option<Version>,
    /// Its routing area.
    pub area_id: Option<String>,
    /// What the operator wants.
    pub admin_state: Option<AdminState>,
    /// Whether it works.
    pub oper_state: Option<OperState>,
    /// How long it has been up, in seconds.
    pub uptime_s: Option<u64>,
}

#[expect(clippy::ref_option, reason = "serde gives the field by reference")]
fn optional_text<S: Serializer>(version: &Option<Version>, serializer: S) -> Result<S::Ok, S::Error> {
    match version {
        Some(version) => serializer.collect_str(version),
        None => serializer.serialize_none(),
    }
}
