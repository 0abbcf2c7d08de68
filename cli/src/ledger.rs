//! Rows of the ledger of plugins, as the store tells them in JSON.

use comfy_table::Table;
use serde::Deserialize;
use serde_json::Value;

use crate::{Console, shown};

/// What became of one plugin of one network element.
#[derive(Debug, Deserialize)]
pub(crate) struct LedgerRow {
    /// Blank where the rows are told of one network element alone.
    #[serde(default)]
    ne: String,
    plugin: String,
    state: String,
    outcome: Option<String>,
    records: i64,
    warnings: i64,
    attempts: i32,
    error: Option<String>,
}

impl LedgerRow {
    /// All rows; none where they are told in another form.
    pub fn read(rows: &Value) -> Vec<Self> {
        Vec::deserialize(rows).unwrap_or_default()
    }

    /// All rows of one network element, which do not name it themselves.
    pub fn read_of(ne: &str, rows: &Value) -> Vec<Self> {
        let named = |row| Self { ne: ne.to_owned(), ..row };
        Self::read(rows).into_iter().map(named).collect()
    }

    /// Whether there was no file for the plugin.
    pub fn is_missing(&self) -> bool {
        self.outcome.as_deref() == Some("missing")
    }
}

/// The rows as a table.
pub(crate) fn table<'a>(console: &Console, rows: impl IntoIterator<Item = &'a LedgerRow>) -> Table {
    let mut table =
        console.table(["NE", "PLUGIN", "STATE", "OUTCOME", "RECORDS", "WARNINGS", "TRIES", "ERROR"]);
    for row in rows {
        table.add_row(vec![
            row.ne.as_str().into(),
            row.plugin.as_str().into(),
            row.state.as_str().into(),
            row.outcome.as_deref().unwrap_or_default().into(),
            shown::number(row.records),
            shown::number(row.warnings),
            shown::number(row.attempts),
            row.error.as_deref().unwrap_or_default().into(),
        ]);
    }
    table
}
