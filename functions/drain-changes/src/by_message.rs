//! Drains that messages ask for, beside the clock: the front door sends one where draining on the event is on, and a
//! drain that came too early for some files sends the next.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::{Cadence, Dataset, DrainChanges as Message, Envelope, MessageError, Problem, Stage};
use landfall_runtime::{CommitError, Deadline, Record, StageHandler};
use landfall_store::dead_letter::{self, DeadKind};
use landfall_store::{StoreError, retrying, tickets};

use crate::drain::DrainChanges;
use crate::order::Order;
use crate::report::{DrainReport, DrainStatus};

/// A drain that came too early asks for another no sooner than this.
const PAUSE: TimeDelta = TimeDelta::seconds(1);

/// The drain as a stage with a queue.
#[derive(Debug, Clone)]
pub struct DrainByMessage {
    drain: DrainChanges,
}

/// A drain that has run; it has committed file by file. Left is whether another is to be asked for, and when.
#[derive(Debug)]
pub struct Drained {
    dataset: Dataset,
    again: Option<DateTime<Utc>>,
}

impl DrainByMessage {
    /// Of this drain.
    pub fn new(drain: DrainChanges) -> Self {
        Self { drain }
    }

    async fn ask_once(&self, drained: &[&Drained]) -> Result<(), StoreError> {
        let clients = &self.drain.clients;
        let now = clients.clock.now();
        let mut tx = clients.store.begin().await?;
        for (dataset, due) in drained.iter().filter_map(|one| Some((one.dataset, one.again?))) {
            tickets::ask_for_drain(&mut tx, dataset, (due, now)).await?;
        }
        Ok(tx.commit().await?)
    }
}

#[async_trait]
impl StageHandler for DrainByMessage {
    type Decision = Drained;

    fn stage(&self) -> Stage {
        Stage::DrainChanges
    }

    async fn decide(&self, record: &Record, deadline: Deadline) -> Result<Drained, Problem> {
        let message = read(&record.body)?;
        let (dataset, clients) = (message.dataset, &self.drain.clients);
        let clock = &clients.clock;
        tickets::asked_drain_arrived(clients.store.pool(), &message).await?;
        if !Cadence::OFFICE_HOURS.spans(clock.now()) {
            // It was held up. The first drain of the next hours does its work.
            tracing::info!(%dataset, "outside the hours of drains: change files wait for the clock");
            return Ok(Drained { dataset, again: None });
        }
        let report = self.drain.run(&Order::of(dataset), deadline).await?;
        let (status, files, unsettled) = (report.status.as_str(), report.files.len(), report.unsettled);
        tracing::info!(%dataset, status, files, unsettled, upserted = report.upserted(), "change files were drained");
        Ok(Drained { dataset, again: again(&report, clock.now()) })
    }

    async fn commit(&self, drained: &[&Drained]) -> Result<(), CommitError> {
        if drained.iter().any(|one| one.again.is_some()) {
            retrying("drain_by_message", || self.ask_once(drained)).await?;
        }
        Ok(())
    }

    async fn quarantine(&self, record: &Record, problem: &Problem) -> Result<(), StoreError> {
        let clients = &self.drain.clients;
        let letter = record.letter(Stage::DrainChanges, DeadKind::Quarantined, problem.reason.clone());
        let mut conn = clients.store.pool().acquire().await?;
        dead_letter::bury(&mut conn, &letter, clients.clock.now()).await
    }

    /// Files wait for the next drain of the clock; none of them has failed.
    async fn give_up(&self, _: &Record, _: &Problem) -> Result<(), StoreError> {
        Ok(())
    }
}

/// What a message asks for. A tick that the scheduler could not deliver is a dead letter; sent again it comes here, too.
fn read(body: &str) -> Result<Message, MessageError> {
    match serde_json::from_str(body) {
        Ok(tick) => Ok(tick),
        Err(_) => Ok(Envelope::decode(body)?.body),
    }
}

/// When to look again, within the hours of drains.
fn again(report: &DrainReport, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let soonest = now.checked_add_signed(PAUSE)?;
    let at = match report.status {
        // The other run has perhaps listed the bucket before these files had settled.
        DrainStatus::SkippedLocked => {
            now.checked_add_signed(TimeDelta::from_std(Stage::DrainChanges.settings().heartbeat()).ok()?)?
        }
        // A run that comes to no file at all would come to none for ever.
        DrainStatus::Partial if report.files.is_empty() => return None,
        DrainStatus::Partial => soonest,
        DrainStatus::Success | DrainStatus::FileFailed | DrainStatus::Degraded => {
            report.unsettled_until?.max(soonest)
        }
    };
    Cadence::OFFICE_HOURS.spans(at).then_some(at)
}
