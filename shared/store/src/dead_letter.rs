//! `ops.dead_letter`: messages that nobody will try again by itself.

use chrono::{DateTime, Utc};
use landfall_domain::{BodyAt, Envelope, ObjectId, ParseMember, PlanArchive, Reason, Run, Stage, State};
use sqlx::{PgConnection, PgPool};

use crate::object::{self, Move};
use crate::{NewMessage, Store, StoreError, dump, outbox, retrying};

/// Why a message is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadKind {
    /// The message itself is bad.
    Quarantined,
    /// Its tries are used up.
    Failed,
}

impl DeadKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Quarantined => "quarantined",
            Self::Failed => "failed",
        }
    }
}

/// A message to be put aside.
#[derive(Debug, Clone)]
pub struct NewDeadLetter {
    /// The stage that could not handle it.
    pub stage: Stage,
    /// The message.
    pub body: String,
    /// The object it is about, where known.
    pub object_id: Option<ObjectId>,
    /// Why it is here.
    pub kind: DeadKind,
    /// What happened.
    pub reason: Reason,
    /// Times it was tried.
    pub attempts: i32,
    /// When it was sent first.
    pub created_at: DateTime<Utc>,
}

/// A stored dead letter.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DeadLetter {
    /// Row id.
    pub id: i64,
    /// The stage that could not handle it.
    pub stage: String,
    /// The object it is about, where known.
    pub object_id: Option<i64>,
    /// `quarantined` or `failed`.
    pub kind: String,
    /// Why.
    pub code: String,
    /// Why, for people.
    pub error_text: Option<String>,
    /// Times it was tried.
    pub attempts: i32,
    /// When it was sent first.
    pub created_at: DateTime<Utc>,
    /// When it was put aside.
    pub died_at: DateTime<Utc>,
    /// When it was sent again.
    pub redriven_at: Option<DateTime<Utc>>,
    /// The message.
    pub body: String,
}

/// Puts a message aside. A bad message that comes twice is stored once.
pub async fn bury(
    conn: &mut PgConnection,
    letter: &NewDeadLetter,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let body = stored_text(&letter.body);
    sqlx::query!(
        "insert into ops.dead_letter
            (stage, body, object_id, kind, code, error_text, attempts, created_at, died_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict do nothing",
        letter.stage.as_str(),
        body,
        letter.object_id.map(|id| id.0),
        letter.kind.as_str(),
        letter.reason.code.as_ref(),
        letter.reason.text,
        letter.attempts,
        letter.created_at,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Puts a message aside whose tries are used up, once, however often it is told of; its object is `failed`. A message
/// is known by its body and the time at which it was sent. Gives whether it was not known before.
pub async fn bury_failed(
    store: &Store,
    letter: NewDeadLetter,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    retrying("bury_failed", || bury_once(store, &letter, now)).await
}

async fn bury_once(store: &Store, letter: &NewDeadLetter, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let mut tx = store.begin().await?;
    let body = stored_text(&letter.body);
    let name = format!("dead letter {} {} {body}", letter.stage, letter.created_at);
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", name).execute(&mut *tx).await?;
    let known = sqlx::query_scalar!(
        r#"select exists (select 1 from ops.dead_letter
            where stage = $1 and created_at = $2 and md5(body) = md5($3) and kind = 'failed') as "known!""#,
        letter.stage.as_str(),
        letter.created_at,
        body
    )
    .fetch_one(&mut *tx)
    .await?;
    if known {
        return Ok(false);
    }
    let object_id = fail_object(&mut tx, (letter.stage, &letter.body), &letter.reason, now).await?;
    bury(&mut tx, &NewDeadLetter { object_id, ..letter.clone() }, now).await?;
    tx.commit().await?;
    Ok(true)
}

/// A NUL byte cannot be stored as text; its visible stand-in keeps the rest readable.
fn stored_text(body: &str) -> String {
    body.replace('\0', "\u{2400}")
}

/// The object and run that a message is about; none for a message that names none, or that is stale. A message whose
/// body lies elsewhere says itself what it is about.
pub async fn object_of(
    conn: &mut PgConnection,
    stage: Stage,
    body: &str,
) -> Result<Option<(ObjectId, Run)>, StoreError> {
    if let Some(at) = BodyAt::decode(stage, body) {
        return Ok(at.object);
    }
    match stage {
        Stage::ReceiveObject
        | Stage::SweepState
        | Stage::RecordDeadLetters
        | Stage::DrainChanges
        | Stage::GeocodeTickets => Ok(None),
        Stage::PlanArchive => {
            let message = Envelope::<PlanArchive>::decode(body).ok();
            Ok(message.map(|m| (m.body.object_id, m.body.run)))
        }
        Stage::ParseMember => {
            let Ok(message) = Envelope::<ParseMember>::decode(body) else { return Ok(None) };
            let load = dump::find_load(conn, message.body.load_id).await?;
            Ok(load.filter(|load| load.plan_id == message.body.plan_id).and_then(|load| load.object))
        }
    }
}

/// Whether an object in this state waits for this message.
fn waits_for(state: State, stage: Stage, body: &str) -> bool {
    let looks_again =
        || Envelope::<PlanArchive>::decode(body).is_ok_and(|message| !message.body.look.is_first());
    match state {
        State::Dispatched => true,
        State::Waiting => stage == Stage::PlanArchive && looks_again(),
        _ => false,
    }
}

/// Lets the object of a message that nobody will try again be `failed`, if that message is what it waits for.
pub async fn fail_object(
    conn: &mut PgConnection,
    (stage, body): (Stage, &str),
    reason: &Reason,
    now: DateTime<Utc>,
) -> Result<Option<ObjectId>, StoreError> {
    let Some((object_id, run)) = object_of(conn, stage, body).await? else { return Ok(None) };
    if let Some(object) = object::lock(conn, object_id).await?
        && waits_for(object.state, stage, body)
        && object.run == run
    {
        let to = Move { to: State::Failed, reason: reason.clone(), run };
        object::transition(conn, &object, &to, now).await?;
    }
    Ok(Some(object_id))
}

/// The newest dead letters, those that were sent again included where `all` is set.
pub async fn list(pool: &PgPool, all: bool, limit: i64) -> Result<Vec<DeadLetter>, StoreError> {
    let rows = sqlx::query_as!(
        DeadLetter,
        "select id, stage, object_id, kind, code, error_text, attempts, created_at, died_at, redriven_at, body
         from ops.dead_letter where $1 or redriven_at is null
         order by died_at desc, id desc limit $2",
        all,
        limit
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// The open dead letters whose bodies contain one of some texts, oldest first.
pub async fn mentioning(pool: &PgPool, texts: &[String]) -> Result<Vec<DeadLetter>, StoreError> {
    let rows = sqlx::query_as!(
        DeadLetter,
        "select id, stage, object_id, kind, code, error_text, attempts, created_at, died_at, redriven_at, body
         from ops.dead_letter where redriven_at is null
            and exists (select 1 from unnest($1::text[]) as t(part) where strpos(body, part) > 0)
         order by id",
        texts
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// How many dead letters were not sent again.
pub async fn count_open(pool: &PgPool) -> Result<i64, StoreError> {
    let count =
        sqlx::query_scalar!(r#"select count(*) as "count!" from ops.dead_letter where redriven_at is null"#)
            .fetch_one(pool)
            .await?;
    Ok(count)
}

/// One dead letter.
pub async fn find(conn: &mut PgConnection, id: i64) -> Result<Option<DeadLetter>, StoreError> {
    let row = sqlx::query_as!(
        DeadLetter,
        "select id, stage, object_id, kind, code, error_text, attempts, created_at, died_at, redriven_at, body
         from ops.dead_letter where id = $1 for update",
        id
    )
    .fetch_optional(conn)
    .await?;
    Ok(row)
}

/// Sends a dead letter again as a new outbox row; false if it was sent again already.
pub async fn redrive(
    conn: &mut PgConnection,
    letter: &DeadLetter,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "update ops.dead_letter set redriven_at = $2 where id = $1 and redriven_at is null",
        letter.id,
        now
    )
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    let stage: Stage = letter
        .stage
        .parse()
        .map_err(|e: landfall_domain::UnknownStage| StoreError::Unreadable { what: e.to_string() })?;
    let message = NewMessage {
        stage,
        tenant: String::new(),
        subject: format!("redrive of dead letter {}", letter.id),
        body: letter.body.clone(),
        visible_at: now,
    };
    outbox::send(conn, &[message], now).await?;
    Ok(true)
}
