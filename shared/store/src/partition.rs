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

/// The partitioned tables with their partitions: `ingest.attempt` and `attempt_202601`; none without the schema.
pub async fn children(pool: &PgPool) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query!(
        r#"select n.nspname || '.' || p.relname as "parent!", c.relname as "child!"
           from pg_inherits i
           join pg_class p on p.oid = i.inhparent
           join pg_class c on c.oid = i.inhrelid
           join pg_namespace n on n.oid = p.relnamespace
           where p.relkind = 'p' and n.nspname = 'ingest'
           order by 1, 2"#
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| (row.parent, row.child)).collect())
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
