//! Taking over from the system before: five tables, batch by batch, in one transaction (specs: dumps 10).

mod archives;
mod customers;
mod elements;
mod links;
mod networks;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use landfall_domain::Sha256Digest;
use landfall_dumps::adopt::{Conflict, Planned, RawRow, Table};
use serde::Serialize;
use serde_json::json;

use super::link::audit;
use crate::{Store, StoreError, Transaction};

/// How many rows of a table are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct AdoptCounts {
    /// Rows that are new.
    pub insert: u64,
    /// Rows that are stored already.
    pub same: u64,
    /// Rows that cannot be taken over.
    pub conflict: u64,
}

/// What a run took over, or would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdoptReport {
    /// Counts per table; a table without an input is not here.
    pub tables: BTreeMap<Table, AdoptCounts>,
    /// All conflicts, in the order of the input.
    pub conflicts: Vec<Conflict>,
    /// Whether it is written: not in a dry run, and not with a conflict.
    pub written: bool,
}

/// A run. Rows are written as they come, so that later ones find them, and all are undone where there is a conflict.
/// Nobody else writes customers or dumps until it ends; readers are not held up.
#[derive(Debug)]
pub struct Adoption {
    tx: Transaction,
    now: DateTime<Utc>,
    tables: BTreeMap<Table, AdoptCounts>,
    conflicts: Vec<Conflict>,
    refused: Refused,
    /// Archives so far whose number among the dumps of their day is to be counted.
    uncounted: i32,
}

/// Keys of rows that are refused: rows that name them are not to blame for it.
#[derive(Debug, Default)]
struct Refused {
    customers: BTreeSet<String>,
    networks: BTreeSet<(String, String)>,
    archives: BTreeSet<Sha256Digest>,
}

impl Adoption {
    /// Begins a run.
    pub async fn begin(store: &Store, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let mut tx = store.begin().await?;
        super::customer::lock_customers(&mut tx).await?;
        sqlx::query!(
            "lock table dump.network, dump.network_element, dump.capture_dump, dump.load, dump.archive_sha256,
                dump.dump_link in share row exclusive mode"
        )
        .execute(&mut *tx)
        .await?;
        Ok(Self {
            tx,
            now,
            tables: BTreeMap::new(),
            conflicts: Vec::new(),
            refused: Refused::default(),
            uncounted: 0,
        })
    }

    /// Takes some rows of a table over. Tables come in the order of [`Table::ALL`], rows in batches of some thousand.
    pub async fn take(&mut self, table: Table, rows: &[RawRow]) -> Result<(), StoreError> {
        self.tables.entry(table).or_default();
        match table {
            Table::Customers => self.take_customers(rows).await,
            Table::Networks => self.take_networks(rows).await,
            Table::NetworkElements => self.take_elements(rows).await,
            Table::Archives => self.take_archives(rows).await,
            Table::Links => self.take_links(rows).await,
        }
    }

    /// Ends the run: writes all if there is no conflict and `dry_run` does not forbid it. Audited as `adopted` with
    /// the counts and `source`.
    pub async fn finish(
        mut self,
        dry_run: bool,
        source: &serde_json::Value,
    ) -> Result<AdoptReport, StoreError> {
        let written = !dry_run && self.conflicts.is_empty();
        if written {
            archives::count_snapshots(&mut self.tx).await?;
            let detail = json!({ "source": source, "counts": self.tables });
            audit(&mut self.tx, "adopted", (None, None), &detail, self.now).await?;
            self.tx.commit().await?;
        } else {
            self.tx.rollback().await?;
        }
        Ok(AdoptReport { tables: self.tables, conflicts: self.conflicts, written })
    }

    /// Counts a batch and keeps what is wrong with it.
    fn count<T>(&mut self, table: Table, (bad, conflicts): (u64, Vec<Conflict>), planned: &mut Planned<T>) {
        let counts = self.tables.entry(table).or_default();
        let number = |rows: &Vec<T>| u64::try_from(rows.len()).unwrap_or(u64::MAX);
        counts.insert = counts.insert.saturating_add(number(&planned.inserts));
        counts.same = counts.same.saturating_add(planned.same);
        counts.conflict = counts.conflict.saturating_add(bad).saturating_add(number(&planned.refused));
        let before = self.conflicts.len();
        self.conflicts.extend(conflicts);
        self.conflicts.append(&mut planned.conflicts);
        if let Some(batch) = self.conflicts.get_mut(before..) {
            batch.sort_by_key(|conflict| conflict.row);
        }
    }
}
