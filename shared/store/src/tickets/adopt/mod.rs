//! Taking over what the system before knew of tickets, in one transaction (specs: tickets 12).
//!
//! Rows are checked as they come and copied into stages that end with the transaction; from there on all is set-based.
//! Memory does not hang on the size of the source. With a conflict nothing is written.

mod judge;
mod report;
mod stage;
mod target;
mod write;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use landfall_domain::Dataset;
use landfall_tickets::adopt::{Header, Table};
use sqlx::AssertSqlSafe;

use crate::{Store, StoreError, Transaction};
use stage::Lines;
use target::Target;

pub use report::{AdoptReport, Difference, TableReport};

const STAGE: &str = include_str!("stage.sql");
const LOCK: &str = include_str!("lock.sql");

/// Rows that are copied at once, in bytes.
const BATCH: usize = 1 << 20;

/// A run. Until it ends nobody else writes tickets; readers are not held up.
#[derive(Debug)]
pub struct Adoption {
    tx: Transaction,
    now: DateTime<Utc>,
    headers: BTreeMap<Table, Header>,
    report: AdoptReport,
}

/// A table whose rows are handed over.
#[derive(Debug)]
pub struct Rows<'a> {
    adoption: &'a mut Adoption,
    header: Header,
    lines: Lines,
}

impl Adoption {
    /// Begins a run. It waits for drains that are in the commit of a file; none can commit until it ends.
    pub async fn begin(store: &Store, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let mut tx = store.begin().await?;
        for dataset in Dataset::ALL {
            super::lock_watermark(&mut tx, dataset).await?;
        }
        sqlx::query(LOCK).execute(&mut *tx).await?;
        sqlx::raw_sql(STAGE).execute(&mut *tx).await?;
        Ok(Self { tx, now, headers: BTreeMap::new(), report: AdoptReport::default() })
    }

    /// Begins to take a table over, which has these columns.
    pub fn table(&mut self, header: Header) -> Rows<'_> {
        let table = header.table();
        self.report.of(table).ignored_columns = header.ignored().to_vec();
        self.headers.insert(table, header.clone());
        Rows { adoption: self, header, lines: Lines::of(table) }
    }

    /// The watermarks of the rows that were handed over.
    pub async fn watermarks(&mut self) -> Result<BTreeMap<Dataset, String>, StoreError> {
        write::watermarks(&mut self.tx).await
    }

    /// Ends the run: writes all if there is no conflict, and keeps it unless it is a dry run.
    ///
    /// # Errors
    /// What the database says; then nothing is written.
    pub async fn finish(mut self, dry_run: bool) -> Result<AdoptReport, StoreError> {
        self.prepare().await?;
        for table in Table::ALL {
            let target = Target::of(table, self.now);
            judge::judge(&mut self.tx, table, &target, &mut self.report).await?;
        }
        self.report.missing = Table::ALL.into_iter().filter(|t| !self.headers.contains_key(t)).collect();
        self.report.watermarks = write::watermarks(&mut self.tx).await?;
        if self.report.conflict() == 0 {
            self.write().await?;
        }
        if dry_run || self.report.conflict() > 0 {
            self.tx.rollback().await?;
        } else {
            self.tx.commit().await?;
        }
        Ok(self.report)
    }

    /// Brings the rows as a whole to what is taken over.
    async fn prepare(&mut self) -> Result<(), StoreError> {
        for table in Table::ALL {
            // The planner knows nothing of tables that were made just now.
            let statement = format!("analyze adopt_{table}");
            sqlx::query(AssertSqlSafe(statement)).execute(&mut *self.tx).await?;
            if table.is_cache() {
                let target = Target::of(table, self.now);
                judge::merge(&mut self.tx, (table, &target), &mut self.report).await?;
            }
        }
        judge::leave_out(&mut self.tx, self.now).await?;
        self.count_reopenings().await
    }

    /// Where the source counts reopenings in one place only, or nowhere, the closures tell them.
    async fn count_reopenings(&mut self) -> Result<(), StoreError> {
        let Some(events) = self.headers.get(&Table::ClosureEvents) else { return Ok(()) };
        let is_numbered = events.has("reopen_count");
        if !is_numbered {
            judge::number_events(&mut self.tx).await?;
        }
        for table in [Table::Inc, Table::Crq] {
            let (Some(header), Some(dataset)) = (self.headers.get(&table), table.dataset_of_tickets()) else {
                continue;
            };
            if !is_numbered || !header.has("reopen_count") {
                judge::follow_events(&mut self.tx, dataset).await?;
            }
        }
        Ok(())
    }

    async fn write(&mut self) -> Result<(), StoreError> {
        for table in Table::ALL {
            if self.headers.contains_key(&table) {
                write::write(&mut self.tx, table, self.now).await?;
            }
        }
        self.report.resolved = Some(write::resolve(&mut self.tx).await?);
        for (table, header) in &self.headers {
            if table.dataset_of_tickets().is_some() {
                let differences = write::compare(&mut self.tx, header, self.now).await?;
                self.report.of(*table).differences = differences;
            }
        }
        Ok(())
    }
}

impl Rows<'_> {
    /// Takes a row: its number in the source, and its fields in the order of the header.
    pub fn push(&mut self, number: u64, fields: &[&str]) {
        let read = self.header.row(number, fields);
        let report = &mut self.adoption.report;
        read.notes.into_iter().for_each(|note| report.note(note));
        match read.values {
            Some(values) => self.lines.push(number, &values),
            None if read.problems.is_empty() => {}
            None => report.refuse(self.header.table(), read.problems),
        }
    }

    /// Copies the rows so far if there are enough of them.
    pub async fn copy_some(&mut self) -> Result<(), StoreError> {
        if self.lines.bytes() >= BATCH { self.copy().await } else { Ok(()) }
    }

    /// Copies the rows that are left.
    pub async fn copy(&mut self) -> Result<(), StoreError> {
        self.lines.copy(&mut self.adoption.tx).await
    }
}
