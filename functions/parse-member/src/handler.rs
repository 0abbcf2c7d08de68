//! The stage as the adapter sees it.

use std::sync::Arc;

use async_trait::async_trait;
use landfall_archive::Limits;
use landfall_domain::{Envelope, ParseMember as Message, Problem, Stage};
use landfall_dumps::plugins::Registry;
use landfall_runtime::{Clients, CommitError, Deadline, Record, StageHandler};
use landfall_store::dead_letter::{self, DeadKind};
use landfall_store::{StoreError, retrying};

/// The stage that parses network elements.
#[derive(Debug, Clone)]
pub struct ParseMember {
    pub(crate) clients: Clients,
    pub(crate) registry: Arc<Registry>,
    pub(crate) owner: Arc<str>,
    pub(crate) limits: Limits,
}

impl ParseMember {
    /// The stage over these clients and plugins; `owner` names this life of the process in leases, `limits` are
    /// those of planning.
    pub fn new(
        clients: Clients,
        registry: Arc<Registry>,
        owner: impl Into<Arc<str>>,
        limits: Limits,
    ) -> Self {
        Self { clients, registry, owner: owner.into(), limits }
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
        let letter = record.letter(self.stage(), DeadKind::Quarantined, problem.reason.clone());
        let mut conn = self.clients.store.pool().acquire().await?;
        dead_letter::bury(&mut conn, &letter, self.clients.clock.now()).await
    }

    /// The ledger could not be written in any try: the object is `failed`, a redrive goes on where it stopped.
    async fn give_up(&self, record: &Record, problem: &Problem) -> Result<(), StoreError> {
        retrying("parse_member_failed", || async {
            let now = self.clients.clock.now();
            let mut tx = self.clients.store.begin().await?;
            dead_letter::fail_object(&mut tx, (self.stage(), &record.body), &problem.reason, now).await?;
            tx.commit().await.map_err(StoreError::from)
        })
        .await
    }
}
