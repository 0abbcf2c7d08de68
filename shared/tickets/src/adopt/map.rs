//! How the source's schema, tables and columns are called.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Table;

/// Names of the source. Without a map they are ours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceMap {
    schema: Option<String>,
    #[serde(default)]
    tables: BTreeMap<String, String>,
    #[serde(default)]
    columns: BTreeMap<String, BTreeMap<String, String>>,
}

/// What the source calls a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceName {
    /// Its schema; a folder has none.
    pub schema: String,
    /// Its name.
    pub table: String,
    /// Whether the map names it, so that it must be there.
    pub is_mapped: bool,
}

/// A map that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    /// It is no JSON of the right form.
    #[error(
        "the map does not read: it is {{\"schema\": .., \"tables\": {{ours: theirs}}, \"columns\": {{table: {{ours: theirs}}}}}}"
    )]
    Form(#[from] serde_json::Error),
    /// It names a table that is not taken over.
    #[error("the map names {table:?}, which is none of {}", table_names())]
    Table {
        /// The table.
        table: String,
    },
    /// It names a column that is not taken over.
    #[error("the map names column {column:?} of {table}; its columns are {}", column_names(*table))]
    Column {
        /// The table.
        table: Table,
        /// The column.
        column: String,
    },
}

impl SourceMap {
    /// Reads a JSON document: `schema`, `tables` (ours to theirs, theirs with a schema if it is another one), and
    /// `columns` (by our table, ours to theirs).
    ///
    /// # Errors
    /// [`MapError`] also for a name of ours that there is not: it is most likely misspelt.
    pub fn read(text: &str) -> Result<Self, MapError> {
        let map: Self = serde_json::from_str(text)?;
        for name in map.tables.keys().chain(map.columns.keys()) {
            if Table::named(name).is_none() {
                return Err(MapError::Table { table: name.clone() });
            }
        }
        for (name, columns) in &map.columns {
            let Some(table) = Table::named(name) else { continue };
            if let Some(column) = columns.keys().find(|column| table.place(column).is_none()) {
                return Err(MapError::Column { table, column: column.clone() });
            }
        }
        Ok(map)
    }

    /// What the source calls a table.
    pub fn table(&self, table: Table) -> SourceName {
        let schema = self.schema.as_deref().unwrap_or("tickets");
        let mapped = self.tables.get(table.name());
        let name = mapped.map_or(table.name(), String::as_str);
        let (schema, name) = name.split_once('.').unwrap_or((schema, name));
        SourceName { schema: schema.to_owned(), table: name.to_owned(), is_mapped: mapped.is_some() }
    }

    /// What the source calls a column, and whether the map says so.
    pub(super) fn column<'m>(&'m self, table: Table, column: &'m str) -> (&'m str, bool) {
        let mapped = self.columns.get(table.name()).and_then(|columns| columns.get(column));
        (mapped.map_or(column, String::as_str), mapped.is_some())
    }
}

fn table_names() -> String {
    Table::ALL.map(Table::name).join(", ")
}

fn column_names(table: Table) -> String {
    table.columns().iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_renames_and_what_it_leaves_out_keeps_its_name() {
        let map = SourceMap::read(
            r#"{"schema": "svc", "tables": {"inc": "incidents", "crq": "other.requests"},
                "columns": {"inc": {"raw": "payload"}}}"#,
        )
        .unwrap();
        let told = |table| {
            let name = map.table(table);
            format!("{}.{} {}", name.schema, name.table, name.is_mapped)
        };
        assert_eq!(told(Table::Inc), "svc.incidents true");
        assert_eq!(told(Table::Crq), "other.requests true");
        assert_eq!(told(Table::GeoBudget), "svc.geo_budget false");
        assert_eq!(map.column(Table::Inc, "raw"), ("payload", true));
        assert_eq!(map.column(Table::Crq, "raw"), ("raw", false));
        assert_eq!(SourceMap::default().table(Table::Inc).schema, "tickets");
    }

    #[test]
    fn a_map_with_a_name_that_is_not_ours_is_refused() {
        let refused = |text| SourceMap::read(text).unwrap_err().to_string();
        assert!(
            refused(r#"{"tables": {"incidents": "inc"}}"#)
                .contains("\"incidents\", which is none of import_meta")
        );
        assert!(
            refused(r#"{"columns": {"geo_budget": {"spent": "x"}}}"#).ends_with("its columns are day, used")
        );
        assert!(refused(r#"{"table": {}}"#).starts_with("the map does not read"));
    }
}
