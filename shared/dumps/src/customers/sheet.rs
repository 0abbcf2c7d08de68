//! A sheet: its header, and the customers below it.

use std::collections::BTreeMap;

use super::columns::{Column, Header};
use super::row::{CustomerRow, RowProblem, customer_key, read_row};
use crate::metadata::CustomerKey;

/// A cell, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SheetCell {
    /// What it shows; of a formula its cached value.
    Text(String),
    /// An error of the spreadsheet, such as `#N/A`.
    Error(String),
}

impl SheetCell {
    pub(super) fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }
}

/// A row of the sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SheetRow {
    /// Its number as the spreadsheet shows it, from 1.
    pub number: u64,
    /// Its cells by column, from 0. A column that is not here is blank.
    pub cells: BTreeMap<u32, SheetCell>,
}

/// What a sheet says about customers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerSheet {
    /// The customers, in the order of the sheet; each key once.
    pub rows: Vec<CustomerRow>,
    /// Why other rows are skipped, in the order of the sheet.
    pub problems: Vec<RowProblem>,
}

/// No row of the sheet is a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("none of its {rows} filled rows has a cell {:?}", Column::Name.label())]
pub struct NoHeader {
    /// Rows that are not blank.
    pub rows: usize,
}

/// Reads a sheet: searches its header, then reads the rows below it. Blank rows do not count. A row that is not
/// valid is skipped and told as a problem; of the rows with one key the first wins, valid or not.
///
/// # Errors
/// [`NoHeader`] if no row has a cell with the label `Customer Name`.
pub fn read_sheet(rows: impl IntoIterator<Item = SheetRow>) -> Result<CustomerSheet, NoHeader> {
    let mut header: Option<Header> = None;
    let (mut sheet, mut seen) = (CustomerSheet::default(), Keys::default());
    let mut filled = 0_usize;
    for row in rows {
        if row.cells.values().all(SheetCell::is_blank) {
            continue;
        }
        filled = filled.saturating_add(1);
        let Some(header) = &header else {
            header = Header::of(&row);
            continue;
        };
        if let Some(problem) = seen.repeated(header, &row) {
            sheet.problems.push(problem);
            continue;
        }
        match read_row(header, &row) {
            Ok(customer) => sheet.rows.push(customer),
            Err(problems) => sheet.problems.extend(problems),
        }
    }
    if header.is_none() {
        return Err(NoHeader { rows: filled });
    }
    Ok(sheet)
}

/// The keys of the rows so far.
#[derive(Debug, Default)]
struct Keys(BTreeMap<CustomerKey, u64>);

impl Keys {
    /// What is to be told of a row whose key an earlier one has.
    fn repeated(&mut self, header: &Header, row: &SheetRow) -> Option<RowProblem> {
        let key = customer_key(header, row)?;
        if let Some(first) = self.0.get(&key) {
            let text = format!("row {first} has the key {key} already");
            return Some(RowProblem { row: row.number, column: Column::Key.label(), text });
        }
        self.0.insert(key, row.number);
        None
    }
}
