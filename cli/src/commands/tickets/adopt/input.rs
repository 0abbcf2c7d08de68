//! Where the rows come from: a folder of CSV files, or a database.

use indicatif::ProgressBar;
use landfall_store::tickets::adopt::Adoption;
use landfall_store::{OldColumn, OldDatabase, Relation};
use landfall_tickets::adopt::{Header, HeaderError, SourceMap, Table};

use super::super::super::old_system;
use super::folder::Folder;
use crate::{Exit, Failure};

/// Rows that are fetched at once.
const BATCH: u32 = 1_000;

/// The state of the system before.
pub(super) enum Input {
    Files(Folder),
    Database(OldDatabase),
}

impl Input {
    /// Opens a folder, or a database if the text is its URL.
    pub(super) async fn open(from: &str, map: &SourceMap) -> Result<Self, Failure> {
        match old_system::database(from).await? {
            Some(old) => Ok(Self::Database(old)),
            None => Ok(Self::Files(Folder::open(from, map)?)),
        }
    }

    /// For people; without a password.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Files(folder) => folder.name(),
            Self::Database(old) => old.name(),
        }
    }

    /// What a table's rows stand in.
    pub(super) fn place(&self, table: Table, map: &SourceMap) -> String {
        match self {
            Self::Files(_) => Folder::file(table, map),
            Self::Database(_) => relation(table, map).to_string(),
        }
    }

    /// Ends the reading, before the long work on our side.
    pub(super) async fn end(&mut self) -> Result<(), Failure> {
        match self {
            Self::Files(_) => Ok(()),
            Self::Database(old) => old.end().await.map_err(old_system::unreadable),
        }
    }

    /// Hands the rows of a table over; false if there is no such table.
    pub(super) async fn hand_over(
        &mut self,
        target: (Table, &SourceMap),
        adoption: &mut Adoption,
        bar: &ProgressBar,
    ) -> Result<bool, Failure> {
        match self {
            Self::Files(folder) => folder.hand_over(target, adoption, bar).await,
            Self::Database(old) => of_database(old, target, adoption, bar).await,
        }
    }
}

fn relation(table: Table, map: &SourceMap) -> Relation {
    let name = map.table(table);
    Relation { schema: Some(name.schema), name: name.table }
}

async fn of_database(
    old: &mut OldDatabase,
    (table, map): (Table, &SourceMap),
    adoption: &mut Adoption,
    bar: &ProgressBar,
) -> Result<bool, Failure> {
    let relation = relation(table, map);
    let Some(columns) = old.columns(&relation).await.map_err(old_system::unreadable)? else {
        if map.table(table).is_mapped {
            let text = format!("the map names {relation}, which is not in the database of --from");
            return Err(Failure::new(Exit::Arguments, text));
        }
        return Ok(false);
    };
    let names = columns.iter().map(|column| column.name.as_str());
    let all = Header::read(table, map, names).map_err(|error| refused(error, &relation.to_string()))?;
    let (places, header) = all.narrow();
    let used: Vec<OldColumn> = places.into_iter().filter_map(|place| columns.get(place).cloned()).collect();
    let key = header.key_width();
    old.open_table(&relation, &used, key).await.map_err(old_system::unreadable)?;
    let mut taken = adoption.table(header);
    let mut number = 0_u64;
    loop {
        let rows = old.next_rows(BATCH).await.map_err(old_system::unreadable)?;
        if rows.is_empty() {
            taken.copy().await?;
            return Ok(true);
        }
        bar.inc_length(rows.len() as u64);
        for cells in &rows {
            number = number.saturating_add(1);
            taken.push(number, &cells.iter().map(String::as_str).collect::<Vec<_>>());
        }
        taken.copy_some().await?;
        bar.inc(rows.len() as u64);
    }
}

/// Columns that are not those of the table.
pub(super) fn refused(error: HeaderError, name: &str) -> Failure {
    Failure::of(Exit::Arguments, error)
        .while_doing(format!("cannot take over {name}"))
        .advise("--map says what the source calls its columns")
}
