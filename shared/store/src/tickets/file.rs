//! `tickets.import_files`: one row per version of a change file that a drain has looked at.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use landfall_domain::{Dataset, DigestError, ObjectId, Sha256Digest};
use sqlx::{PgConnection, PgPool};

use crate::StoreError;

/// What became of a change file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileStatus {
    /// Its rows are in the table.
    Applied,
    /// It cannot be read as a whole.
    Failed,
    /// Older than what was applied already, and not known.
    Late,
    /// Its key was applied already, with other bytes.
    Reuploaded,
    /// Applied by an earlier run, and moved by a later one.
    ArchivedLeftover,
    /// Its key was applied already, with the same bytes.
    Duplicate,
    /// An operator went past it.
    Skipped,
}

impl FileStatus {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Applied,
        Self::Failed,
        Self::Late,
        Self::Reuploaded,
        Self::ArchivedLeftover,
        Self::Duplicate,
        Self::Skipped,
    ];

    /// As stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Failed => "failed",
            Self::Late => "late",
            Self::Reuploaded => "reuploaded",
            Self::ArchivedLeftover => "archived_leftover",
            Self::Duplicate => "duplicate",
            Self::Skipped => "skipped",
        }
    }

    /// Whether nothing is left to do with the file but to move it away.
    pub const fn is_settled(self) -> bool {
        match self {
            Self::Applied | Self::ArchivedLeftover | Self::Duplicate | Self::Skipped => true,
            Self::Failed | Self::Late | Self::Reuploaded => false,
        }
    }

    /// Whether its rows are in the table.
    pub const fn is_applied(self) -> bool {
        matches!(self, Self::Applied | Self::ArchivedLeftover)
    }
}

impl fmt::Display for FileStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for FileStatus {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let unknown = || StoreError::Unreadable { what: format!("a change file has the status {text:?}") };
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or_else(unknown)
    }
}

/// What is known of a version of a change file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// The key.
    pub source_key: String,
    /// The version, as the books name it.
    pub version: String,
    /// What became of it.
    pub status: FileStatus,
    /// Digest of its bytes; none if it was never read.
    pub sha256: Option<Sha256Digest>,
}

/// What is known of these keys.
pub async fn files_of_keys(
    pool: &PgPool,
    dataset: Dataset,
    keys: &[String],
) -> Result<Vec<FileRow>, StoreError> {
    let rows = sqlx::query!(
        "select source_key, version, status, sha256 from tickets.import_files
         where dataset = $1 and source_key = any($2) order by source_key, id",
        dataset.name(),
        keys
    )
    .fetch_all(pool)
    .await?;
    let read = |bytes: Vec<u8>| {
        let unreadable = |error: DigestError| StoreError::Unreadable { what: error.to_string() };
        Sha256Digest::try_from(bytes.as_slice()).map_err(unreadable)
    };
    rows.into_iter()
        .map(|row| {
            Ok(FileRow {
                status: row.status.parse()?,
                sha256: row.sha256.map(read).transpose()?,
                source_key: row.source_key,
                version: row.version,
            })
        })
        .collect()
}

/// A version of a change file, and what became of it.
#[derive(Debug, Clone)]
pub struct NewFile<'a> {
    /// Whose changes these are.
    pub dataset: Dataset,
    /// The key.
    pub source_key: &'a str,
    /// The version, as the books name it.
    pub version: &'a str,
    /// The object in the books.
    pub object_id: Option<ObjectId>,
    /// The ETag without quotes.
    pub etag: Option<&'a str>,
    /// Size in bytes.
    pub size: Option<u64>,
    /// When the store says it was written.
    pub last_modified: Option<DateTime<Utc>>,
    /// Digest of its bytes; none if it was not read.
    pub sha256: Option<Sha256Digest>,
    /// What became of it.
    pub status: FileStatus,
    /// Rows below the header.
    pub rows_read: u64,
    /// Rows of alarms, dropped.
    pub alarm: u64,
    /// Lines by which the export says that it stopped.
    pub sentinel: u64,
    /// Rows refused.
    pub rejected: u64,
    /// Rows of a ticket that a later row of the file tells of again.
    pub deduped: u64,
    /// New tickets.
    pub inserted: u64,
    /// Changed tickets.
    pub updated: u64,
    /// Whether the export says that it stopped.
    pub truncated: bool,
    /// When work on it began.
    pub started_at: DateTime<Utc>,
    /// What is wrong with it: line, column and rule.
    pub error: Option<&'a str>,
}

/// Stores what became of a version; what was stored of it before is replaced.
pub async fn record_file(
    conn: &mut PgConnection,
    file: &NewFile<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    sqlx::query!(
        "insert into tickets.import_files (dataset, source_key, version, sha256, etag, size_bytes, last_modified,
            object_id, status, rows_read, dropped_alarm, dropped_sentinel, rejected, deduped, inserted, updated,
            truncated, started_at, finished_at, error)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
         on conflict (dataset, source_key, version) do update set
            sha256 = coalesce(excluded.sha256, import_files.sha256), etag = excluded.etag,
            size_bytes = excluded.size_bytes, last_modified = excluded.last_modified,
            object_id = excluded.object_id, status = excluded.status, rows_read = excluded.rows_read,
            dropped_alarm = excluded.dropped_alarm, dropped_sentinel = excluded.dropped_sentinel,
            rejected = excluded.rejected, deduped = excluded.deduped, inserted = excluded.inserted,
            updated = excluded.updated, truncated = excluded.truncated, started_at = excluded.started_at,
            finished_at = excluded.finished_at, error = excluded.error",
        file.dataset.name(),
        file.source_key,
        file.version,
        file.sha256.as_ref().map(|digest| digest.as_bytes().as_slice()),
        file.etag,
        file.size.map(count),
        file.last_modified,
        file.object_id.map(|id| id.0),
        file.status.as_str(),
        count(file.rows_read),
        count(file.alarm),
        count(file.sentinel),
        count(file.rejected),
        count(file.deduped),
        count(file.inserted),
        count(file.updated),
        file.truncated,
        file.started_at,
        now,
        file.error
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets that a file failed: the next drain reads it again.
pub async fn forget_failure(conn: &mut PgConnection, object_id: ObjectId) -> Result<(), StoreError> {
    sqlx::query!("delete from tickets.import_files where object_id = $1 and status = 'failed'", object_id.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// An applied file that an earlier run left behind was moved away by this one.
pub async fn file_moved(
    conn: &mut PgConnection,
    dataset: Dataset,
    (source_key, version): (&str, &str),
) -> Result<(), StoreError> {
    sqlx::query!(
        "update tickets.import_files set status = 'archived_leftover'
         where dataset = $1 and source_key = $2 and version = $3 and status = 'applied'",
        dataset.name(),
        source_key,
        version
    )
    .execute(conn)
    .await?;
    Ok(())
}
