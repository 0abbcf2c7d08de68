//! `tickets.stage`: what a run has read of one file and not yet applied.

use chrono::{DateTime, Utc};
use landfall_tickets::Row;
use sqlx::PgPool;
use uuid::Uuid;

use super::copy::CopyLines;
use crate::StoreError;

const COPY: &str = "copy tickets.stage (run, line_no, ticket_id, raw, cluster_key, location_key) from stdin";

/// Rows on their way into the stage.
#[derive(Debug)]
pub struct StageRows {
    run: String,
    lines: CopyLines,
}

impl StageRows {
    /// None yet, for this run.
    pub fn of(run: Uuid) -> Self {
        Self { run: run.to_string(), lines: CopyLines::default() }
    }

    /// Adds a row.
    pub fn push(&mut self, row: Row<'_>) {
        let line_no = row.line_no.to_string();
        let values =
            [Some(&*line_no), Some(row.ticket_id), Some(row.raw_json), row.cluster_key, row.location_key];
        self.lines.push(self.run.as_bytes(), values);
    }

    /// Size in bytes.
    pub fn bytes(&self) -> usize {
        self.lines.bytes()
    }

    /// Copies the rows into the stage; none are left.
    ///
    /// # Errors
    /// `Data` if the database cannot hold a value.
    pub async fn copy(&mut self, pool: &PgPool) -> Result<u64, StoreError> {
        if self.lines.bytes() == 0 {
            return Ok(0);
        }
        let mut conn = pool.acquire().await?;
        self.lines.copy(&mut conn, COPY).await
    }
}

/// Removes what runs left that hold no lease any more: they were killed. Gives the number of rows.
pub async fn sweep_stage(pool: &PgPool, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "delete from tickets.stage where run::text not in
            (select owner from ops.lease where name like 'tickets/%' and until > $1)",
        now
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}
