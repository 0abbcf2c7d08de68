//! The columns of a source, and one row of it brought to ours.

use super::{Column, Note, Problem, Role, SourceMap, Table, geo_row, meta_row, ticket_row, value};

/// Where our columns stand in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    table: Table,
    /// For each column of the table its place in the source.
    places: Vec<Option<usize>>,
    /// Columns of the source.
    width: usize,
    ignored: Vec<String>,
}

/// Columns that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// A column that is needed is not there, or one that the map names.
    #[error("{table} needs a column {column}; the source has {given}")]
    Missing {
        /// The table.
        table: Table,
        /// What the source calls it.
        column: String,
        /// What it has.
        given: String,
    },
    /// A column stands twice.
    #[error("{table} has column {column} twice")]
    Twice {
        /// The table.
        table: Table,
        /// What the source calls it.
        column: String,
    },
}

/// What a row of the source gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowRead {
    /// The values by [`Table::columns`] and [`Table::computed`], as PostgreSQL reads them; none of a row that is not taken
    /// over.
    pub values: Option<Vec<Option<String>>>,
    /// Why not.
    pub problems: Vec<Problem>,
    /// What there is to know.
    pub notes: Vec<Note>,
}

impl Header {
    /// Reads the names of a source's columns, in any order. Blanks around them and their case do not matter, and columns
    /// that are not ours are passed over.
    ///
    /// # Errors
    /// [`HeaderError`] for a column that is missing or stands twice.
    pub fn read<'a>(
        table: Table,
        map: &SourceMap,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, HeaderError> {
        let names: Vec<&str> = names.into_iter().map(str::trim).collect();
        let mut places = Vec::new();
        for column in table.columns() {
            let (name, is_mapped) = map.column(table, column.name);
            let mut found = names.iter().enumerate().filter(|(_, given)| given.eq_ignore_ascii_case(name));
            let place = found.next().map(|(place, _)| place);
            if found.next().is_some() {
                return Err(HeaderError::Twice { table, column: name.to_owned() });
            }
            if place.is_none() && (is_mapped || column.role == Role::Needed) {
                return Err(HeaderError::Missing { table, column: name.to_owned(), given: names.join(", ") });
            }
            places.push(place);
        }
        let is_ours = |place: usize| places.contains(&Some(place));
        let ignored = names.iter().enumerate().filter(|(place, _)| !is_ours(*place));
        let ignored = ignored.map(|(_, name)| (*name).to_owned()).collect();
        Ok(Self { table, places, width: names.len(), ignored })
    }

    /// The same over those columns of the source alone that are used, and their places before; those of the key first.
    pub fn narrow(&self) -> (Vec<usize>, Self) {
        let is_key = |column: &Column| self.table.key().contains(&column.name);
        let with_key = self.table.columns().iter().zip(&self.places);
        let (key, rest): (Vec<_>, Vec<_>) = with_key.partition(|(column, _)| is_key(column));
        let used: Vec<usize> = key.iter().chain(&rest).filter_map(|(_, place)| **place).collect();
        let renumbered = |place: &Option<usize>| used.iter().position(|used| Some(*used) == *place);
        let places = self.places.iter().map(renumbered).collect();
        let narrow = Self { table: self.table, places, width: used.len(), ignored: self.ignored.clone() };
        (used, narrow)
    }

    /// How many columns of the key the source has.
    pub fn key_width(&self) -> usize {
        self.table.key().iter().filter(|column| self.has(column)).count()
    }

    /// The table.
    pub fn table(&self) -> Table {
        self.table
    }

    /// Whether the source has a column.
    pub fn has(&self, column: &str) -> bool {
        self.table.place(column).and_then(|place| self.places.get(place)).is_some_and(Option::is_some)
    }

    /// Columns of the source that are passed over.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Brings a row of the source to our columns, and checks it.
    pub fn row(&self, number: u64, fields: &[&str]) -> RowRead {
        let mut read = RowRead::default();
        if fields.len() != self.width {
            let text = format!("the row has {} fields, the header {}", fields.len(), self.width);
            read.problems.push(Problem::of(self.table, number, ("", ""), text));
            return read;
        }
        let mut values = Vec::new();
        for (column, place) in self.table.columns().iter().zip(&self.places) {
            let cell = place.and_then(|place| fields.get(place)).copied().unwrap_or_default();
            match read_cell(column, cell, place.is_some()) {
                Ok(value) => values.push(value),
                Err(text) => {
                    read.problems.push(Problem::of(self.table, number, (column.name, cell), text));
                    values.push(None);
                }
            }
        }
        let mut row = Row { table: self.table, number, values, read };
        if row.read.problems.is_empty() {
            row.judge();
        }
        row.end()
    }
}

fn read_cell(column: &Column, cell: &str, is_there: bool) -> Result<Option<String>, String> {
    let is_empty = cell.trim().is_empty();
    match column.role {
        Role::Filled if !is_there => Ok(None),
        Role::Needed | Role::Filled if is_empty => Err("empty".to_owned()),
        Role::Taken(default) if is_empty => Ok(default.map(str::to_owned)),
        Role::Compared if cell.is_empty() => Ok(None),
        Role::Compared => Ok(Some(value::compared(column.kind, cell))),
        Role::Needed | Role::Filled | Role::Taken(_) => value::read(column.kind, cell).map(Some),
    }
}

/// A row whose cells have been read.
pub(super) struct Row {
    pub(super) table: Table,
    pub(super) number: u64,
    values: Vec<Option<String>>,
    read: RowRead,
}

impl Row {
    /// What the cells must be together, and what is computed of them.
    fn judge(&mut self) {
        match self.table {
            Table::ImportMeta => meta_row::judge(self),
            Table::GeoClusters => geo_row::judge_cluster(self),
            Table::GeoLocations => geo_row::judge_location(self),
            Table::Inc | Table::Crq => ticket_row::judge(self),
            Table::ClosureEvents => ticket_row::judge_event(self),
            Table::GeoBudget | Table::IncDailySnapshot | Table::CrqDailySnapshot => {}
        }
    }

    pub(super) fn get(&self, column: &str) -> Option<&str> {
        self.table.place(column).and_then(|place| self.values.get(place))?.as_deref()
    }

    pub(super) fn set(&mut self, column: &str, value: Option<String>) {
        if let Some(slot) = self.table.place(column).and_then(|place| self.values.get_mut(place)) {
            *slot = value;
        }
    }

    /// Adds the value of the next computed column.
    pub(super) fn compute(&mut self, value: Option<String>) {
        self.values.push(value);
    }

    pub(super) fn refuse(&mut self, column: &str, text: impl Into<String>) {
        let given = self.get(column).unwrap_or_default().to_owned();
        self.read.problems.push(Problem::of(self.table, self.number, (column, &given), text));
    }

    /// Leaves the row out, and says why.
    pub(super) fn leave(&mut self, key: &str, text: &str) {
        self.note(key, text);
        self.values.clear();
    }

    pub(super) fn note(&mut self, key: &str, text: &str) {
        let (table, row) = (self.table, self.number);
        self.read.notes.push(Note { table, row, key: key.to_owned(), text: text.to_owned() });
    }

    fn end(mut self) -> RowRead {
        let key: Vec<&str> = self.table.key().iter().filter_map(|column| self.get(column)).collect();
        let key = key.join(" ");
        for problem in &mut self.read.problems {
            problem.key.clone_from(&key);
        }
        if self.read.problems.is_empty() && !self.values.is_empty() {
            self.read.values = Some(self.values);
        }
        self.read
    }
}
