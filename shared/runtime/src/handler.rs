//! The contract between a stage and the adapter that feeds it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use landfall_domain::{Classify, Disposition, Problem, Reason, Stage};
use landfall_store::StoreError;
use landfall_store::dead_letter::{DeadKind, NewDeadLetter};

use crate::{Deadline, InjectedFault};

/// One message, in our own strict form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The queue's id of the message.
    pub message_id: String,
    /// The encoded envelope, or a raw notification.
    pub body: String,
    /// Times it was received, this one included.
    pub receives: u32,
    /// Whether the queue gives it up after this try.
    pub is_last: bool,
    /// When it was sent first.
    pub sent_at: DateTime<Utc>,
    /// ARN of the queue that it was sent to first; empty where that is not told.
    pub source: String,
}

impl Record {
    /// The letter that puts this record aside.
    pub fn letter(&self, stage: Stage, kind: DeadKind, reason: Reason) -> NewDeadLetter {
        NewDeadLetter {
            stage,
            body: self.body.clone(),
            object_id: None,
            kind,
            reason,
            attempts: i32::try_from(self.receives).unwrap_or(i32::MAX),
            created_at: self.sent_at,
        }
    }
}

/// A stage: decides per record, commits per batch.
#[async_trait]
pub trait StageHandler: Send + Sync + 'static {
    /// What one record comes to, before anything is written.
    type Decision: Send + Sync;

    /// The stage.
    fn stage(&self) -> Stage;

    /// Decodes a record, reads what it needs, computes; outside any transaction.
    ///
    /// A stage that commits unit by unit does so here and gives a decision that has nothing left to commit.
    async fn decide(&self, record: &Record, deadline: Deadline) -> Result<Self::Decision, Problem>;

    /// Commits the decisions of a batch in one transaction. Called again with single decisions where the batch
    /// fails by its data.
    async fn commit(&self, decisions: &[&Self::Decision]) -> Result<(), CommitError>;

    /// Stores that this record's input is bad, for good.
    async fn quarantine(&self, record: &Record, problem: &Problem) -> Result<(), StoreError>;

    /// Stores that this record's last try failed.
    async fn give_up(&self, record: &Record, problem: &Problem) -> Result<(), StoreError>;
}

/// Why a batch could not be committed.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A script asked for it.
    #[error(transparent)]
    Fault(#[from] InjectedFault),
}

impl CommitError {
    /// Whether single records may still go through.
    pub fn is_data(&self) -> bool {
        match self {
            Self::Store(error) => error.is_data(),
            Self::Fault(_) => false,
        }
    }
}

impl Classify for CommitError {
    fn disposition(&self) -> Disposition {
        match self {
            Self::Store(error) => error.disposition(),
            Self::Fault(error) => error.disposition(),
        }
    }

    fn code(&self) -> &str {
        match self {
            Self::Store(error) => error.code(),
            Self::Fault(error) => error.code(),
        }
    }
}
