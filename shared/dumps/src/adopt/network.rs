//! Networks of customers.

use std::collections::BTreeSet;

use super::cells::{Cells, read_rows};
use super::compare::Comparison;
use super::conflict::{Planned, Read};
use super::table::{RawRow, Table};
use crate::metadata::{CustomerKey, NetworkKey};

/// A network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkRow {
    /// Number of the row.
    pub row: u64,
    /// Its customer.
    pub customer: CustomerKey,
    /// The network.
    pub network: NetworkKey,
}

/// What is stored of the customers and networks that rows name.
#[derive(Debug, Clone, Default)]
pub struct StoredNetworks {
    /// Keys of customers that are stored, or that conflicting rows name.
    pub customers: BTreeSet<String>,
    /// Keys of customers and networks.
    pub networks: BTreeSet<(String, String)>,
}

/// Reads rows of networks.
pub fn read_networks(rows: &[RawRow]) -> Read<NetworkRow> {
    read_rows(Table::Networks, rows, read)
}

fn read(cells: &mut Cells<'_>) -> Option<NetworkRow> {
    let customer = cells.needed("customer_key", str::parse);
    let network = cells.needed("network_key", str::parse);
    Some(NetworkRow { row: cells.row(), customer: customer?, network: network? })
}

/// Compares networks with the stored ones, and those with what the rows before bring.
pub fn plan_networks(rows: Vec<NetworkRow>, mut stored: StoredNetworks) -> Planned<NetworkRow> {
    let mut planned = Planned::new();
    for row in rows {
        let mut comparison = Comparison::of(Table::Networks, row.row);
        if !stored.customers.contains(row.customer.as_str()) {
            comparison.missing_parent("customer_key", &row.customer, Table::Customers);
        }
        let key = (row.customer.to_string(), row.network.to_string());
        let is_stored = stored.networks.contains(&key);
        if planned.judge(row, is_stored, comparison.end()).is_some() {
            stored.networks.insert(key);
        }
    }
    planned
}
