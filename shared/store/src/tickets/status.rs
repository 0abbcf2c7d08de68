//! How a dataset stands: what operators and alarms ask (specs: tickets 9).

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use crate::StoreError;

/// How a dataset stands.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct DatasetStatus {
    /// `inc` or `crq`.
    pub dataset: String,
    /// The watermark: the greatest applied key. None before the first file.
    pub source_max_key: Option<String>,
    /// When a drain last began.
    pub last_run_at: Option<DateTime<Utc>>,
    /// When a drain last ended well.
    pub last_success_at: Option<DateTime<Utc>>,
    /// How the last drain ended.
    pub last_status: Option<String>,
    /// The newest `source_updated_at` that was applied.
    pub content_max_ts: Option<DateTime<Utc>>,
    /// Minutes that the content is behind `now`.
    pub lag_minutes: Option<i32>,
    /// When a file was last applied.
    pub last_applied_at: Option<DateTime<Utc>>,
    /// Files applied, by what the ledger holds.
    pub applied: i64,
    /// Files that came late, and were not applied.
    pub late: i64,
    /// Other bytes under a key that was applied before, not applied.
    pub reuploaded: i64,
    /// Files that failed as a whole, and were neither replaced nor skipped.
    pub failed: i64,
    /// Rows read by the files applied in the last day.
    pub rows_read: i64,
    /// Rows of those that were refused.
    pub rejected: i64,
}

impl DatasetStatus {
    /// The share of the last day's rows that was refused, 0 to 1; none if no row was read.
    pub fn reject_rate(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a share, not a count")]
        (self.rows_read > 0).then(|| self.rejected as f64 / self.rows_read as f64)
    }
}

/// How both datasets stand, incidents first.
pub async fn status(pool: &PgPool, now: DateTime<Utc>) -> Result<Vec<DatasetStatus>, StoreError> {
    let rows = sqlx::query_as!(
        DatasetStatus,
        r#"select m.dataset, m.metadata ->> 'source_max_key' as source_max_key, m.last_run_at, m.last_success_at,
            m.last_status, content.at as content_max_ts, tickets.age_minutes(content.at, $1) as lag_minutes,
            f.last_applied_at, f.applied as "applied!", f.late as "late!", f.reuploaded as "reuploaded!",
            f.failed as "failed!", f.rows_read as "rows_read!", f.rejected as "rejected!"
        from tickets.import_meta as m
        cross join lateral (select tickets.eat_ts(m.metadata ->> 'content_max_ts') as at) as content
        cross join lateral (
            select max(finished_at) filter (where status in ('applied', 'archived_leftover')) as last_applied_at,
                count(*) filter (where status in ('applied', 'archived_leftover')) as applied,
                count(*) filter (where status = 'late') as late,
                count(*) filter (where status = 'reuploaded') as reuploaded,
                count(*) filter (where status = 'failed'
                    and source_key > coalesce(m.metadata ->> 'source_max_key', '')) as failed,
                coalesce(sum(rows_read) filter (where finished_at > $1::timestamptz - interval '24 hours'
                    and status in ('applied', 'archived_leftover')), 0)::bigint as rows_read,
                coalesce(sum(rejected) filter (where finished_at > $1::timestamptz - interval '24 hours'
                    and status in ('applied', 'archived_leftover')), 0)::bigint as rejected
            from tickets.import_files where dataset = m.dataset
        ) as f
        order by m.dataset desc"#,
        now
    );
    Ok(rows.fetch_all(pool).await?)
}

/// Requests that geocoding made on the UTC day of `now`.
pub async fn budget_used(pool: &PgPool, now: DateTime<Utc>) -> Result<i32, StoreError> {
    let used = sqlx::query_scalar!("select used from tickets.geo_budget where day = $1", now.date_naive());
    Ok(used.fetch_optional(pool).await?.unwrap_or_default())
}
