//! Messages on their way from the outbox to a queue outside the database.
//!
//! Who wrote messages sends them himself, right after his commit, and deletes those that the queue has confirmed.
//! What a crash or a failure left is claimed by a sweep; rows younger than [`WRITERS`] belong to their writer. To be
//! sent twice is possible, and harmless: receivers know what they have done.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::{Reason, Stage};
use sqlx::PgPool;

use crate::dead_letter::{self, DeadKind, NewDeadLetter};
use crate::{Store, StoreError};

/// So long a message is its writer's to send.
pub const WRITERS: TimeDelta = TimeDelta::seconds(30);
/// The wait after the first failure to send; doubled with each further one.
const RETRY_BASE_S: f64 = 30.0;
/// The longest wait, in seconds.
const RETRY_MOST_S: f64 = 600.0;

tokio::task_local! {
    static WRITTEN: Arc<Mutex<Vec<i64>>>;
}

/// Runs some work and gives the ids of the messages that it wrote, in this task, in transactions that may have been
/// rolled back since.
pub async fn noting<F: Future>(work: F) -> (F::Output, Vec<i64>) {
    let written = Arc::new(Mutex::new(Vec::new()));
    let result = WRITTEN.scope(Arc::clone(&written), work).await;
    let ids = std::mem::take(&mut *written.lock().unwrap_or_else(PoisonError::into_inner));
    (result, ids)
}

/// Notes messages for [`noting`], where that is around.
pub(super) fn note(ids: &[i64]) {
    let _ = WRITTEN.try_with(|written| {
        written.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(ids);
    });
}

/// A message that is to be sent on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxMessage {
    /// Row id.
    pub id: i64,
    /// Where it goes.
    pub stage: Stage,
    /// Whose work it is; empty where nobody's.
    pub tenant: String,
    /// The encoded envelope, or a raw notification.
    pub body: String,
    /// Times it was handed to the queue without success.
    pub attempts: i32,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// Not to be handled before this.
    pub visible_at: DateTime<Utc>,
}

struct Row {
    id: i64,
    stage: String,
    tenant: String,
    body: String,
    attempts: i32,
    created_at: DateTime<Utc>,
    visible_at: DateTime<Utc>,
}

impl TryFrom<Row> for OutboxMessage {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let unreadable = |e: landfall_domain::UnknownStage| StoreError::Unreadable { what: e.to_string() };
        let stage = row.stage.parse().map_err(unreadable)?;
        let Row { id, stage: _, tenant, body, attempts, created_at, visible_at } = row;
        Ok(Self { id, stage, tenant, body, attempts, created_at, visible_at })
    }
}

fn names(stages: &[Stage]) -> Vec<String> {
    stages.iter().map(ToString::to_string).collect()
}

/// Which of these messages are committed, go to one of these stages and are to be handled before `horizon`.
pub async fn fresh(
    pool: &PgPool,
    ids: &[i64],
    stages: &[Stage],
    horizon: DateTime<Utc>,
) -> Result<Vec<OutboxMessage>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "select id, stage, tenant, body, attempts, created_at, visible_at from ops.outbox
         where id = any($1) and stage = any($2) and visible_at <= $3 and lease_owner is null
         order by id",
        ids,
        &names(stages),
        horizon
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Claims due messages that their writers did not send, oldest first; others do not see them for `lease`.
pub async fn claim_left(
    pool: &PgPool,
    stages: &[Stage],
    owner: &str,
    (now, lease): (DateTime<Utc>, Duration),
    limit: u32,
) -> Result<Vec<OutboxMessage>, StoreError> {
    let written_before = now.checked_sub_signed(WRITERS).unwrap_or(now);
    let rows = sqlx::query_as!(
        Row,
        r#"with due as (
            select id from ops.outbox
            where stage = any($1) and visible_at <= $2 and created_at <= $3
            order by visible_at, id
            limit $6
            for update skip locked
        )
        update ops.outbox o
        set attempts = o.attempts + 1, lease_owner = $4, visible_at = $2::timestamptz + make_interval(secs => $5)
        from due where o.id = due.id
        returning o.id, o.stage, o.tenant, o.body, o.attempts, o.created_at, $2 as "visible_at!""#,
        &names(stages),
        now,
        written_before,
        owner,
        lease.as_secs_f64(),
        i64::from(limit)
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Forgets messages that the queue has confirmed.
pub async fn confirm(pool: &PgPool, ids: &[i64]) -> Result<(), StoreError> {
    sqlx::query!("delete from ops.outbox where id = any($1)", ids).execute(pool).await?;
    Ok(())
}

/// Leaves messages that the queue did not confirm to a later sweep: after a wait that doubles with each failure.
pub async fn postpone(pool: &PgPool, ids: &[i64], now: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!(
        // A claim has counted the attempt already, and has moved the time ahead by its lease.
        "update ops.outbox set
            attempts = attempts + case when lease_owner is null then 1 else 0 end,
            visible_at = greatest(case when lease_owner is null then visible_at else $2 end,
                $2::timestamptz + make_interval(secs => least($4::float8, $3::float8 * power(2, least(attempts, 10)
                    - case when lease_owner is null then 0 else 1 end)))),
            lease_owner = null
         where id = any($1)",
        ids,
        now,
        RETRY_BASE_S,
        RETRY_MOST_S
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Puts a message aside that the queue will never take; its object is `failed`.
pub async fn refuse(
    store: &Store,
    message: &OutboxMessage,
    reason: &Reason,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    let taken = sqlx::query!("delete from ops.outbox where id = $1", message.id).execute(&mut *tx).await?;
    if taken.rows_affected() == 0 {
        return Ok(());
    }
    let object_id = dead_letter::fail_object(&mut tx, (message.stage, &message.body), reason, now).await?;
    let letter = NewDeadLetter {
        stage: message.stage,
        body: message.body.clone(),
        object_id,
        kind: DeadKind::Failed,
        reason: reason.clone(),
        attempts: message.attempts,
        created_at: message.created_at,
    };
    dead_letter::bury(&mut tx, &letter, now).await?;
    tx.commit().await.map_err(StoreError::from)
}
