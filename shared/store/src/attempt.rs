//! `ingest.attempt`: one row per finished try of a stage.

use chrono::{DateTime, Utc};
use landfall_domain::{ObjectId, Reason, Run, Stage};
use sqlx::{PgConnection, PgPool};

use crate::StoreError;

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryOutcome {
    /// Its effects are committed.
    Ok,
    /// It will be tried again.
    Retry,
    /// The input is bad.
    Quarantine,
    /// It was the last try.
    Failed,
}

impl TryOutcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Retry => "retry",
            Self::Quarantine => "quarantine",
            Self::Failed => "failed",
        }
    }
}

/// A finished try.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The object.
    pub object_id: Option<ObjectId>,
    /// The stage.
    pub stage: Stage,
    /// The unit of work within the object: a network element and a plugin, or nothing.
    pub unit: String,
    /// The run.
    pub run: Run,
    /// Which try it was, from 1.
    pub attempt: i32,
    /// When it began.
    pub started: DateTime<Utc>,
    /// How it ended.
    pub outcome: TryOutcome,
    /// Why, where it did not end well.
    pub reason: Option<Reason>,
    /// Bytes read from the store.
    pub bytes_read: Option<i64>,
    /// Bytes inflated at all levels.
    pub bytes_inflated: Option<i64>,
}

/// Stores a finished try.
pub async fn record(
    conn: &mut PgConnection,
    attempt: &Attempt,
    ended: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (code, text) = match &attempt.reason {
        Some(reason) => (Some(reason.code.as_ref()), reason.text.as_deref()),
        None => (None, None),
    };
    sqlx::query!(
        "insert into ingest.attempt (object_id, stage, unit, run, attempt, started, ended, outcome,
            error_code, error_text, bytes_read, bytes_inflated)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        attempt.object_id.map(|id| id.0),
        attempt.stage.as_str(),
        attempt.unit,
        attempt.run.0,
        attempt.attempt,
        attempt.started,
        ended,
        attempt.outcome.as_str(),
        code,
        text,
        attempt.bytes_read,
        attempt.bytes_inflated
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Stores one good try of a stage for each of some objects: the front door's share of a batch.
pub async fn record_batch(
    conn: &mut PgConnection,
    stage: Stage,
    object_ids: &[i64],
    started: DateTime<Utc>,
    ended: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into ingest.attempt (object_id, stage, run, attempt, started, ended, outcome)
         select object_id, $2, 1, 1, $3, $4, 'ok' from unnest($1::bigint[]) as t(object_id)",
        object_ids,
        stage.as_str(),
        started,
        ended
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Time and bytes of one stage over all its tries.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct StageTiming {
    /// The stage.
    pub stage: String,
    /// Finished tries.
    pub n: i64,
    /// Median duration in milliseconds.
    pub p50_ms: f64,
    /// 99th percentile in milliseconds.
    pub p99_ms: f64,
    /// Bytes read from the store.
    pub bytes_read: i64,
    /// Bytes inflated at all levels.
    pub bytes_inflated: i64,
}

/// Timings per stage.
pub async fn timings(pool: &PgPool) -> Result<Vec<StageTiming>, StoreError> {
    let rows = sqlx::query_as!(
        StageTiming,
        r#"select stage, count(*) as "n!",
            percentile_cont(0.5) within group (order by extract(epoch from ended - started)::float8 * 1000) as "p50_ms!",
            percentile_cont(0.99) within group (order by extract(epoch from ended - started)::float8 * 1000) as "p99_ms!",
            coalesce(sum(bytes_read), 0)::bigint as "bytes_read!",
            coalesce(sum(bytes_inflated), 0)::bigint as "bytes_inflated!"
           from ingest.attempt group by stage order by stage"#
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// A stored try, for `explain`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AttemptRow {
    /// The stage.
    pub stage: String,
    /// The unit of work within the object.
    pub unit: String,
    /// The run.
    pub run: i32,
    /// Which try it was.
    pub attempt: i32,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub ended: DateTime<Utc>,
    /// How it ended.
    pub outcome: String,
    /// Why, where it did not end well.
    pub error_code: Option<String>,
    /// Why, for people.
    pub error_text: Option<String>,
    /// Bytes read from the store.
    pub bytes_read: Option<i64>,
    /// Bytes inflated.
    pub bytes_inflated: Option<i64>,
}

/// The tries of one object, oldest first.
pub async fn of_object(pool: &PgPool, object_id: ObjectId) -> Result<Vec<AttemptRow>, StoreError> {
    let rows = sqlx::query_as!(
        AttemptRow,
        "select stage, unit, run, attempt, started, ended, outcome, error_code, error_text, bytes_read,
            bytes_inflated
         from ingest.attempt where object_id = $1 order by ended, attempt_id",
        object_id.0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}
