//! One row of the sheet.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::columns::{Column, Header};
use super::sheet::{SheetCell, SheetRow};
use super::values;
use crate::metadata::{Country, CustomerKey, CustomerName, InvalidValue, NetworkKey};

/// A customer, as a row tells it. What the row leaves blank is none, or empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRow {
    /// Number of the row.
    pub row: u64,
    /// The key: as given, else made from the name.
    pub key: CustomerKey,
    /// The name.
    pub name: CustomerName,
    /// The country.
    pub country: Option<Country>,
    /// The region.
    pub region: Option<String>,
    /// Whether the customer is active; new ones are unless the row says otherwise.
    pub active: Option<bool>,
    /// Networks.
    pub networks: BTreeSet<NetworkKey>,
    /// Other names under which uploads may name the customer.
    pub aliases: BTreeSet<Alias>,
}

/// Another name of a customer: lower case, single blanks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alias {
    text: String,
    key: CustomerKey,
}

impl Alias {
    /// The alias that a name is.
    pub fn of(name: &CustomerName) -> Self {
        Self { text: name.alias(), key: name.key() }
    }

    /// As stored.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The customer key that an upload would mean by it if it were no alias.
    pub fn key(&self) -> &CustomerKey {
        &self.key
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// Why a row is skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowProblem {
    /// Number of the row.
    pub row: u64,
    /// Label of the column.
    pub column: &'static str,
    /// What is wrong.
    pub text: String,
}

/// The key that a row has, whatever else is wrong with it.
pub(super) fn customer_key(header: &Header, row: &SheetRow) -> Option<CustomerKey> {
    let text = |column| match header.cell(row, column)? {
        SheetCell::Text(text) => Some(text),
        SheetCell::Error(_) => None,
    };
    let name: CustomerName = text(Column::Name)?.parse().ok()?;
    match header.cell(row, Column::Key) {
        Some(_) => text(Column::Key)?.parse().ok(),
        None => Some(name.key()),
    }
}

/// Reads a row, or tells all that is wrong with it.
pub(super) fn read_row(header: &Header, row: &SheetRow) -> Result<CustomerRow, Vec<RowProblem>> {
    let mut cells = Cells { header, row, problems: Vec::new() };
    let name: Option<CustomerName> = cells.read(Column::Name, str::parse);
    if name.is_none() && cells.problems.is_empty() {
        cells.refuse(Column::Name, "the row has no name".to_owned());
    }
    let key: Option<CustomerKey> = cells.read(Column::Key, str::parse);
    let country = cells.read(Column::Country, str::parse);
    let region = cells.read(Column::Region, |text| Ok(values::words(text)));
    let networks = cells.read(Column::Networks, values::networks).unwrap_or_default();
    let aliases = cells.read(Column::Aliases, values::aliases).unwrap_or_default();
    let active = cells.read(Column::Active, values::active);
    match name {
        Some(name) if cells.problems.is_empty() => {
            let key = key.unwrap_or_else(|| name.key());
            Ok(CustomerRow { row: row.number, key, name, country, region, active, networks, aliases })
        }
        _ => Err(cells.problems),
    }
}

/// The cells of one row, with what is wrong with them.
struct Cells<'a> {
    header: &'a Header,
    row: &'a SheetRow,
    problems: Vec<RowProblem>,
}

impl Cells<'_> {
    /// The value of a cell; none if it is blank or bad.
    fn read<T>(&mut self, column: Column, parse: impl Fn(&str) -> Result<T, InvalidValue>) -> Option<T> {
        match self.header.cell(self.row, column)? {
            SheetCell::Error(error) => {
                self.refuse(column, format!("the cell holds the error {error}"));
                None
            }
            SheetCell::Text(text) => match parse(text) {
                Ok(value) => Some(value),
                Err(error) => {
                    self.refuse(column, error.to_string());
                    None
                }
            },
        }
    }

    fn refuse(&mut self, column: Column, text: String) {
        self.problems.push(RowProblem { row: self.row.number, column: column.label(), text });
    }
}
