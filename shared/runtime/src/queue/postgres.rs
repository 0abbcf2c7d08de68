//! The queue that is the outbox table itself. A row has room for any message: bodies stay where they are.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::Stage;
use landfall_store::{Store, StoreError, dead_letter, outbox};

use super::{HeldMessage, QueueError, Receipt, StageQueue};

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
    /// What is written to the outbox is in the queue.
    async fn hand_on(&self, _: &[i64], _: DateTime<Utc>) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn hand_on_left(&self, _: DateTime<Utc>) -> Result<u64, StoreError> {
        Ok(0)
    }

    /// Oldest first.
    async fn receive(
        &self,
        stage: Stage,
        due: (DateTime<Utc>, Duration),
        limit: u32,
    ) -> Result<Vec<HeldMessage>, QueueError> {
        let rows = outbox::claim(self.store.pool(), stage, &self.owner, due, limit).await?;
        let held = rows.into_iter().map(|row| HeldMessage {
            id: row.id.to_string(),
            body: row.body,
            receives: u32::try_from(row.receives).unwrap_or(0),
            created_at: row.created_at,
            receipt: Receipt::Row(row.id),
        });
        Ok(held.collect())
    }

    async fn extend(
        &self,
        _: Stage,
        messages: &[HeldMessage],
        (now, lease): (DateTime<Utc>, Duration),
    ) -> Result<(), QueueError> {
        let until = after(now, lease);
        Ok(outbox::extend(self.store.pool(), &rows(messages), &self.owner, until).await?)
    }

    async fn acknowledge(&self, _: Stage, messages: &[HeldMessage]) -> Result<(), QueueError> {
        Ok(outbox::delete(self.store.pool(), &rows(messages), &self.owner).await?)
    }

    async fn give_back(
        &self,
        _: Stage,
        messages: &[HeldMessage],
        (now, wait): (DateTime<Utc>, Duration),
    ) -> Result<(), QueueError> {
        Ok(outbox::give_back(self.store.pool(), &rows(messages), &self.owner, after(now, wait)).await?)
    }

    async fn bury(&self, stage: Stage, message: &HeldMessage, now: DateTime<Utc>) -> Result<(), QueueError> {
        let Receipt::Row(id) = message.receipt else { return Ok(()) };
        let mut letter = message.used_up(stage);
        let mut tx = self.store.begin().await?;
        if !outbox::delete_held(&mut tx, id, &self.owner).await? {
            // Its lease ran out and somebody else tries it, or has done it.
            return Ok(());
        }
        // A handler that was killed or ran out of time could not say so itself.
        letter.object_id =
            dead_letter::fail_object(&mut tx, (stage, &message.body), &letter.reason, now).await?;
        dead_letter::bury(&mut tx, &letter, now).await?;
        Ok(tx.commit().await.map_err(StoreError::from)?)
    }
}

fn rows(messages: &[HeldMessage]) -> Vec<i64> {
    let row = |message: &HeldMessage| match message.receipt {
        Receipt::Row(id) => Some(id),
        Receipt::Handle(_) => None,
    };
    messages.iter().filter_map(row).collect()
}

fn after(now: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(wait).ok().and_then(|wait| now.checked_add_signed(wait)).unwrap_or(now)
}
