//! The books: each landed version in exactly one state.

use std::collections::BTreeSet;

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

/// Of some (key, version) of a bucket, those that are in no state.
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
