//! The stage queue: what a dispatcher takes messages from. Self-hosted it is the outbox table itself.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use landfall_domain::{Reason, Stage};
use landfall_store::dead_letter::{self, DeadKind, NewDeadLetter};
use landfall_store::outbox::{self, HeldMessage};
use landfall_store::{Store, StoreError};

/// Messages by stage: received under a lease, then acknowledged, given back or buried.
#[async_trait]
pub trait StageQueue: Send + Sync {
    /// Takes due messages, oldest first; others do not see them for `lease`.
    async fn receive(
        &self,
        stage: Stage,
        now: DateTime<Utc>,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<HeldMessage>, StoreError>;

    /// Renews the lease on messages that are still worked on.
    async fn extend(&self, ids: &[i64], until: DateTime<Utc>) -> Result<(), StoreError>;

    /// Forgets messages that are done.
    async fn acknowledge(&self, ids: &[i64]) -> Result<(), StoreError>;

    /// Gives a message back, to be seen again at `visible_at`.
    async fn give_back(&self, id: i64, visible_at: DateTime<Utc>) -> Result<(), StoreError>;

    /// Puts a message aside whose tries are used up; one that somebody else holds by now is left to them.
    async fn bury(&self, stage: Stage, message: &HeldMessage, now: DateTime<Utc>) -> Result<(), StoreError>;
}

/// The queue on `ops.outbox`.
#[derive(Debug, Clone)]
pub struct PostgresQueue {
    store: Store,
    owner: String,
}

impl PostgresQueue {
    /// A queue whose messages are held in the name of `owner`, one name per life of a process.
    pub fn new(store: Store, owner: String) -> Self {
        Self { store, owner }
    }
}

#[async_trait]
impl StageQueue for PostgresQueue {
    async fn receive(
        &self,
        stage: Stage,
        now: DateTime<Utc>,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<HeldMessage>, StoreError> {
        outbox::claim(self.store.pool(), stage, &self.owner, (now, lease), limit).await
    }

    async fn extend(&self, ids: &[i64], until: DateTime<Utc>) -> Result<(), StoreError> {
        outbox::extend(self.store.pool(), ids, &self.owner, until).await
    }

    async fn acknowledge(&self, ids: &[i64]) -> Result<(), StoreError> {
        outbox::delete(self.store.pool(), ids, &self.owner).await
    }

    async fn give_back(&self, id: i64, visible_at: DateTime<Utc>) -> Result<(), StoreError> {
        outbox::give_back(self.store.pool(), id, &self.owner, visible_at).await
    }

    async fn bury(&self, stage: Stage, message: &HeldMessage, now: DateTime<Utc>) -> Result<(), StoreError> {
        let reason = Reason::new("receives_used_up")
            .with_text(format!("received {} times without success", message.receives));
        let mut tx = self.store.begin().await?;
        if !outbox::delete_held(&mut tx, message.id, &self.owner).await? {
            // Its lease ran out and somebody else tries it, or has done it.
            return Ok(());
        }
        // A handler that was killed or ran out of time could not say so itself.
        let object_id = dead_letter::fail_object(&mut tx, (stage, &message.body), &reason, now).await?;
        let letter = NewDeadLetter {
            stage,
            body: message.body.clone(),
            object_id,
            kind: DeadKind::Failed,
            reason,
            attempts: message.receives,
            created_at: message.created_at,
        };
        dead_letter::bury(&mut tx, &letter, now).await?;
        tx.commit().await.map_err(StoreError::from)
    }
}
