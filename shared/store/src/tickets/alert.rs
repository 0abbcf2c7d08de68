//! `ops.alerts`: what an operator should know, told of once.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::StoreError;

/// Something an operator should know.
#[derive(Debug, Clone, Copy)]
pub struct NewAlert<'a> {
    /// Whose it is: `tickets/inc`.
    pub feed: &'a str,
    /// What happened: `file_failed`, `late`.
    pub code: &'a str,
    /// What it is about, a key with its version or a day. With feed and code it says which alert is the same.
    pub subject: &'a str,
    /// A sentence for people.
    pub message: &'a str,
}

/// Stores an alert; false if it was told of before.
pub async fn raise(
    conn: &mut PgConnection,
    alert: NewAlert<'_>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "insert into ops.alerts (feed, code, subject, message, raised_at) values ($1, $2, $3, $4, $5)
         on conflict (feed, code, subject) do nothing",
        alert.feed,
        alert.code,
        alert.subject,
        alert.message,
        now
    );
    Ok(done.execute(conn).await?.rows_affected() == 1)
}
