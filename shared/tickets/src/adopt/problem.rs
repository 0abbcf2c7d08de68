//! What speaks against taking a row over, and what is only told.

use serde::Serialize;

use super::Table;

/// Characters of a value that are told.
const SHOWN: usize = 120;

/// Why a row cannot be taken over: with one of them nothing is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The table.
    pub table: Table,
    /// The row of the source: the line of a file, in a database the place by the order of the key. None of a row that
    /// only the target has.
    pub row: Option<u64>,
    /// The key of the row, where it is known.
    pub key: String,
    /// The column, empty where it is the row as a whole.
    pub column: String,
    /// The source's value, cut at 120 characters.
    pub given: String,
    /// The value that is stored, if one is.
    pub stored: Option<String>,
    /// The rule that is broken.
    pub text: String,
}

/// What an operator should know of a row, which is taken over all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The table.
    pub table: Table,
    /// The row of the source.
    pub row: u64,
    /// The key of the row.
    pub key: String,
    /// What there is to know.
    pub text: String,
}

impl Problem {
    /// A problem of a value.
    pub(super) fn of(table: Table, row: u64, (column, given): (&str, &str), text: impl Into<String>) -> Self {
        Self {
            table,
            row: Some(row),
            key: String::new(),
            column: column.to_owned(),
            given: shown(given),
            stored: None,
            text: text.into(),
        }
    }
}

fn shown(value: &str) -> String {
    value.chars().take(SHOWN).collect()
}
