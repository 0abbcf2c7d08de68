//! Rows on their way into the stage of a table.

use landfall_tickets::adopt::{Column, Table};
use sqlx::PgConnection;

use crate::StoreError;
use crate::tickets::copy::CopyLines;

/// Rows of one table.
#[derive(Debug)]
pub(super) struct Lines {
    table: Table,
    lines: CopyLines,
}

impl Lines {
    pub(super) fn of(table: Table) -> Self {
        Self { table, lines: CopyLines::default() }
    }

    pub(super) fn push(&mut self, number: u64, values: &[Option<String>]) {
        self.lines.push(number.to_string().as_bytes(), values.iter().map(Option::as_deref));
    }

    /// Size in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.lines.bytes()
    }

    /// Copies the rows; none are left.
    pub(super) async fn copy(&mut self, conn: &mut PgConnection) -> Result<(), StoreError> {
        self.lines.copy(conn, &self.statement()).await?;
        Ok(())
    }

    fn statement(&self) -> String {
        let names = self.table.columns().iter().map(|column: &Column| column.name);
        let names: Vec<&str> = names.chain(self.table.computed().iter().copied()).collect();
        format!("copy adopt_{} (row_no, {}) from stdin", self.table, names.join(", "))
    }
}
