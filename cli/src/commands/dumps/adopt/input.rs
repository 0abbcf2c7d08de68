//! Where the rows come from: a folder of CSV files, or a database.

use indicatif::ProgressBar;
use landfall_domain::Sha256Digest;
use landfall_dumps::adopt::{Header, HeaderError, RawRow, Table};
use landfall_store::dump::Adoption;
use landfall_store::{OldDatabase, Relation};
use sha2::{Digest, Sha256};

use super::super::super::old_system::{self, unreadable};
use super::files::{CsvFile, Folder};
use crate::{Exit, Failure};

/// Rows that are taken over at once.
pub(super) const BATCH: u32 = 1_000;

/// The state of the system before.
pub(super) enum Input {
    Files(Folder),
    Database(OldDatabase),
}

impl Input {
    /// Opens a folder, or a database if the text is its URL.
    pub(super) async fn open(from: &str) -> Result<Self, Failure> {
        match old_system::database(from).await? {
            Some(old) => Ok(Self::Database(old)),
            None => Ok(Self::Files(Folder::open(from)?)),
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
    pub(super) fn file(&self, table: Table) -> String {
        match self {
            Self::Files(_) => Folder::file(table),
            Self::Database(_) => table.to_string(),
        }
    }

    /// Hands the rows of a table over, batch by batch; gives the digest of what was read. None if there is no such
    /// table.
    pub(super) async fn hand_over(
        &mut self,
        table: Table,
        adoption: &mut Adoption,
        bar: &ProgressBar,
    ) -> Result<Option<Sha256Digest>, Failure> {
        match self {
            Self::Files(folder) => {
                let Some(mut file) = folder.table(table)? else { return Ok(None) };
                // Also without rows: the table is counted.
                adoption.take(table, &[]).await?;
                while let Some(rows) = next_of_file(&mut file)? {
                    take(adoption, table, &rows, bar).await?;
                }
                Ok(Some(file.digest()))
            }
            Self::Database(old) => of_database(old, table, adoption, bar).await,
        }
    }
}

async fn take(
    adoption: &mut Adoption,
    table: Table,
    rows: &[RawRow],
    bar: &ProgressBar,
) -> Result<(), Failure> {
    let count = rows.len() as u64;
    bar.inc_length(count);
    adoption.take(table, rows).await?;
    bar.inc(count);
    Ok(())
}

fn next_of_file(file: &mut CsvFile) -> Result<Option<Vec<RawRow>>, Failure> {
    let rows = file.next_rows(BATCH as usize)?;
    Ok((!rows.is_empty()).then_some(rows))
}

async fn of_database(
    old: &mut OldDatabase,
    table: Table,
    adoption: &mut Adoption,
    bar: &ProgressBar,
) -> Result<Option<Sha256Digest>, Failure> {
    let relation = Relation::named(table.name());
    let Some(columns) = old.columns(&relation).await.map_err(unreadable)? else { return Ok(None) };
    let names = columns.iter().map(|column| column.name.as_str());
    let header = Header::read(table, names).map_err(|error| refused(error, table.name()))?;
    old.open_table(&relation, &columns, columns.len()).await.map_err(unreadable)?;
    adoption.take(table, &[]).await?;
    let (mut digest, mut number) = (Sha256::new(), 0_u64);
    loop {
        let rows = old.next_rows(BATCH).await.map_err(unreadable)?;
        if rows.is_empty() {
            return Ok(Some(Sha256Digest::from_bytes(digest.finalize().into())));
        }
        let rows: Vec<RawRow> = rows
            .iter()
            .map(|cells| {
                number = number.saturating_add(1);
                let fields: Vec<&[u8]> = cells.iter().map(String::as_bytes).collect();
                for field in &fields {
                    // The length keeps neighbouring cells apart.
                    digest.update((field.len() as u64).to_le_bytes());
                    digest.update(field);
                }
                header.row(number, &fields)
            })
            .collect();
        take(adoption, table, &rows, bar).await?;
    }
}

/// Columns that are not those of the table.
pub(super) fn refused(error: HeaderError, name: &str) -> Failure {
    Failure::of(Exit::Arguments, error).while_doing(format!("cannot take over {name}"))
}
