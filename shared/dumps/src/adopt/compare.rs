//! A row beside what is stored under its key.

use std::fmt::Display;

use super::conflict::Conflict;
use super::table::Table;

/// Collects the differences of one row.
pub(super) struct Comparison {
    table: Table,
    row: u64,
    conflicts: Vec<Conflict>,
}

impl Comparison {
    pub(super) fn of(table: Table, row: u64) -> Self {
        Self { table, row, conflicts: Vec::new() }
    }

    /// Compares a value, if it is given.
    pub(super) fn value(&mut self, column: &'static str, given: Option<impl Display>, stored: Option<&str>) {
        let Some(given) = given.map(|given| given.to_string()) else { return };
        if stored != Some(given.as_str()) {
            let stored = stored.unwrap_or_default().to_owned();
            self.conflict(column, given, Some(stored), "another value is stored".to_owned());
        }
    }

    /// The row names a parent that is nowhere.
    pub(super) fn missing_parent(&mut self, column: &'static str, given: impl Display, parent: Table) {
        let text = format!("neither in {parent} nor stored");
        self.conflict(column, given.to_string(), None, text);
    }

    /// A unique key of the row is another row's.
    pub(super) fn held(&mut self, column: &'static str, given: impl Display, holder: &str) {
        self.conflict(column, given.to_string(), Some(holder.to_owned()), "held by another row".to_owned());
    }

    pub(super) fn conflict(
        &mut self,
        column: &'static str,
        given: String,
        stored: Option<String>,
        text: String,
    ) {
        let (table, row) = (self.table, self.row);
        self.conflicts.push(Conflict { table, row, column, given, stored, text });
    }

    pub(super) fn end(self) -> Vec<Conflict> {
        self.conflicts
    }
}
