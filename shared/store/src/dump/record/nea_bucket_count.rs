//! Memory buckets of the NEA.

use landfall_dumps::records::NeaBucketRecord;
use sqlx::PgConnection;

use super::Origin;
use super::columns::{optional, texts};
use crate::StoreError;

pub(super) async fn store(
    conn: &mut PgConnection,
    origin: Origin<'_>,
    buckets: &[&NeaBucketRecord],
) -> Result<(), StoreError> {
    // The column has ten digits before the point. A share beyond them comes of counters that make no sense, and
    // must not cost the other rows.
    sqlx::query!(
        "insert into dump.nea_bucket_count (load_id, ne_id, plugin, chain_path, bucket_id, bucket_name, capacity, used, free,
            size_bytes, peak, failures, utilization_pct)
         select $1, $2, $3, $4, bucket_id::numeric, bucket_name, capacity::numeric, used::numeric,
            free::numeric, size_bytes::numeric, peak::numeric, failures::numeric,
            case when utilization_pct::numeric < 10000000000 then utilization_pct::numeric end
         from unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
            $12::text[], $13::text[])
         as t(bucket_id, bucket_name, capacity, used, free, size_bytes, peak, failures,
            utilization_pct)",
        origin.load_id.0,
        origin.ne_id,
        origin.plugin,
        origin.chain_path,
        &texts(buckets, |r| r.bucket_id),
        &optional(buckets, |r| r.bucket_name.clone()) as &[Option<String>],
        &texts(buckets, |r| r.capacity),
        &texts(buckets, |r| r.used),
        &texts(buckets, |r| r.free),
        &optional(buckets, |r| r.size_bytes) as &[Option<String>],
        &optional(buckets, |r| r.peak) as &[Option<String>],
        &texts(buckets, |r| r.failures),
        &optional(buckets, |r| r.utilization_pct) as &[Option<String>]
    )
    .execute(conn)
    .await?;
    Ok(())
}
