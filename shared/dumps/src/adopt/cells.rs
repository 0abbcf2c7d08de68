//! The cells of one row, read into values.

use std::fmt::Display;

use super::conflict::{Conflict, Read};
use super::table::{RawRow, Table};
use crate::values::is_null;

/// Bytes of a value. Longer ones do not fit into the keys of the database.
const LONGEST: usize = 1_000;

/// The cells of one row, and what is wrong with them.
pub(super) struct Cells<'a> {
    table: Table,
    row: u64,
    cells: &'a [String],
    conflicts: Vec<Conflict>,
}

impl Cells<'_> {
    /// The number of the row.
    pub(super) fn row(&self) -> u64 {
        self.row
    }

    /// The value of a cell that must not be blank.
    pub(super) fn needed<T, E: Display>(
        &mut self,
        column: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        if self.text(column).is_empty() {
            self.refuse(column, "", "a value is needed".to_owned());
            return None;
        }
        self.given(column, parse)
    }

    /// The value of a cell that may be blank.
    pub(super) fn given<T, E: Display>(
        &mut self,
        column: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(column).to_owned();
        if text.is_empty() {
            return None;
        }
        if text.len() > LONGEST {
            self.refuse(column, &text, format!("longer than {LONGEST} bytes"));
            return None;
        }
        match parse(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(column, &text, error.to_string());
                None
            }
        }
    }

    /// The same where the words for "no value" of node files count as blank (specs: dumps 3.4).
    pub(super) fn of_node<T, E: Display>(
        &mut self,
        column: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        if is_null(self.text(column)) { None } else { self.given(column, parse) }
    }

    /// The items of a list; none if one is bad.
    pub(super) fn list<T, E: Display, C: FromIterator<T>>(
        &mut self,
        column: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<C> {
        let text = self.text(column).to_owned();
        let item = |item: &str| {
            if item.len() > LONGEST {
                return Err((item.to_owned(), format!("longer than {LONGEST} bytes")));
            }
            parse(item).map_err(|error| (item.to_owned(), error.to_string()))
        };
        let items: Result<C, (String, String)> = crate::customers::items(&text).map(item).collect();
        items.map_err(|(item, error)| self.refuse(column, &item, error)).ok()
    }

    /// Tells what is wrong with a cell.
    pub(super) fn refuse(&mut self, column: &'static str, given: &str, text: String) {
        let given = given.chars().take(100).collect();
        let (table, row) = (self.table, self.row);
        self.conflicts.push(Conflict { table, row, column, given, stored: None, text });
    }

    fn text(&self, column: &str) -> &str {
        let place = self.table.columns().iter().position(|name| *name == column);
        place.and_then(|place| self.cells.get(place)).map_or("", |cell| cell.trim())
    }
}

/// Reads rows with a reader that tells conflicts to the cells.
pub(super) fn read_rows<T>(
    table: Table,
    rows: &[RawRow],
    read: impl Fn(&mut Cells<'_>) -> Option<T>,
) -> Read<T> {
    let mut all = Read { rows: Vec::new(), conflicts: Vec::new(), bad: 0, refused: Vec::new() };
    for raw in rows {
        let none: &[String] = &[];
        let mut cells = Cells { table, row: raw.row, cells: none, conflicts: Vec::new() };
        let row = match &raw.cells {
            Ok(found) => {
                cells.cells = found;
                read(&mut cells)
            }
            Err(text) => {
                cells.refuse("", "", text.clone());
                None
            }
        };
        if cells.conflicts.is_empty() {
            all.rows.extend(row);
            continue;
        }
        all.bad = all.bad.saturating_add(1);
        all.conflicts.append(&mut cells.conflicts);
        all.refused.extend(row);
    }
    all
}
