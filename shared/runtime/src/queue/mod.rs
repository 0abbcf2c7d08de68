//! The stage queue: what carries messages from the outbox to the handlers. Self-hosted it is the outbox table itself
//! ([`PostgresQueue`]); on AWS it is one SQS queue for each stage ([`SqsQueue`]).

mod choice;
mod postgres;
mod retry;
mod sqs;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use landfall_domain::{Reason, Stage};
use landfall_store::dead_letter::{DeadKind, NewDeadLetter};
use landfall_store::{StoreError, outbox::relay};

use crate::BodyError;

pub use choice::{QueueKind, queue_from_env};
pub use postgres::PostgresQueue;
pub use retry::RetryWaits;
pub use sqs::{
    QueueFacts, QueueSeen, QueueUrls, Redrive, SqsQueue, SqsSettings, inspect_queues, judge_queue,
};

/// Messages by stage: handed on after their commit; received under a lease, then acknowledged, given back or buried.
#[async_trait]
pub trait StageQueue: fmt::Debug + Send + Sync {
    /// Hands on messages that this process has written to the outbox, some of them perhaps in transactions that were
    /// rolled back; gives how many the queue confirmed. What could not be handed on stays in the outbox.
    async fn hand_on(&self, written: &[i64], now: DateTime<Utc>) -> Result<u64, StoreError>;

    /// Hands on what a crash or a failure left in the outbox; gives how many the queue confirmed.
    async fn hand_on_left(&self, now: DateTime<Utc>) -> Result<u64, StoreError>;

    /// Takes due messages; others do not see them for `lease`.
    async fn receive(
        &self,
        stage: Stage,
        (now, lease): (DateTime<Utc>, Duration),
        limit: u32,
    ) -> Result<Vec<HeldMessage>, QueueError>;

    /// Renews the lease on messages that are still worked on.
    async fn extend(
        &self,
        stage: Stage,
        messages: &[HeldMessage],
        (now, lease): (DateTime<Utc>, Duration),
    ) -> Result<(), QueueError>;

    /// Forgets messages that are done.
    async fn acknowledge(&self, stage: Stage, messages: &[HeldMessage]) -> Result<(), QueueError>;

    /// Gives messages back, to be seen again after `wait`.
    async fn give_back(
        &self,
        stage: Stage,
        messages: &[HeldMessage],
        (now, wait): (DateTime<Utc>, Duration),
    ) -> Result<(), QueueError>;

    /// Puts a message aside whose tries are used up; one that somebody else holds by now is left to them.
    async fn bury(&self, stage: Stage, message: &HeldMessage, now: DateTime<Utc>) -> Result<(), QueueError>;
}

/// Runs some work, then hands on the messages that it wrote. What the queue does not take now a sweep hands on later:
/// it is never the work's failure.
pub async fn handing_on<F: Future>(
    queue: &dyn StageQueue,
    now: impl Fn() -> DateTime<Utc>,
    work: F,
) -> F::Output {
    let (result, written) = relay::noting(work).await;
    if !written.is_empty()
        && let Err(error) = queue.hand_on(&written, now()).await
    {
        tracing::warn!(error = &error as &dyn std::error::Error, "messages stay in the outbox: {error}");
    }
    result
}

/// A message that a worker holds until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldMessage {
    /// The queue's id of the message.
    pub id: String,
    /// The encoded envelope, or a raw notification.
    pub body: String,
    /// Times it was received, this one included.
    pub receives: u32,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
    /// By which its queue knows that it is held.
    pub receipt: Receipt,
}

/// By which a queue knows a held message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// A row of the outbox.
    Row(i64),
    /// What SQS gave with this receive.
    Handle(String),
}

impl HeldMessage {
    /// The letter that puts a message aside whose receives are used up.
    fn used_up(&self, stage: Stage) -> NewDeadLetter {
        let text = format!("received {} times without success", self.receives);
        NewDeadLetter {
            stage,
            body: self.body.clone(),
            object_id: None,
            kind: DeadKind::Failed,
            reason: Reason::new("receives_used_up").with_text(text),
            attempts: i32::try_from(self.receives).unwrap_or(i32::MAX),
            created_at: self.created_at,
        }
    }
}

/// Why a queue did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The body of a large message could not be had now.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// The configuration names no queue for the stage.
    #[error("no SQS queue is named for {stage}")]
    NoQueue {
        /// The stage.
        stage: Stage,
    },
    /// SQS refused, or did not answer.
    #[error("SQS did not {operation}: {text}")]
    Sqs {
        /// What it was to do.
        operation: &'static str,
        /// What it said, with all causes.
        text: String,
    },
}
