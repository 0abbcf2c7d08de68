//! What a run tells.

use std::collections::BTreeMap;

use landfall_domain::Dataset;
use landfall_tickets::adopt::{Note, Problem, Table};
use serde::Serialize;

/// Conflicts and notes of a table that are told; all are counted.
pub(super) const TOLD: usize = 100;

/// What a run took over, or would.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AdoptReport {
    /// The tables that the source has.
    pub tables: BTreeMap<Table, TableReport>,
    /// Tables that it lacks: nothing is written there.
    pub missing: Vec<Table>,
    /// The watermark of each dataset from now on.
    pub watermarks: BTreeMap<Dataset, String>,
    /// At most 100 of each table, in its order.
    pub conflicts: Vec<Problem>,
    /// What there is to know besides, at most 100 of each table.
    pub notes: Vec<Note>,
    /// Tickets that were brought to another place after all was written; none where it was not.
    pub resolved: Option<u64>,
}

/// What a run did with a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TableReport {
    /// Rows that are new.
    pub insert: u64,
    /// Rows that are stored already.
    pub same: u64,
    /// Rows that cannot be taken over, and rows of the target that are not the source's.
    pub conflict: u64,
    /// What is told of rows.
    pub notes: u64,
    /// Columns of the source that are passed over.
    pub ignored_columns: Vec<String>,
    /// Columns that were made again and differ in some tickets, unless there are conflicts.
    pub differences: BTreeMap<String, Difference>,
}

/// A column that was made again of `raw`, and differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// In so many tickets.
    pub tickets: u64,
    /// The first of them.
    pub example: String,
}

impl AdoptReport {
    /// Rows in conflict, over all tables.
    pub fn conflict(&self) -> u64 {
        self.tables.values().map(|table| table.conflict).fold(0, u64::saturating_add)
    }

    pub(super) fn of(&mut self, table: Table) -> &mut TableReport {
        self.tables.entry(table).or_default()
    }

    /// Counts a row in conflict, which has these problems.
    pub(super) fn refuse(&mut self, table: Table, problems: Vec<Problem>) {
        let counted = self.of(table);
        counted.conflict = counted.conflict.saturating_add(1);
        let told = self.conflicts.iter().rev().take_while(|problem| problem.table == table).count();
        self.conflicts.extend(problems.into_iter().take(TOLD.saturating_sub(told)));
    }

    pub(super) fn note(&mut self, note: Note) {
        let counted = self.of(note.table);
        counted.notes = counted.notes.saturating_add(1);
        if counted.notes <= TOLD as u64 {
            self.notes.push(note);
        }
    }
}
