//! Links of dumps to tickets, and the audit trail.

use chrono::{DateTime, Utc};
use landfall_domain::ObjectId;
use landfall_dumps::guard::LinkChange;
use sqlx::PgConnection;

use crate::StoreError;

/// Adds or changes a link of a dump, as a verdict says.
pub async fn change_link(
    conn: &mut PgConnection,
    dump_id: i64,
    change: &LinkChange,
    object_id: ObjectId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    match change {
        LinkChange::Add(link) => {
            let hc_id = link.hc_id.as_ref().map(ToString::to_string).unwrap_or_default();
            sqlx::query!(
                "insert into dump.dump_link (dump_id, ticket, hc_id, object_id, created_at)
                 values ($1, $2, $3, $4, $5) on conflict do nothing",
                dump_id,
                link.ticket.to_string(),
                hc_id,
                object_id.0,
                now
            )
            .execute(&mut *conn)
            .await?;
        }
        LinkChange::SetHc { ticket, from, to } => {
            sqlx::query!(
                "update dump.dump_link set hc_id = $4 where dump_id = $1 and ticket = $2 and hc_id = $3",
                dump_id,
                ticket.to_string(),
                from.as_ref().map(ToString::to_string).unwrap_or_default(),
                to.to_string()
            )
            .execute(&mut *conn)
            .await?;
        }
    }
    sqlx::query!("update dump.capture_dump set row_version = row_version + 1 where dump_id = $1", dump_id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes an audit event.
pub async fn audit(
    conn: &mut PgConnection,
    kind: &str,
    (object_id, dump_id): (Option<ObjectId>, Option<i64>),
    detail: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into dump.audit_event (at, kind, object_id, dump_id, detail) values ($1, $2, $3, $4, $5)",
        now,
        kind,
        object_id.map(|id| id.0),
        dump_id,
        detail
    )
    .execute(conn)
    .await?;
    Ok(())
}
