//! One sweep.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::Stage;
use landfall_dumps::plugins::Registry;
use landfall_runtime::{Clients, CommitError, Moment, Point, StageQueue, handing_on};
use landfall_store::{StoreError, dump, partition};

/// Months ahead for which partitions are kept ready.
const MONTHS_AHEAD: i32 = 2;
/// Partitions are looked at no more often than this, once a look went well.
const PARTITION_EVERY: TimeDelta = TimeDelta::minutes(10);

/// Loads that were to replace a dump and failed can be looked at for so long (specs: dumps 7.6).
const FAILED_LOADS_KEPT: TimeDelta = TimeDelta::days(30);

/// The sweeper.
#[derive(Debug)]
pub struct SweepState {
    pub(crate) clients: Clients,
    pub(crate) registry: Arc<Registry>,
    queue: Option<Arc<dyn StageQueue>>,
    partitions_seen: Mutex<Option<DateTime<Utc>>>,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct SweepReport {
    /// Messages sent for work that no message would have come back to.
    pub sent: u64,
    /// Messages in the outbox that their writers had not handed on to the queue, and that the queue took now.
    pub handed_on: u64,
    /// Units whose last try was lost with its worker.
    pub leases_lost: u64,
    /// Partitions made.
    pub partitions: i32,
    /// Failed loads removed that were to replace a dump.
    pub loads_swept: u64,
}

impl SweepState {
    /// A sweeper over these clients and plugins, where the outbox is the queue.
    pub fn new(clients: Clients, registry: Arc<Registry>) -> Self {
        Self { clients, registry, queue: None, partitions_seen: Mutex::new(None) }
    }

    /// The same where messages are handed on to a queue.
    pub fn handing_on_to(self, queue: Arc<dyn StageQueue>) -> Self {
        Self { queue: Some(queue), ..self }
    }

    /// Sweeps once. Several sweepers at the same time do no harm.
    ///
    /// # Errors
    /// The first thing that failed. What does not hang on it was done all the same; the next sweep does the rest.
    pub async fn run(&self) -> Result<SweepReport, CommitError> {
        let mut report = SweepReport::default();
        let now = self.clients.clock.now();
        let partitions = self.sweep_partitions(&mut report, now).await;
        let sweep = Box::pin(self.sweep_expired(&mut report, now));
        let expired = match &self.queue {
            None => sweep.await,
            Some(queue) => handing_on(queue.as_ref(), || self.clients.clock.now(), sweep).await,
        };
        let handed_on = self.hand_on_left(&mut report).await;
        expired?;
        partitions?;
        handed_on?;
        Ok(report)
    }

    async fn hand_on_left(&self, report: &mut SweepReport) -> Result<(), StoreError> {
        if let Some(queue) = &self.queue {
            report.handed_on = queue.hand_on_left(self.clients.clock.now()).await?;
        }
        Ok(())
    }

    async fn sweep_partitions(
        &self,
        report: &mut SweepReport,
        now: DateTime<Utc>,
    ) -> Result<(), CommitError> {
        if !self.partitions_due(now) {
            return Ok(());
        }
        self.clients.faults.pass(Stage::SweepState, Point::Effect, Moment::Before)?;
        report.partitions = partition::ensure(self.clients.store.pool(), now, MONTHS_AHEAD).await?;
        self.clients.faults.pass(Stage::SweepState, Point::Effect, Moment::After)?;
        let stray = partition::stray_rows(self.clients.store.pool()).await?;
        if stray > 0 {
            tracing::error!(stray, "{stray} rows lie in default partitions, which must stay empty");
        }
        report.loads_swept = self.sweep_loads(now).await?;
        *self.partitions_seen() = Some(now);
        Ok(())
    }

    async fn sweep_loads(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let before = now.checked_sub_signed(FAILED_LOADS_KEPT).unwrap_or(now);
        let mut conn = self.clients.store.pool().acquire().await?;
        dump::sweep_failed_replacements(&mut conn, before).await
    }

    fn partitions_due(&self, now: DateTime<Utc>) -> bool {
        self.partitions_seen().is_none_or(|at| now.signed_duration_since(at) >= PARTITION_EVERY)
    }

    fn partitions_seen(&self) -> MutexGuard<'_, Option<DateTime<Utc>>> {
        self.partitions_seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
