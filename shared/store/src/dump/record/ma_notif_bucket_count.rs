//! Counters of the MA's notifications.

use chrono::{DateTime, Utc};
use landfall_dumps::records::MaNotifRecord;
use sqlx::PgConnection;

use super::Origin;
use super::columns::{optional, texts};
use crate::StoreError;

pub(super) async fn store(
    conn: &mut PgConnection,
    origin: Origin<'_>,
    counts: &[&MaNotifRecord],
) -> Result<(), StoreError> {
    let times: Vec<Option<DateTime<Utc>>> = counts.iter().map(|r| r.last_at).collect();
    sqlx::query!(
        "insert into dump.ma_notif_bucket_count (load_id, ne_id, plugin, chain_path, bucket, received, sent, dropped, queued, max_queued,
            last_at)
         select $1, $2, $3, $4, bucket, received::numeric, sent::numeric, dropped::numeric,
            queued::numeric, max_queued::numeric, last_at
         from unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
            $11::timestamptz[])
         as t(bucket, received, sent, dropped, queued, max_queued, last_at)",
        origin.load_id.0,
        origin.ne_id,
        origin.plugin,
        origin.chain_path,
        &texts(counts, |r| r.bucket.clone()),
        &texts(counts, |r| r.received),
        &optional(counts, |r| r.sent) as &[Option<String>],
        &texts(counts, |r| r.dropped),
        &optional(counts, |r| r.queued) as &[Option<String>],
        &optional(counts, |r| r.max_queued) as &[Option<String>],
        &times as &[Option<DateTime<Utc>>]
    )
    .execute(conn)
    .await?;
    Ok(())
}
