//! Monthly partitions of what grows for ever.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use crate::StoreError;

/// Makes the partitions of the month of `at` and of `ahead` months after it; gives how many were made.
pub async fn ensure(pool: &PgPool, at: DateTime<Utc>, ahead: i32) -> Result<i32, StoreError> {
    let made = sqlx::query_scalar!(r#"select ops.ensure_partitions($1, $2) as "made!""#, at, ahead)
        .fetch_one(pool)
        .await?;
    Ok(made)
}

/// Rows that fell into a default partition; it must stay empty.
pub async fn stray_rows(pool: &PgPool) -> Result<i64, StoreError> {
    let rows = sqlx::query_scalar!(
        r#"select (select count(*) from ingest.event_log_default)
             + (select count(*) from ingest.attempt_default) as "rows!""#
    )
    .fetch_one(pool)
    .await?;
    Ok(rows)
}
