//! Workers that are gone: what they held is found and given to others.

use chrono::{DateTime, Utc};
use landfall_domain::LoadId;
use sqlx::PgPool;

use crate::StoreError;

/// A network element with a row whose lease ran out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiredUnit {
    /// The load.
    pub load_id: LoadId,
    /// The network element.
    pub plan_ne: String,
}

/// Network elements with expired leases that no message will come back to by itself: none lies in the outbox, and
/// none was sent, in the name that stands for that, after the time given with it.
pub async fn expired_units(
    pool: &PgPool,
    (now, (handed_out, sent_before)): (DateTime<Utc>, (&str, DateTime<Utc>)),
    limit: i64,
) -> Result<Vec<ExpiredUnit>, StoreError> {
    let rows = sqlx::query!(
        "select distinct p.load_id, p.plan_ne from dump.plugin_ledger p
         where p.state = 'RUNNING' and p.lease_until <= $1
            and (p.lease_owner is distinct from $3 or p.lease_until <= $4)
            and not exists (select 1 from ops.outbox o where o.stage = 'parse-member'
                and o.subject = 'load ' || p.load_id || ' ne ' || p.plan_ne)
         order by p.load_id, p.plan_ne limit $2",
        now,
        limit,
        handed_out,
        sent_before
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|r| ExpiredUnit { load_id: LoadId(r.load_id), plan_ne: r.plan_ne }).collect())
}

/// Ends at once the leases that earlier lives of a node hold.
pub async fn release_dead_leases(
    pool: &PgPool,
    owner_prefix: &str,
    owner: &str,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "update dump.plugin_ledger set lease_until = least(lease_until, $3)
         where state = 'RUNNING' and starts_with(lease_owner, $1) and lease_owner <> $2",
        owner_prefix,
        owner,
        now
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}
