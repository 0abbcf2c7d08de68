//! A dead message to its letter.

use async_trait::async_trait;
use landfall_domain::{BodyAt, Disposition, Problem, Reason, Stage};
use landfall_runtime::{Clients, CommitError, Deadline, MessageBodies, Moment, Point, Record, StageHandler};
use landfall_store::StoreError;
use landfall_store::dead_letter::{self, DeadKind, NewDeadLetter};

use crate::origin::stage_of;

/// The stage that stores dead messages.
#[derive(Debug, Clone)]
pub struct RecordDeadLetters {
    clients: Clients,
    bodies: MessageBodies,
}

/// The letter of one message.
#[derive(Debug)]
pub struct Decision {
    letter: NewDeadLetter,
    /// Where its body lay, if not in the message.
    body: Option<BodyAt>,
}

impl RecordDeadLetters {
    /// The stage over these clients.
    pub fn new(clients: Clients) -> Self {
        Self { bodies: MessageBodies::of(&clients), clients }
    }
}

#[async_trait]
impl StageHandler for RecordDeadLetters {
    type Decision = Decision;

    fn stage(&self) -> Stage {
        Stage::RecordDeadLetters
    }

    async fn decide(&self, record: &Record, _: Deadline) -> Result<Decision, Problem> {
        let Some(stage) = stage_of(&record.source) else {
            let text = format!("the name of the queue {:?} contains no stage", record.source);
            return Err(Problem::new(Disposition::Retry, Reason::new("queue_unknown").with_text(text)));
        };
        let receives = stage.settings().max_receives;
        let reason = Reason::new("receives_used_up")
            .with_text(format!("received {receives} times without success, then given up by SQS"));
        let mut letter = record.letter(stage, DeadKind::Failed, reason);
        // The record counts how often this stage received it.
        letter.attempts = i32::try_from(receives).unwrap_or(i32::MAX);
        let (letter, body) = self.bodies.complete(letter).await?;
        Ok(Decision { letter, body })
    }

    /// Each letter is a transaction of its own, and stored once: a repeat finds those that are there.
    async fn commit(&self, decisions: &[&Decision]) -> Result<(), CommitError> {
        let faults = &self.clients.faults;
        for Decision { letter, body } in decisions {
            faults.pass(self.stage(), Point::Commit, Moment::Before)?;
            let now = self.clients.clock.now();
            dead_letter::bury_failed(&self.clients.store, letter.clone(), now).await?;
            faults.pass(self.stage(), Point::Commit, Moment::After)?;
            if let Some(at) = body {
                self.bodies.done(at).await;
            }
        }
        Ok(())
    }

    /// The message cannot be stored as what it is: it is stored as what came here.
    async fn quarantine(&self, record: &Record, problem: &Problem) -> Result<(), StoreError> {
        let letter = record.letter(self.stage(), DeadKind::Quarantined, problem.reason.clone());
        let mut conn = self.clients.store.pool().acquire().await?;
        dead_letter::bury(&mut conn, &letter, self.clients.clock.now()).await
    }

    /// Nothing gives a message up that is dead: it stays in its queue, and is received again.
    async fn give_up(&self, _: &Record, _: &Problem) -> Result<(), StoreError> {
        Ok(())
    }
}
