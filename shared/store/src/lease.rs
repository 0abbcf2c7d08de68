//! `ops.lease`: who may do what only one may do. Renewed while it is held, checked again in the commit.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor, PgPool};

use crate::StoreError;

/// Takes or renews a lease; false if another owner holds it.
pub async fn acquire(
    executor: impl PgExecutor<'_>,
    name: &str,
    owner: &str,
    now: DateTime<Utc>,
    length: Duration,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "insert into ops.lease as l (name, owner, until) values ($1, $2, $3::timestamptz + make_interval(secs => $4))
         on conflict (name) do update set owner = excluded.owner, until = excluded.until
         where l.owner = excluded.owner or l.until <= $3",
        name,
        owner,
        now,
        length.as_secs_f64()
    )
    .execute(executor)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether the owner still holds the lease; the row stays locked until the transaction ends.
pub async fn holds(
    conn: &mut PgConnection,
    name: &str,
    owner: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = sqlx::query_scalar!(
        "select until from ops.lease where name = $1 and owner = $2 and until > $3 for update",
        name,
        owner,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Gives a lease up.
pub async fn release(pool: &PgPool, name: &str, owner: &str) -> Result<(), StoreError> {
    sqlx::query!("delete from ops.lease where name = $1 and owner = $2", name, owner).execute(pool).await?;
    Ok(())
}
