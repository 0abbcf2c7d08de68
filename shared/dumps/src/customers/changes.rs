//! What rows change in what is stored. Nothing is removed: a blank cell keeps the stored value, and networks and
//! aliases are only added.

use std::collections::BTreeSet;

use serde::Serialize;

use super::columns::Column;
use super::row::{Alias, CustomerRow, RowProblem};
use super::sheet::CustomerSheet;
use super::stored::{StoredCustomer, StoredCustomers};
use crate::metadata::NetworkKey;

/// What becomes of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// It is new.
    Insert,
    /// Something of it changes.
    Update,
    /// All is stored already.
    Same,
}

/// What becomes of the customer of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerChange {
    /// Number of the row.
    pub row: u64,
    /// The customer.
    pub key: String,
    /// What becomes of it.
    pub kind: ChangeKind,
    /// How it is stored afterwards.
    pub after: StoredCustomer,
    /// Aliases that are new.
    pub new_aliases: Vec<String>,
    /// Networks that are new.
    pub new_networks: Vec<String>,
}

/// What a sync does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncPlan {
    /// One for each row that is not skipped, in the order of the rows.
    pub changes: Vec<CustomerChange>,
    /// Why other rows are skipped.
    pub problems: Vec<RowProblem>,
}

/// How many rows of a sheet are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SyncCounts {
    /// Customers that are new.
    pub insert: usize,
    /// Customers of which something changes.
    pub update: usize,
    /// Customers that are stored already.
    pub same: usize,
    /// Rows with problems.
    pub skip: usize,
}

impl SyncPlan {
    /// How many rows are of each kind.
    pub fn counts(&self) -> SyncCounts {
        let of = |kind| self.changes.iter().filter(|change| change.kind == kind).count();
        SyncCounts {
            insert: of(ChangeKind::Insert),
            update: of(ChangeKind::Update),
            same: of(ChangeKind::Same),
            skip: self.problems.iter().map(|problem| problem.row).collect::<BTreeSet<_>>().len(),
        }
    }
}

/// Compares a sheet with what is stored, one row after the other: a later row meets what an earlier one brings. A
/// row with an alias of another customer is skipped, and so is a new customer whose key is another one's alias.
pub fn plan_sync(sheet: &CustomerSheet, stored: &StoredCustomers) -> SyncPlan {
    let mut plan = SyncPlan { changes: Vec::new(), problems: sheet.problems.clone() };
    let mut customers = stored.clone();
    for row in &sheet.rows {
        match plan_row(row, &customers) {
            Ok(change) => {
                customers.insert(&change.key, change.after.clone());
                plan.changes.push(change);
            }
            Err(problem) => plan.problems.push(problem),
        }
    }
    plan.problems.sort_by_key(|problem| problem.row);
    plan
}

fn plan_row(row: &CustomerRow, customers: &StoredCustomers) -> Result<CustomerChange, RowProblem> {
    let problem = |column: Column, text| RowProblem { row: row.row, column: column.label(), text };
    for alias in &row.aliases {
        if let Some(owner) = customers.other_owner(&row.key, alias) {
            return Err(problem(
                Column::Aliases,
                format!("{alias:?} names customer {owner}", alias = alias.as_str()),
            ));
        }
    }
    let before = customers.get(&row.key);
    if before.is_none()
        && let Some(owner) = customers.alias_owner(&row.key)
    {
        return Err(problem(Column::Key, format!("{} is an alias of customer {owner}", row.key)));
    }
    let (after, new_aliases, new_networks) = merged(row, before);
    let kind = match before {
        None => ChangeKind::Insert,
        Some(before) if *before == after => ChangeKind::Same,
        Some(_) => ChangeKind::Update,
    };
    Ok(CustomerChange { row: row.row, key: row.key.to_string(), kind, after, new_aliases, new_networks })
}

/// The customer afterwards, and the aliases and networks that are new.
fn merged(row: &CustomerRow, before: Option<&StoredCustomer>) -> (StoredCustomer, Vec<String>, Vec<String>) {
    let fresh = StoredCustomer { active: true, ..StoredCustomer::default() };
    let mut after = before.cloned().unwrap_or(fresh);
    row.name.as_str().clone_into(&mut after.name);
    if let Some(country) = &row.country {
        after.country = Some(country.to_string());
    }
    if let Some(region) = &row.region {
        after.region = Some(region.clone());
    }
    after.active = row.active.unwrap_or(after.active);
    // The key names the customer anyway.
    let aliases = row.aliases.iter().map(Alias::as_str).filter(|alias| *alias != row.key.as_str());
    let new_aliases: Vec<String> =
        aliases.filter(|alias| !after.aliases.contains(*alias)).map(str::to_owned).collect();
    let networks = row.networks.iter().map(NetworkKey::as_str);
    let new_networks: Vec<String> =
        networks.filter(|network| !after.networks.contains(*network)).map(str::to_owned).collect();
    after.aliases.extend(new_aliases.iter().cloned());
    after.networks.extend(new_networks.iter().cloned());
    (after, new_aliases, new_networks)
}
