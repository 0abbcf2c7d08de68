//! State changes: checked against the one table, logged with each change.

use chrono::{DateTime, Utc};
use landfall_domain::{Reason, Run, State, check_transition};
use sqlx::{PgConnection, PgPool};

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

/// Tells versions that wait for what they wait; those that wait for it already, or do not wait, stay as they are. Gives
/// how many changed.
pub async fn set_waiting(
    conn: &mut PgConnection,
    bucket: &str,
    versions: &[(String, String)],
    (reason, now): (&Reason, DateTime<Utc>),
) -> Result<u64, StoreError> {
    if versions.is_empty() {
        return Ok(0);
    }
    let (keys, versions): (Vec<String>, Vec<String>) = versions.iter().cloned().unzip();
    let done = sqlx::query!(
        "with waiting as (
            update ingest.object o set reason = $4, reason_text = $5, state_since = $6
            from unnest($2::text[], $3::text[]) as t(key, version)
            where o.bucket = $1 and o.key = t.key and o.version = t.version and o.state = 'waiting'
                and (o.reason, o.reason_text) is distinct from ($4, $5)
            returning o.object_id, o.run
        )
        insert into ingest.event_log (object_id, from_state, to_state, reason, reason_text, run, at)
        select object_id, 'waiting', 'waiting', $4, $5, run, $6 from waiting",
        bucket,
        &keys,
        &versions,
        reason.code.as_ref(),
        reason.text,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Lets versions below a prefix that wait, and are in the bucket no more, wait no longer: `superseded` where their key
/// has another version, else `gone`. Gives how many there were.
pub async fn end_lost_waits(
    pool: &PgPool,
    (bucket, prefix): (&str, &str),
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "with lost as (
            select object_id, exists (select 1 from ingest.object other
                where other.bucket = o.bucket and other.key = o.key and other.present) as is_replaced
            from ingest.object o
            where o.state = 'waiting' and not o.present and o.bucket = $1 and starts_with(o.key, $2)
            for update of o
        ), ended as (
            update ingest.object o
            set state = case when is_replaced then 'superseded' else 'gone' end,
                reason = case when is_replaced then 'overwritten' else 'gone' end,
                reason_text = case when is_replaced then 'overwritten before its turn'
                    else 'removed before its turn' end,
                state_since = $3
            from lost where o.object_id = lost.object_id
            returning o.object_id, o.state, o.reason, o.reason_text, o.run
        )
        insert into ingest.event_log (object_id, from_state, to_state, reason, reason_text, run, at)
        select object_id, 'waiting', state, reason, reason_text, run, $3 from ended",
        bucket,
        prefix,
        now
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}
