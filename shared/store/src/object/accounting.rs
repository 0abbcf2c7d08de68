//! The books: each landed version in exactly one state.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use landfall_domain::ObjectId;
use sqlx::PgPool;

use crate::StoreError;

/// Objects of one state and reason.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct StateCount {
    /// The state.
    pub state: String,
    /// The reason code.
    pub reason: String,
    /// How many.
    pub objects: i64,
}

/// All states with their reasons.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Accounting {
    /// One row per state and reason, in the order of states.
    pub rows: Vec<StateCount>,
}

impl Accounting {
    /// Objects in all states.
    pub fn total(&self) -> i64 {
        self.rows.iter().map(|r| r.objects).sum()
    }
}

/// Counts the objects of a bucket per state and reason; of all buckets where none is named.
pub async fn accounting(pool: &PgPool, bucket: Option<&str>) -> Result<Accounting, StoreError> {
    let rows = sqlx::query_as!(
        StateCount,
        r#"select state, reason, count(*) as "objects!" from ingest.object
           where $1::text is null or bucket = $1
           group by state, reason order by state, reason"#,
        bucket
    )
    .fetch_all(pool)
    .await?;
    Ok(Accounting { rows })
}

/// Of some (key, version) of a bucket, those that are in no state, or that count as absent although they can come
/// back: the version of a bucket without versions.
pub async fn unknown_versions(
    pool: &PgPool,
    bucket: &str,
    names: &[(String, String)],
) -> Result<BTreeSet<(String, String)>, StoreError> {
    let (keys, versions): (Vec<String>, Vec<String>) = names.iter().cloned().unzip();
    let rows = sqlx::query!(
        r#"select t.key as "key!", t.version as "version!" from unnest($2::text[], $3::text[]) as t(key, version)
           where not exists (select 1 from ingest.object o where o.bucket = $1 and o.key = t.key
              and (o.version = t.version or starts_with(o.version, t.version || '#'))
              and (o.present or o.version_id is not null)
              and not (o.state = 'failed' and o.reason = 'front_door'))"#,
        bucket,
        &keys,
        &versions
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|r| (r.key, r.version)).collect())
}

/// The versions of a bucket that count as present, as (key, version), below a prefix. A version that differs
/// from another only in its user metadata is named like it, as listings do.
pub async fn known_versions(
    pool: &PgPool,
    bucket: &str,
    prefix: &str,
) -> Result<BTreeSet<(String, String)>, StoreError> {
    let rows = sqlx::query!(
        r#"select key, split_part(version, '#', 1) as "version!" from ingest.object
           where bucket = $1 and starts_with(key, $2) and present"#,
        bucket,
        prefix
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|r| (r.key, r.version)).collect())
}

/// A version that counts as present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentVersion {
    /// Its object.
    pub object_id: ObjectId,
    /// The key.
    pub key: String,
    /// Its version as listings name it.
    pub version: String,
    /// The version id, in a versioned bucket.
    pub version_id: Option<String>,
}

/// The versions of a bucket below a prefix that count as present, with keys from `from` on and before `to`, by bytes.
pub async fn present_versions(
    pool: &PgPool,
    (bucket, prefix): (&str, &str),
    (from, to): (&str, Option<&str>),
) -> Result<Vec<PresentVersion>, StoreError> {
    let rows = sqlx::query!(
        r#"select object_id, key, split_part(version, '#', 1) as "version!", version_id from ingest.object
           where bucket = $1 and starts_with(key, $2) and present and key >= $3 and ($4::text is null or key < $4)"#,
        bucket,
        prefix,
        from,
        to
    )
    .fetch_all(pool)
    .await?;
    let present = rows.into_iter().map(|r| PresentVersion {
        object_id: ObjectId(r.object_id),
        key: r.key,
        version: r.version,
        version_id: r.version_id,
    });
    Ok(present.collect())
}

/// Records that versions were found to be absent.
pub async fn mark_absent(pool: &PgPool, objects: &[ObjectId], now: DateTime<Utc>) -> Result<(), StoreError> {
    let ids: Vec<i64> = objects.iter().map(|id| id.0).collect();
    sqlx::query!(
        "update ingest.object set present = false, removed_at = coalesce(removed_at, $2)
         where object_id = any($1) and present",
        &ids,
        now
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// How many versions of a bucket, below a prefix, are recorded as removed or overwritten.
pub async fn recorded_removals(pool: &PgPool, bucket: &str, prefix: &str) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from ingest.object
           where bucket = $1 and starts_with(key, $2) and not present"#,
        bucket,
        prefix
    )
    .fetch_one(pool)
    .await?;
    Ok(count)
}
