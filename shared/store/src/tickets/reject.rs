//! `tickets.row_rejects`: rows of applied files that could not be stored.

use chrono::{DateTime, Utc};
use landfall_domain::Dataset;
use sqlx::PgConnection;

use crate::StoreError;

/// A refused row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReject {
    /// The line in which it begins, from 1.
    pub line_no: u64,
    /// Why.
    pub reason: &'static str,
    /// Its text.
    pub raw_line: String,
}

/// Stores the rejects of one version of a file; those that are there are kept.
pub async fn store_rejects(
    conn: &mut PgConnection,
    (dataset, source_key, version): (Dataset, &str, &str),
    rejects: &[NewReject],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if rejects.is_empty() {
        return Ok(());
    }
    let lines: Vec<i64> = rejects.iter().map(|r| i64::try_from(r.line_no).unwrap_or(i64::MAX)).collect();
    let reasons: Vec<String> = rejects.iter().map(|r| r.reason.to_owned()).collect();
    let texts: Vec<String> = rejects.iter().map(|r| r.raw_line.clone()).collect();
    sqlx::query!(
        "insert into tickets.row_rejects (dataset, source_key, version, line_no, reason, raw_line, at)
         select $1, $2, $3, line_no, reason, raw_line, $7
         from unnest($4::bigint[], $5::text[], $6::text[]) as t(line_no, reason, raw_line)
         on conflict do nothing",
        dataset.name(),
        source_key,
        version,
        &lines,
        &reasons,
        &texts,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}
