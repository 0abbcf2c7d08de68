//! `ops.alerts`: what an operator should know, told once.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::StoreError;

/// Something an operator should know.
#[derive(Debug, Clone)]
pub struct Alert<'a> {
    /// Whose it is: `tickets/inc`.
    pub feed: &'a str,
    /// What kind: `file_failed`.
    pub code: &'a str,
    /// What it is about: a second one about the same is not stored.
    pub subject: &'a str,
    /// What happened, and what to do.
    pub message: &'a str,
    /// Numbers and names.
    pub detail: serde_json::Value,
}

/// Stores an alert; false if it was told before.
pub async fn raise(
    conn: &mut PgConnection,
    alert: &Alert<'_>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "insert into ops.alerts (feed, code, subject, message, detail, raised_at)
         values ($1, $2, $3, $4, $5, $6) on conflict (feed, code, subject) do nothing",
        alert.feed,
        alert.code,
        alert.subject,
        alert.message,
        alert.detail,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
