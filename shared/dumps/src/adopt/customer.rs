//! Customers: columns as those of a workbook (specs: dumps 6.2).

use std::collections::BTreeSet;

use super::cells::{Cells, read_rows};
use super::compare::Comparison;
use super::conflict::{Planned, Read};
use super::table::{RawRow, Table};
use crate::customers::{Alias, CustomerRow, StoredCustomer, StoredCustomers, active, words};
use crate::metadata::{CustomerKey, CustomerName, InvalidValue};

/// Reads rows of customers.
pub fn read_customers(rows: &[RawRow]) -> Read<CustomerRow> {
    read_rows(Table::Customers, rows, read)
}

fn read(cells: &mut Cells<'_>) -> Option<CustomerRow> {
    let name: Option<CustomerName> = cells.needed("name", str::parse);
    let key: Option<CustomerKey> = cells.given("customer_key", str::parse);
    let country = cells.given("country", str::parse);
    let region = cells.given("region", |text| Ok::<_, InvalidValue>(words(text)));
    let alias = |text: &str| Ok::<_, InvalidValue>(Alias::of(&text.parse::<CustomerName>()?));
    let aliases: Option<BTreeSet<Alias>> = cells.list("aliases", alias);
    let active = cells.given("active", active);
    let (name, aliases) = (name?, aliases?);
    let key = key.unwrap_or_else(|| name.key());
    Some(CustomerRow {
        row: cells.row(),
        key,
        name,
        country,
        region,
        active,
        networks: BTreeSet::new(),
        aliases,
    })
}

/// Compares customers with the stored ones, and those with what the rows before bring.
pub fn plan_customers(rows: Vec<CustomerRow>, stored: &StoredCustomers) -> Planned<CustomerRow> {
    let mut customers = stored.clone();
    let mut planned = Planned::new();
    for row in rows {
        let found = customers.get(&row.key);
        let mut comparison = Comparison::of(Table::Customers, row.row);
        match found {
            Some(found) => compare(&row, found, &mut comparison),
            None => {
                if let Some(owner) = customers.alias_owner(&row.key) {
                    comparison.held("customer_key", &row.key, owner);
                }
            }
        }
        for alias in &row.aliases {
            if let Some(owner) = customers.other_owner(&row.key, alias) {
                comparison.held("aliases", alias, owner);
            }
        }
        let is_stored = found.is_some();
        if let Some(new) = planned.judge(row, is_stored, comparison.end()) {
            customers.insert(new.key.as_str(), as_stored(new));
        }
    }
    planned
}

fn compare(row: &CustomerRow, stored: &StoredCustomer, comparison: &mut Comparison) {
    comparison.value("name", Some(&row.name), Some(&stored.name));
    comparison.value("country", row.country.as_ref(), stored.country.as_deref());
    comparison.value("region", row.region.as_ref(), stored.region.as_deref());
    comparison.value("active", row.active, Some(if stored.active { "true" } else { "false" }));
    let given = own_aliases(row);
    if !row.aliases.is_empty() && given != stored.aliases {
        comparison.value("aliases", Some(joined(&given)), Some(&joined(&stored.aliases)));
    }
}

/// The key names the customer anyway.
fn own_aliases(row: &CustomerRow) -> BTreeSet<String> {
    let aliases = row.aliases.iter().map(ToString::to_string);
    aliases.filter(|alias| alias != row.key.as_str()).collect()
}

fn joined(items: &BTreeSet<String>) -> String {
    items.iter().map(String::as_str).collect::<Vec<_>>().join(";")
}

/// How a new customer is stored.
fn as_stored(row: &CustomerRow) -> StoredCustomer {
    StoredCustomer {
        name: row.name.to_string(),
        country: row.country.as_ref().map(ToString::to_string),
        region: row.region.clone(),
        active: row.active.unwrap_or(true),
        aliases: own_aliases(row),
        networks: BTreeSet::new(),
    }
}
