//! `ops.outbox`: messages between stages. Written with the effect that causes them; self-hosted, the same table
//! is the queue. Where the queue is elsewhere, they are sent on from here ([`relay`]).

pub mod relay;

use std::time::Duration;

use chrono::{DateTime, Utc};
use landfall_domain::{Envelope, Stage};
use serde::Serialize;
use sqlx::{PgConnection, PgPool};

use crate::StoreError;

/// A message to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Where it goes.
    pub stage: Stage,
    /// Whose work it is: a queue that is fair serves quiet tenants before a busy one. Empty where nobody's.
    pub tenant: String,
    /// What it is about, for people: a key, `load 7 NE HEL-1`.
    pub subject: String,
    /// The encoded envelope, or a raw notification.
    pub body: String,
    /// Not to be handled before this.
    pub visible_at: DateTime<Utc>,
}

impl NewMessage {
    /// A stage message.
    ///
    /// # Errors
    /// The body cannot be written as JSON: a fault of ours.
    pub fn of(
        stage: Stage,
        subject: impl Into<String>,
        body: impl Serialize,
        visible_at: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let body = Envelope::new(body).encode();
        let body = body.map_err(|e| StoreError::Unreadable { what: e.to_string() })?;
        Ok(Self { stage, tenant: String::new(), subject: subject.into(), body, visible_at })
    }

    /// The same as work of this tenant.
    pub fn for_tenant(self, tenant: impl Into<String>) -> Self {
        Self { tenant: tenant.into(), ..self }
    }
}

/// A message that a worker holds until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldMessage {
    /// Row id.
    pub id: i64,
    /// The encoded envelope, or a raw notification.
    pub body: String,
    /// Times it was received, this one included.
    pub receives: i32,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
}

/// Backlog of one stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// The stage.
    pub stage: String,
    /// Messages that wait or are worked on.
    pub messages: i64,
    /// When the oldest was sent.
    pub oldest: Option<DateTime<Utc>>,
}

/// Writes messages in one statement.
pub async fn send(
    conn: &mut PgConnection,
    messages: &[NewMessage],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if messages.is_empty() {
        return Ok(());
    }
    let stages: Vec<String> = messages.iter().map(|m| m.stage.to_string()).collect();
    let tenants: Vec<String> = messages.iter().map(|m| m.tenant.clone()).collect();
    let subjects: Vec<String> = messages.iter().map(|m| m.subject.clone()).collect();
    let bodies: Vec<String> = messages.iter().map(|m| m.body.clone()).collect();
    let visible: Vec<DateTime<Utc>> = messages.iter().map(|m| m.visible_at).collect();
    let written = sqlx::query_scalar!(
        "insert into ops.outbox (stage, tenant, subject, body, created_at, visible_at)
         select stage, tenant, subject, body, $6, visible_at
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
            as m(stage, tenant, subject, body, visible_at)
         returning id",
        &stages,
        &tenants,
        &subjects,
        &bodies,
        &visible,
        now
    )
    .fetch_all(conn)
    .await?;
    relay::note(&written);
    Ok(())
}

/// Takes due messages of a stage, oldest first; they stay invisible to others for `lease`.
pub async fn claim(
    pool: &PgPool,
    stage: Stage,
    owner: &str,
    (now, lease): (DateTime<Utc>, Duration),
    limit: u32,
) -> Result<Vec<HeldMessage>, StoreError> {
    let rows = sqlx::query_as!(
        HeldMessage,
        r#"with due as (
            select id from ops.outbox
            where stage = $1 and visible_at <= $2
            order by visible_at, id
            limit $5
            for update skip locked
        )
        update ops.outbox o
        set attempts = o.attempts + 1, lease_owner = $3, visible_at = $2::timestamptz + make_interval(secs => $4)
        from due where o.id = due.id
        returning o.id, o.body, o.attempts as receives, o.created_at"#,
        stage.as_str(),
        now,
        owner,
        lease.as_secs_f64(),
        i64::from(limit)
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// Renews the lease on messages that are still worked on.
pub async fn extend(pool: &PgPool, ids: &[i64], owner: &str, until: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!(
        "update ops.outbox set visible_at = $3 where id = any($1) and lease_owner = $2",
        ids,
        owner,
        until
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Deletes messages that are done; one that somebody else holds by now is left to them.
pub async fn delete(pool: &PgPool, ids: &[i64], owner: &str) -> Result<(), StoreError> {
    sqlx::query!("delete from ops.outbox where id = any($1) and lease_owner = $2", ids, owner)
        .execute(pool)
        .await?;
    Ok(())
}

/// Deletes one held message within a transaction that does something else with it; false if it is not this
/// owner's any more.
pub async fn delete_held(conn: &mut PgConnection, id: i64, owner: &str) -> Result<bool, StoreError> {
    let done = sqlx::query!("delete from ops.outbox where id = $1 and lease_owner = $2", id, owner)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives messages back; they are seen again at `visible_at`.
pub async fn give_back(
    pool: &PgPool,
    ids: &[i64],
    owner: &str,
    visible_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update ops.outbox set lease_owner = null, visible_at = $3 where id = any($1) and lease_owner = $2",
        ids,
        owner,
        visible_at
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Gives back at once what earlier lives of a node held; `owner_prefix` names the node, `owner` its present life.
pub async fn release_dead(
    pool: &PgPool,
    owner_prefix: &str,
    owner: &str,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "update ops.outbox set lease_owner = null, visible_at = least(visible_at, $3)
         where starts_with(lease_owner, $1) and lease_owner <> $2",
        owner_prefix,
        owner,
        now
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}

/// The backlog of each stage that has one.
pub async fn backlog(pool: &PgPool) -> Result<Vec<Backlog>, StoreError> {
    let rows = sqlx::query_as!(
        Backlog,
        r#"select stage, count(*) as "messages!", min(created_at) as oldest
           from ops.outbox group by stage order by stage"#
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// Messages of one stage that are due and that nobody holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The stage.
    pub stage: String,
    /// How many.
    pub messages: i64,
    /// Since when the oldest is due.
    pub since: DateTime<Utc>,
}

/// The messages that are due, by stage.
pub async fn due(pool: &PgPool, now: DateTime<Utc>) -> Result<Vec<Due>, StoreError> {
    let rows = sqlx::query_as!(
        Due,
        r#"select stage, count(*) as "messages!", min(visible_at) as "since!"
           from ops.outbox where visible_at <= $1 group by stage order by stage"#,
        now
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// A message as it lies in the outbox, for people.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct QueuedMessage {
    /// Row id.
    pub id: i64,
    /// Where it goes.
    pub stage: String,
    /// What it is about.
    pub subject: String,
    /// The encoded envelope, or a raw notification.
    pub body: String,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
    /// Not handled before this.
    pub visible_at: DateTime<Utc>,
    /// Times it was received.
    pub attempts: i32,
    /// Who holds it, if anybody does.
    pub lease_owner: Option<String>,
}

/// The messages whose bodies contain one of some texts, oldest first. Reads the whole outbox: for `explain` only.
pub async fn mentioning(pool: &PgPool, texts: &[String]) -> Result<Vec<QueuedMessage>, StoreError> {
    let rows = sqlx::query_as!(
        QueuedMessage,
        "select id, stage, subject, body, created_at, visible_at, attempts, lease_owner from ops.outbox
         where exists (select 1 from unnest($1::text[]) as t(part) where strpos(body, part) > 0)
         order by visible_at, id",
        texts
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// Whether any message is left, due now or later.
pub async fn is_empty(pool: &PgPool) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(r#"select not exists (select 1 from ops.outbox) as "empty!""#)
        .fetch_one(pool)
        .await?)
}
