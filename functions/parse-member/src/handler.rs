//! The stage as the adapter sees it.

use std::sync::Arc;

use async_trait::async_trait;
use landfall_domain::{Envelope, ParseMember as Message, Problem, Stage, State};
use landfall_dumps::plugins::Registry;
use landfall_runtime::{Clients, CommitError, Deadline, Record, StageHandler};
use landfall_store::dead_letter::{self, DeadKind, NewDeadLetter};
use landfall_store::object::{self, Move};
use landfall_store::{StoreError, dump, retrying};

/// The stage that parses network elements.
#[derive(Debug, Clone)]
pub struct ParseMember {
    pub(crate) clients: Clients,
    pub(crate) registry: Arc<Registry>,
    pub(crate) owner: Arc<str>,
}

impl ParseMember {
    /// The stage over these clients and plugins; `owner` names this life of the process in leases.
    pub fn new(clients: Clients, registry: Arc<Registry>, owner: impl Into<Arc<str>>) -> Self {
        Self { clients, registry, owner: owner.into() }
    }
}

#[async_trait]
impl StageHandler for ParseMember {
    /// The stage commits plugin by plugin; nothing is left for the end of a batch.
    type Decision = ();

    fn stage(&self) -> Stage {
        Stage::ParseMember
    }

    async fn decide(&self, record: &Record, deadline: Deadline) -> Result<(), Problem> {
        let message = Envelope::<Message>::decode(&record.body)?.body;
        self.run_message(&message, deadline).await
    }

    async fn commit(&self, _: &[&()]) -> Result<(), CommitError> {
        Ok(())
    }

    async fn quarantine(&self, record: &Record, problem: &Problem) -> Result<(), StoreError> {
        let letter = NewDeadLetter {
            stage: Stage::ParseMember,
            body: record.body.clone(),
            object_id: None,
            kind: DeadKind::Quarantined,
            reason: problem.reason.clone(),
            attempts: i32::try_from(record.receives).unwrap_or(i32::MAX),
            created_at: record.sent_at,
        };
        let mut conn = self.clients.store.pool().acquire().await?;
        dead_letter::bury(&mut conn, &letter, self.clients.clock.now()).await
    }

    /// The ledger could not be written in any try: the object is `failed`, a redrive goes on where it stopped.
    async fn give_up(&self, record: &Record, problem: &Problem) -> Result<(), StoreError> {
        let Ok(envelope) = Envelope::<Message>::decode(&record.body) else { return Ok(()) };
        retrying("parse_member_failed", || async {
            let mut tx = self.clients.store.begin().await?;
            let load = dump::find_load(&mut tx, envelope.body.load_id).await?;
            let current = load.filter(|load| load.plan_id == envelope.body.plan_id).and_then(|load| load.object);
            if let Some((object_id, run)) = current
                && let Some(object) = object::lock(&mut tx, object_id).await?
                && object.state == State::Dispatched
                && object.run == run
            {
                let to = Move { to: State::Failed, reason: problem.reason.clone(), run };
                object::transition(&mut tx, &object, &to, self.clients.clock.now()).await?;
            }
            tx.commit().await.map_err(StoreError::from)
        })
        .await
    }
}
