//! The five tables and their columns.

use std::fmt;

use serde::Serialize;

/// A table of the old system's state, in the order in which they are taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Customers with their aliases.
    Customers,
    /// Networks of customers.
    Networks,
    /// Network elements.
    NetworkElements,
    /// Archives whose dumps were stored.
    Archives,
    /// Tickets and health checks of these dumps.
    Links,
}

impl Table {
    /// All tables: a row may name rows of the tables before its own.
    pub const ALL: [Self; 5] =
        [Self::Customers, Self::Networks, Self::NetworkElements, Self::Archives, Self::Links];

    /// Its name: of the table, and of the file without `.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Networks => "networks",
            Self::NetworkElements => "network_elements",
            Self::Archives => "archives",
            Self::Links => "links",
        }
    }

    /// Its columns, those of the key first.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Customers => &["customer_key", "name", "country", "region", "aliases", "active"],
            Self::Networks => &["customer_key", "network_key"],
            Self::NetworkElements => &[
                "customer_key",
                "network_key",
                "ne_key",
                "ne_type",
                "router_id",
                "mgmt_ip",
                "mgmt_ip_source",
                "version",
            ],
            Self::Archives => &[
                "sha256",
                "customer_key",
                "network_key",
                "capture_ts",
                "capture_precision",
                "origin",
                "snapshot_seq",
                "country",
                "nes",
            ],
            Self::Links => &["sha256", "ticket", "hc_id"],
        }
    }

    /// The columns that must be there. The others are blank where they are not.
    pub fn needed(self) -> &'static [&'static str] {
        match self {
            Self::Customers => &["customer_key", "name"],
            Self::Networks => &["customer_key", "network_key"],
            Self::NetworkElements => &["customer_key", "network_key", "ne_key"],
            Self::Archives => &["sha256", "customer_key", "network_key", "capture_ts", "origin"],
            Self::Links => &["sha256", "ticket"],
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Columns that are not those of the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// A column that the table does not have.
    #[error("{table} has no column {column:?}; its columns are {}", table.columns().join(", "))]
    Unknown {
        /// The table.
        table: Table,
        /// The column.
        column: String,
    },
    /// A column that stands twice.
    #[error("column {column} of {table} stands twice")]
    Twice {
        /// The table.
        table: Table,
        /// The column.
        column: &'static str,
    },
    /// A column that must be there and is not.
    #[error("{table} needs a column {column}")]
    Missing {
        /// The table.
        table: Table,
        /// The column.
        column: &'static str,
    },
}

/// Where the columns of a table stand in its input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    table: Table,
    /// For each column of the table its place in the input.
    places: Vec<Option<usize>>,
    /// Columns of the input.
    width: usize,
}

impl Header {
    /// Reads the names of the columns, in any order. Blanks around them and their case do not matter.
    ///
    /// # Errors
    /// [`HeaderError`] for a column that is unknown, twice there, or missing.
    pub fn read<'a>(table: Table, names: impl IntoIterator<Item = &'a str>) -> Result<Self, HeaderError> {
        let columns = table.columns();
        let mut places = vec![None; columns.len()];
        let mut width = 0_usize;
        for name in names {
            let known = columns.iter().position(|column| name.trim().eq_ignore_ascii_case(column));
            let slot = known.and_then(|place| Some((places.get_mut(place)?, *columns.get(place)?)));
            let Some((place, column)) = slot else {
                return Err(HeaderError::Unknown { table, column: name.chars().take(100).collect() });
            };
            if place.replace(width).is_some() {
                return Err(HeaderError::Twice { table, column });
            }
            width = width.saturating_add(1);
        }
        let is_there = |column: &&&str| columns.iter().zip(&places).any(|(c, p)| c == *column && p.is_some());
        match table.needed().iter().find(|column| !is_there(column)) {
            Some(column) => Err(HeaderError::Missing { table, column }),
            None => Ok(Self { table, places, width }),
        }
    }

    /// A row of the input, brought into the order of the table's columns.
    pub fn row(&self, row: u64, fields: &[&[u8]]) -> RawRow {
        if fields.len() != self.width {
            let text = format!("the row has {} fields, the header {}", fields.len(), self.width);
            return RawRow { row, cells: Err(text) };
        }
        let columns = self.places.iter().zip(self.table.columns());
        let cells = columns.map(|(place, column)| {
            let field = place.and_then(|place| fields.get(place)).copied().unwrap_or_default();
            let text = std::str::from_utf8(field).map_err(|_| format!("{column} is no UTF-8"))?;
            if text.contains('\0') { Err(format!("{column} holds a NUL")) } else { Ok(text.to_owned()) }
        });
        RawRow { row, cells: cells.collect() }
    }

    /// The columns of the table that are in the input, in the order of the table.
    pub fn present(&self) -> impl Iterator<Item = &'static str> {
        self.table
            .columns()
            .iter()
            .zip(&self.places)
            .filter(|(_, place)| place.is_some())
            .map(|(column, _)| *column)
    }
}

/// A row as it stands in the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRow {
    /// Its number in the input, for people: the line of a file.
    pub row: u64,
    /// Its cells in the order of [`Table::columns`], blank where there is none; or why it has none.
    pub cells: Result<Vec<String>, String>,
}
