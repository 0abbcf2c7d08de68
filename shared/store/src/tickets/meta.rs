//! `tickets.import_meta`: the watermark of each dataset and how its last run went; what is computed after a run.

use chrono::{DateTime, Utc};
use landfall_domain::Dataset;
use sqlx::{PgConnection, PgPool};

use crate::StoreError;

/// The greatest key that was applied; none at first.
pub async fn watermark(pool: &PgPool, dataset: Dataset) -> Result<Option<String>, StoreError> {
    let row = sqlx::query_scalar!(
        "select metadata ->> 'source_max_key' from tickets.import_meta where dataset = $1",
        dataset.name()
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.flatten())
}

/// The same, locked until the transaction ends: of several drains only one gets on.
pub async fn lock_watermark(conn: &mut PgConnection, dataset: Dataset) -> Result<Option<String>, StoreError> {
    let row = sqlx::query_scalar!(
        "select metadata ->> 'source_max_key' from tickets.import_meta where dataset = $1 for update",
        dataset.name()
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.flatten())
}

/// What the commit of a file adds.
#[derive(Debug, Clone, Copy)]
pub struct Advance<'a> {
    /// Whose file it is.
    pub dataset: Dataset,
    /// The watermark from now on; none leaves it.
    pub source_max_key: Option<&'a str>,
    /// The key whose rows may hold the newest content; none where no rows were applied.
    pub applied_key: Option<&'a str>,
    /// Tickets written.
    pub upserted: u64,
}

/// Moves the watermark and adds to the totals, within the commit of a file.
pub async fn advance(conn: &mut PgConnection, to: Advance<'_>) -> Result<(), StoreError> {
    let newest = match to.applied_key {
        Some(key) => newest_content(&mut *conn, to.dataset, key).await?,
        None => None,
    };
    sqlx::query!(
        "update tickets.import_meta set metadata = metadata
            || case when $2::text is null then '{}' else jsonb_build_object('source_max_key', $2::text) end
            || jsonb_build_object(
                'files_applied_total', coalesce((metadata ->> 'files_applied_total')::bigint, 0) + $3,
                'rows_upserted_total', coalesce((metadata ->> 'rows_upserted_total')::bigint, 0) + $4,
                'content_max_ts', greatest((metadata ->> 'content_max_ts')::timestamptz, $5))
         where dataset = $1",
        to.dataset.name(),
        to.source_max_key,
        i64::from(to.applied_key.is_some()),
        i64::try_from(to.upserted).unwrap_or(i64::MAX),
        newest
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The newest change that the rows of a file tell of.
async fn newest_content(
    conn: &mut PgConnection,
    dataset: Dataset,
    source_key: &str,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let newest = match dataset {
        Dataset::Inc => {
            sqlx::query_scalar!(
                "select max(source_updated_at) from tickets.inc where source_key = $1",
                source_key
            )
            .fetch_one(conn)
            .await?
        }
        Dataset::Crq => {
            sqlx::query_scalar!(
                "select max(source_updated_at) from tickets.crq where source_key = $1",
                source_key
            )
            .fetch_one(conn)
            .await?
        }
    };
    Ok(newest)
}

/// How a run ended.
#[derive(Debug, Clone)]
pub struct RunEnd<'a> {
    /// Whose run it was.
    pub dataset: Dataset,
    /// `success`, `partial`, `file_failed`, `degraded`.
    pub status: &'a str,
    /// Whether it did all that was to be done.
    pub is_success: bool,
    /// What it counted.
    pub counts: serde_json::Value,
}

/// Stores how a run ended.
pub async fn run_ended(pool: &PgPool, run: &RunEnd<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!(
        "update tickets.import_meta set last_run_at = $2, last_status = $3,
            last_success_at = case when $4 then $2 else last_success_at end,
            metadata = metadata || jsonb_build_object('last_run', $5::jsonb)
         where dataset = $1",
        run.dataset.name(),
        now,
        run.status,
        run.is_success,
        run.counts
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Captures the history of a dataset as of `now`: closures, and the snapshot of the day (specs: tickets 7).
pub async fn capture_history(
    conn: &mut PgConnection,
    dataset: Dataset,
    now: DateTime<Utc>,
) -> Result<serde_json::Value, StoreError> {
    // The time is set before the first row comes, and holds as long as the statement does.
    let captured = sqlx::query_scalar!(
        r#"with at as materialized (select set_config('tickets.now', $2, true))
           select tickets.capture_history($1) as "captured!" from at"#,
        dataset.name(),
        now.to_rfc3339()
    );
    Ok(captured.fetch_one(conn).await?)
}

/// Lets the functions of the schema see this time until the transaction ends.
pub(super) async fn fix_time(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query_scalar!("select set_config('tickets.now', $1, true)", now.to_rfc3339())
        .fetch_one(conn)
        .await?;
    Ok(())
}
