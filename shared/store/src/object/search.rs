//! Finding objects, for people.

use sqlx::PgPool;

use super::query::ObjectDetail;
use crate::StoreError;

/// What objects are looked for; a field that is none does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The bucket.
    pub bucket: Option<String>,
    /// The state, as stored.
    pub state: Option<String>,
    /// The reason code.
    pub reason: Option<String>,
    /// The feed.
    pub feed: Option<String>,
    /// The start of the key.
    pub key_prefix: Option<String>,
}

/// The newest objects that fit a filter.
pub async fn search(pool: &PgPool, filter: &Filter, limit: i64) -> Result<Vec<ObjectDetail>, StoreError> {
    let rows = sqlx::query_as!(
        ObjectDetail,
        r#"select object_id, bucket, key, version, size, state, reason, reason_text, feed,
            encode(content_sha256, 'hex') as content_sha256, first_seen, state_since, run, present, removed_at
         from ingest.object
         where ($1::text is null or bucket = $1) and ($2::text is null or state = $2)
            and ($3::text is null or reason = $3) and ($4::text is null or feed = $4)
            and ($5::text is null or starts_with(key, $5))
         order by object_id desc limit $6"#,
        filter.bucket,
        filter.state,
        filter.reason,
        filter.feed,
        filter.key_prefix,
        limit
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// The versions of exactly this key, in any bucket, newest first.
pub async fn versions_of_key(pool: &PgPool, key: &str, limit: i64) -> Result<Vec<ObjectDetail>, StoreError> {
    let rows = sqlx::query_as!(
        ObjectDetail,
        r#"select object_id, bucket, key, version, size, state, reason, reason_text, feed,
            encode(content_sha256, 'hex') as content_sha256, first_seen, state_since, run, present, removed_at
         from ingest.object where key = $1 order by object_id desc limit $2"#,
        key,
        limit
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// One version of a key; the newest where several differ only in their user metadata.
pub async fn find_version(
    pool: &PgPool,
    (bucket, key): (&str, &str),
    version: &str,
) -> Result<Option<ObjectDetail>, StoreError> {
    let row = sqlx::query_as!(
        ObjectDetail,
        r#"select object_id, bucket, key, version, size, state, reason, reason_text, feed,
            encode(content_sha256, 'hex') as content_sha256, first_seen, state_since, run, present, removed_at
         from ingest.object
         where bucket = $1 and key = $2 and (version = $3 or starts_with(version, $3 || '#'))
         order by object_id desc limit 1"#,
        bucket,
        key,
        version
    )
    .fetch_optional(pool)
    .await?;
    Ok(row)
}
