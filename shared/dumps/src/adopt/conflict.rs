//! Rows that cannot be taken over.

use serde::Serialize;

use super::table::Table;

/// Why a row is not taken over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// The table.
    pub table: Table,
    /// Number of the row in the input.
    pub row: u64,
    /// The column; empty where it is about the whole row.
    pub column: &'static str,
    /// The value that is given.
    pub given: String,
    /// The value that is stored or holds the place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored: Option<String>,
    /// What is wrong.
    pub text: String,
}

/// Rows of one table that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<T> {
    /// Those that are valid.
    pub rows: Vec<T>,
    /// What is wrong with the others.
    pub conflicts: Vec<Conflict>,
    /// How many the others are.
    pub bad: u64,
    /// Those of them whose key reads: rows that name them are not to blame.
    pub refused: Vec<T>,
}

/// What becomes of valid rows of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned<T> {
    /// Those that are new, in the order of the input.
    pub inserts: Vec<T>,
    /// How many are stored already, with all values that are given.
    pub same: u64,
    /// What is wrong with the others.
    pub conflicts: Vec<Conflict>,
    /// The others.
    pub refused: Vec<T>,
}

impl<T> Planned<T> {
    pub(super) fn new() -> Self {
        Self { inserts: Vec::new(), same: 0, conflicts: Vec::new(), refused: Vec::new() }
    }

    /// Counts a row as its comparison says. `stored` tells whether its key is there.
    pub(super) fn judge(&mut self, row: T, is_stored: bool, conflicts: Vec<Conflict>) -> Option<&T> {
        if !conflicts.is_empty() {
            self.conflicts.extend(conflicts);
            self.refused.push(row);
            return None;
        }
        if is_stored {
            self.same = self.same.saturating_add(1);
            return None;
        }
        self.inserts.push(row);
        self.inserts.last()
    }
}
