//! Reading object rows.

use chrono::{DateTime, Utc};
use landfall_domain::{ObjectId, Pin, Reason, Run, Sha256Digest, State};
use sqlx::{PgConnection, PgPool};

use crate::StoreError;

/// What a stage needs to know of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRow {
    /// Its id.
    pub object_id: ObjectId,
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// Which version of the key.
    pub version: String,
    /// What reads are pinned to.
    pub pin: Pin,
    /// When the store says it was written.
    pub last_modified: Option<DateTime<Utc>>,
    /// Where it stands.
    pub state: State,
    /// The run.
    pub run: Run,
}

/// Reads a row of columns into an [`ObjectRow`].
macro_rules! object_row {
    ($row:expr) => {{
        let row = $row;
        Ok(ObjectRow {
            object_id: ObjectId(row.object_id),
            bucket: row.bucket,
            key: row.key,
            version: row.version,
            pin: Pin { version_id: row.version_id, etag: row.etag },
            last_modified: row.last_modified,
            state: read_state(&row.state)?,
            run: Run(row.run),
        })
    }};
}

fn read_state(text: &str) -> Result<State, StoreError> {
    text.parse().map_err(|e: landfall_domain::UnknownState| StoreError::Unreadable { what: e.to_string() })
}

/// One object.
pub async fn find(pool: &PgPool, object_id: ObjectId) -> Result<Option<ObjectRow>, StoreError> {
    let row = sqlx::query!(
        "select object_id, bucket, key, version, version_id, etag, last_modified, state, run
         from ingest.object where object_id = $1",
        object_id.0
    )
    .fetch_optional(pool)
    .await?;
    row.map(|row| object_row!(row)).transpose()
}

/// One object, locked until the transaction ends.
pub async fn lock(conn: &mut PgConnection, object_id: ObjectId) -> Result<Option<ObjectRow>, StoreError> {
    let row = sqlx::query!(
        "select object_id, bucket, key, version, version_id, etag, last_modified, state, run
         from ingest.object where object_id = $1 for update",
        object_id.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| object_row!(row)).transpose()
}

/// One version of a key, locked until the transaction ends; the newest where several differ only in their user
/// metadata.
pub async fn lock_version(
    conn: &mut PgConnection,
    (bucket, key): (&str, &str),
    version: &str,
) -> Result<Option<ObjectRow>, StoreError> {
    let row = sqlx::query!(
        "select object_id, bucket, key, version, version_id, etag, last_modified, state, run
         from ingest.object
         where bucket = $1 and key = $2 and (version = $3 or starts_with(version, $3 || '#'))
         order by object_id desc limit 1 for update",
        bucket,
        key,
        version
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| object_row!(row)).transpose()
}

/// Stores what a whole read of the content found out.
pub async fn set_content(
    conn: &mut PgConnection,
    object_id: ObjectId,
    sha256: &Sha256Digest,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update ingest.object set content_sha256 = $2 where object_id = $1",
        object_id.0,
        sha256.as_bytes().as_slice()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The state and reason that an object had before a run began.
pub async fn state_before(
    conn: &mut PgConnection,
    object_id: ObjectId,
    run: Run,
) -> Result<Option<(State, Reason)>, StoreError> {
    let row = sqlx::query!(
        "select to_state, reason, reason_text from ingest.event_log
         where object_id = $1 and run < $2 order by at desc, event_id desc limit 1",
        object_id.0,
        run.0
    )
    .fetch_optional(conn)
    .await?;
    let before = |r: (String, String, Option<String>)| {
        let reason = Reason { code: r.1.into(), text: r.2 };
        Ok((read_state(&r.0)?, reason))
    };
    row.map(|r| before((r.to_state, r.reason, r.reason_text))).transpose()
}

/// All that is known of an object, for people.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ObjectDetail {
    /// Its id.
    pub object_id: i64,
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// Which version of the key.
    pub version: String,
    /// Size in bytes.
    pub size: Option<i64>,
    /// Where it stands.
    pub state: String,
    /// Why.
    pub reason: String,
    /// Why, for people.
    pub reason_text: Option<String>,
    /// The feed.
    pub feed: Option<String>,
    /// SHA-256 of the content, if it was ever read whole.
    pub content_sha256: Option<String>,
    /// When it was first seen.
    pub first_seen: DateTime<Utc>,
    /// Since when it is in its state.
    pub state_since: DateTime<Utc>,
    /// The run.
    pub run: i32,
    /// Whether it is in the bucket, as far as is known.
    pub present: bool,
    /// When it was removed.
    pub removed_at: Option<DateTime<Utc>>,
}

/// Objects by exact id, by exact key, or by the start of a key, newest first.
pub async fn list_by_key(
    pool: &PgPool,
    object_id: Option<i64>,
    key: &str,
    limit: i64,
) -> Result<Vec<ObjectDetail>, StoreError> {
    let rows = sqlx::query_as!(
        ObjectDetail,
        r#"select object_id, bucket, key, version, size, state, reason, reason_text, feed,
            encode(content_sha256, 'hex') as content_sha256, first_seen, state_since, run, present, removed_at
         from ingest.object
         where object_id = $1 or ($1::bigint is null and starts_with(key, $2))
         order by object_id desc limit $3"#,
        object_id,
        key,
        limit
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// One step in the life of an object.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct EventRow {
    /// When.
    pub at: DateTime<Utc>,
    /// From which state; none at first.
    pub from_state: Option<String>,
    /// To which state.
    pub to_state: String,
    /// Why.
    pub reason: String,
    /// Why, for people.
    pub reason_text: Option<String>,
    /// The run.
    pub run: i32,
}

/// The life of an object, oldest first.
pub async fn events(pool: &PgPool, object_id: ObjectId) -> Result<Vec<EventRow>, StoreError> {
    let rows = sqlx::query_as!(
        EventRow,
        "select at, from_state, to_state, reason, reason_text, run
         from ingest.event_log where object_id = $1 order by at, event_id",
        object_id.0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}
