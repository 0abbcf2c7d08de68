//! The columns of the sheet and its header.

use std::collections::BTreeMap;

use super::sheet::{SheetCell, SheetRow};
use crate::text::normalize_label;

/// A column of the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Name,
    Key,
    Country,
    Region,
    Networks,
    Aliases,
    Active,
}

impl Column {
    const ALL: [Self; 7] =
        [Self::Name, Self::Key, Self::Country, Self::Region, Self::Networks, Self::Aliases, Self::Active];

    /// Its label.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Name => "Customer Name",
            Self::Key => "Customer Key",
            Self::Country => "Country",
            Self::Region => "Region",
            Self::Networks => "Networks",
            Self::Aliases => "Aliases",
            Self::Active => "Active",
        }
    }
}

/// Where the columns stand. Of a label that stands twice the leftmost column counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header(BTreeMap<Column, u32>);

impl Header {
    /// The header, if this row is it: one of its cells has the label of the name. Labels compare as keys of node
    /// files do (specs: dumps 3.6).
    pub(super) fn of(row: &SheetRow) -> Option<Self> {
        let mut columns = BTreeMap::new();
        for (place, cell) in &row.cells {
            let SheetCell::Text(text) = cell else { continue };
            let label = normalize_label(text);
            let known = Column::ALL.into_iter().find(|column| normalize_label(column.label()) == label);
            if let Some(column) = known {
                columns.entry(column).or_insert(*place);
            }
        }
        columns.contains_key(&Column::Name).then_some(Self(columns))
    }

    /// The cell of a column; none if it is blank, or the sheet does not have the column.
    pub(super) fn cell<'a>(&self, row: &'a SheetRow, column: Column) -> Option<&'a SheetCell> {
        row.cells.get(self.0.get(&column)?).filter(|cell| !cell.is_blank())
    }
}
