//! Network elements (specs: dumps 3.4, 3.5).

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use super::cells::{Cells, read_rows};
use super::compare::Comparison;
use super::conflict::{Planned, Read};
use super::table::{RawRow, Table};
use crate::metadata::{CustomerKey, InvalidValue, NetworkKey};
use crate::values::{Version, VersionText, ipv4, nename, text};

/// A network element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElementRow {
    /// Number of the row.
    pub row: u64,
    /// Its customer.
    pub customer: CustomerKey,
    /// Its network.
    pub network: NetworkKey,
    /// Its identity: `name:`, `rid:` or `path:` and what follows.
    pub ne_key: String,
    /// Its name, if the identity is one.
    pub ne_name: Option<String>,
    /// Its type.
    pub ne_type: Option<String>,
    /// Its router id.
    pub router_id: Option<Ipv4Addr>,
    /// Its management address.
    pub mgmt_ip: Option<Ipv4Addr>,
    /// Where the address comes from.
    pub mgmt_ip_source: Option<&'static str>,
    /// Its version.
    pub version: Option<Version>,
}

/// Customer, network, and a key within the network.
pub type InNetwork = (String, String, String);

/// A stored network element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredElement {
    /// Its type.
    pub ne_type: Option<String>,
    /// Its router id.
    pub router_id: Option<String>,
    /// Its management address.
    pub mgmt_ip: Option<String>,
    /// Where the address comes from.
    pub mgmt_ip_source: Option<String>,
    /// Its version.
    pub version: Option<String>,
}

/// What is stored of the networks and elements that rows name.
#[derive(Debug, Clone, Default)]
pub struct StoredElements {
    /// Networks that are stored, or that conflicting rows name.
    pub networks: BTreeSet<(String, String)>,
    /// Elements by their identities.
    pub elements: BTreeMap<InNetwork, StoredElement>,
    /// The identity of the element that holds a router id.
    pub routers: BTreeMap<InNetwork, String>,
}

/// Reads rows of network elements.
pub fn read_elements(rows: &[RawRow]) -> Read<ElementRow> {
    read_rows(Table::NetworkElements, rows, read)
}

fn read(cells: &mut Cells<'_>) -> Option<ElementRow> {
    let customer = cells.needed("customer_key", str::parse);
    let network = cells.needed("network_key", str::parse);
    let identity = cells.needed("ne_key", identity);
    let ne_type = cells.of_node("ne_type", |cell| text(cell).ok_or("no text"));
    let router_id = cells.of_node("router_id", address);
    let mgmt_ip = cells.of_node("mgmt_ip", address);
    let mgmt_ip_source = cells.given("mgmt_ip_source", address_source);
    let version = cells.of_node("version", version);
    let (ne_key, ne_name) = identity?;
    Some(ElementRow {
        row: cells.row(),
        customer: customer?,
        network: network?,
        ne_key,
        ne_name,
        ne_type: ne_type.map(String::from),
        router_id,
        mgmt_ip,
        mgmt_ip_source,
        version,
    })
}

/// The identity in its stored form, and the name if it is one.
fn identity(cell: &str) -> Result<(String, Option<String>), InvalidValue> {
    let bad = || InvalidValue::new(cell, "an identity: name:, rid: or path: and what follows");
    let (kind, rest) = cell.split_once(':').ok_or_else(bad)?;
    match kind.trim().to_ascii_lowercase().as_str() {
        "name" => {
            let name = nename(rest).ok_or_else(bad)?;
            Ok((format!("name:{name}"), Some(name.into())))
        }
        "rid" => Ok((format!("rid:{}", ipv4(rest).ok_or_else(bad)?), None)),
        "path" => Ok((format!("path:{}", nename(rest).ok_or_else(bad)?), None)),
        _ => Err(bad()),
    }
}

fn address(cell: &str) -> Result<Ipv4Addr, InvalidValue> {
    ipv4(cell).ok_or_else(|| InvalidValue::new(cell, "an IPv4 address"))
}

fn address_source(cell: &str) -> Result<&'static str, InvalidValue> {
    let known = ["reported", "router_id", "archive", "none"];
    let found = known.into_iter().find(|source| cell.eq_ignore_ascii_case(source));
    found.ok_or_else(|| InvalidValue::new(cell, "one of reported, router_id, archive and none"))
}

fn version(cell: &str) -> Result<Version, InvalidValue> {
    VersionText::read(cell).version.ok_or_else(|| InvalidValue::new(cell, "a version, as 14.1-2"))
}

/// Compares network elements with the stored ones, and those with what the rows before bring.
pub fn plan_elements(rows: Vec<ElementRow>, mut stored: StoredElements) -> Planned<ElementRow> {
    let mut planned = Planned::new();
    for row in rows {
        let (customer, network) = (row.customer.to_string(), row.network.to_string());
        let within = |key: &str| (customer.clone(), network.clone(), key.to_owned());
        let mut comparison = Comparison::of(Table::NetworkElements, row.row);
        if !stored.networks.contains(&(customer.clone(), network.clone())) {
            comparison.missing_parent("network_key", &row.network, Table::Networks);
        }
        let found = stored.elements.get(&within(&row.ne_key));
        let is_stored = found.is_some();
        if let Some(found) = found {
            compare(&row, found, &mut comparison);
        } else if let Some(router) = row.router_id
            && let Some(holder) = stored.routers.get(&within(&router.to_string()))
        {
            comparison.held("router_id", router, holder);
        }
        let Some(new) = planned.judge(row, is_stored, comparison.end()) else { continue };
        if let Some(router) = new.router_id {
            stored.routers.insert(within(&router.to_string()), new.ne_key.clone());
        }
        stored.elements.insert(within(&new.ne_key), as_stored(new));
    }
    planned
}

fn compare(row: &ElementRow, stored: &StoredElement, comparison: &mut Comparison) {
    comparison.value("ne_type", row.ne_type.as_ref(), stored.ne_type.as_deref());
    comparison.value("router_id", row.router_id, stored.router_id.as_deref());
    comparison.value("mgmt_ip", row.mgmt_ip, stored.mgmt_ip.as_deref());
    comparison.value("mgmt_ip_source", row.mgmt_ip_source, stored.mgmt_ip_source.as_deref());
    comparison.value("version", row.version, stored.version.as_deref());
}

/// How a new network element is stored.
fn as_stored(row: &ElementRow) -> StoredElement {
    StoredElement {
        ne_type: row.ne_type.clone(),
        router_id: row.router_id.map(|address| address.to_string()),
        mgmt_ip: row.mgmt_ip.map(|address| address.to_string()),
        mgmt_ip_source: row.mgmt_ip_source.map(str::to_owned),
        version: row.version.map(|version| version.to_string()),
    }
}
