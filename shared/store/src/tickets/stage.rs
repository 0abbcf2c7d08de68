//! `tickets.stage`: what a run has read of one file and not yet applied.

use chrono::{DateTime, Utc};
use landfall_tickets::Row;
use sqlx::PgPool;
use uuid::Uuid;

use crate::StoreError;

/// Rows on their way into the stage, in the text form of COPY.
#[derive(Debug)]
pub struct StageRows {
    run: String,
    lines: Vec<u8>,
}

impl StageRows {
    /// None yet, for this run.
    pub fn of(run: Uuid) -> Self {
        Self { run: run.to_string(), lines: Vec::new() }
    }

    /// Adds a row.
    pub fn push(&mut self, row: Row<'_>) {
        let Self { run, lines } = self;
        lines.extend_from_slice(run.as_bytes());
        lines.push(b'\t');
        lines.extend_from_slice(row.line_no.to_string().as_bytes());
        for value in [Some(row.ticket_id), Some(row.raw_json), row.cluster_key, row.location_key] {
            lines.push(b'\t');
            match value {
                Some(value) => push_escaped(lines, value),
                None => lines.extend_from_slice(b"\\N"),
            }
        }
        lines.push(b'\n');
    }

    /// Size in bytes.
    pub fn bytes(&self) -> usize {
        self.lines.len()
    }

    /// Copies the rows into the stage; none are left.
    ///
    /// # Errors
    /// `Data` if the database cannot hold a value.
    pub async fn copy(&mut self, pool: &PgPool) -> Result<u64, StoreError> {
        if self.lines.is_empty() {
            return Ok(0);
        }
        let copied = copy_lines(pool, &self.lines).await;
        self.lines.clear();
        copied
    }
}

/// Backslashes and the characters that end values and lines are written by their names.
pub(super) fn push_escaped(lines: &mut Vec<u8>, value: &str) {
    let mut rest = value.as_bytes();
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'\\' | b'\t' | b'\n' | b'\r')) {
        let (plain, special) = rest.split_at(at);
        lines.extend_from_slice(plain);
        lines.push(b'\\');
        lines.push(match special.first() {
            Some(b'\t') => b't',
            Some(b'\n') => b'n',
            Some(b'\r') => b'r',
            _ => b'\\',
        });
        rest = special.get(1..).unwrap_or_default();
    }
    lines.extend_from_slice(rest);
}

async fn copy_lines(pool: &PgPool, lines: &[u8]) -> Result<u64, StoreError> {
    let mut conn = pool.acquire().await?;
    let statement = "copy tickets.stage (run, line_no, ticket_id, raw, cluster_key, location_key) from stdin";
    let mut copy = conn.copy_in_raw(statement).await?;
    if let Err(error) = copy.send(lines).await {
        copy.abort("the rows could not be sent").await?;
        return Err(error.into());
    }
    Ok(copy.finish().await?)
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
