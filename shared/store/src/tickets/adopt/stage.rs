//! Rows on their way into the stage of a table, in the text form of COPY.

use landfall_tickets::adopt::{Column, Table};
use sqlx::PgConnection;

use crate::StoreError;
use crate::tickets::stage::push_escaped;

/// Rows of one table.
#[derive(Debug)]
pub(super) struct Lines {
    table: Table,
    bytes: Vec<u8>,
}

impl Lines {
    pub(super) fn of(table: Table) -> Self {
        Self { table, bytes: Vec::new() }
    }

    pub(super) fn push(&mut self, number: u64, values: &[Option<String>]) {
        self.bytes.extend_from_slice(number.to_string().as_bytes());
        for value in values {
            self.bytes.push(b'\t');
            match value {
                Some(value) => push_escaped(&mut self.bytes, value),
                None => self.bytes.extend_from_slice(b"\\N"),
            }
        }
        self.bytes.push(b'\n');
    }

    /// Size in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Copies the rows; none are left.
    pub(super) async fn copy(&mut self, conn: &mut PgConnection) -> Result<(), StoreError> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        let mut copy = conn.copy_in_raw(&self.statement()).await?;
        if let Err(error) = copy.send(self.bytes.as_slice()).await {
            copy.abort("the rows could not be sent").await?;
            return Err(error.into());
        }
        copy.finish().await?;
        self.bytes.clear();
        Ok(())
    }

    fn statement(&self) -> String {
        let names = self.table.columns().iter().map(|column: &Column| column.name);
        let names: Vec<&str> = names.chain(self.table.computed().iter().copied()).collect();
        format!("copy adopt_{} (row_no, {}) from stdin", self.table, names.join(", "))
    }
}
