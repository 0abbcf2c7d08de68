//! State changes: checked against the one table, logged with each change.

use chrono::{DateTime, Utc};
use landfall_domain::{Reason, Run, State, check_transition};
use sqlx::PgConnection;

use super::query::ObjectRow;
use crate::StoreError;

/// A state change of one object.
#[derive(Debug, Clone)]
pub struct Move {
    /// The new state.
    pub to: State,
    /// Why.
    pub reason: Reason,
    /// The run after the change: the same, or one more for a replay.
    pub run: Run,
}

/// Moves an object that the caller has locked ([`super::lock`]) and logs the event.
pub async fn transition(
    conn: &mut PgConnection,
    object: &ObjectRow,
    to: &Move,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    check_transition(Some(object.state), to.to)
        .map_err(|source| StoreError::Transition { object_id: object.object_id.0, source })?;
    let gone = to.to == State::Gone;
    sqlx::query!(
        "with moved as (
            update ingest.object
            set state = $2, reason = $3, reason_text = $4, run = $5, state_since = $6,
                present = present and not $8, removed_at = case when $8 then coalesce(removed_at, $6) else removed_at end
            where object_id = $1
        )
        insert into ingest.event_log (object_id, from_state, to_state, reason, reason_text, run, at)
        values ($1, $7, $2, $3, $4, $5, $6)",
        object.object_id.0,
        to.to.as_str(),
        to.reason.code.as_ref(),
        to.reason.text,
        to.run.0,
        now,
        object.state.as_str(),
        gone
    )
    .execute(conn)
    .await?;
    Ok(())
}
