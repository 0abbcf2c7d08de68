//! A run: take the lease, work through the files, and do what comes after them.

use std::sync::Arc;

use landfall_domain::{Dataset, Stage, eat_wall_clock};
use landfall_runtime::{Clients, Deadline, InjectedFault, Moment, Point};
use landfall_store::StoreError;
use landfall_store::alert::{self, Alert};
use landfall_store::tickets::{self, RunEnd};
use uuid::Uuid;

use crate::config::DrainSettings;
use crate::error::DrainError;
use crate::hooks::{AfterDrain, HookError};
use crate::lease::Lease;
use crate::local_file::LocalFile;
use crate::order::{Mode, Order};
use crate::report::{DrainReport, DrainStatus, HookReport};
use crate::running::Running;

/// The drain of change files.
#[derive(Debug, Clone)]
pub struct DrainChanges {
    pub(crate) clients: Clients,
    pub(crate) settings: DrainSettings,
    hooks: Vec<Arc<dyn AfterDrain>>,
}

/// A run under way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunOf {
    /// Its id: owner of the lease and of rows in the stage.
    pub id: Uuid,
    pub dataset: Dataset,
    /// Whether anything is written.
    pub apply: bool,
}

impl RunOf {
    fn new(dataset: Dataset, apply: bool) -> Self {
        Self { id: Uuid::now_v7(), dataset, apply }
    }
}

/// What a run works on.
pub(crate) enum Task<'a> {
    /// Files of the bucket.
    Files(&'a Mode),
    /// A file that is in no bucket.
    Local(&'a mut LocalFile<'a>),
}

impl DrainChanges {
    /// A drain over these clients, with nothing to do after the files.
    pub fn new(clients: Clients, settings: DrainSettings) -> Self {
        Self { clients, settings, hooks: Vec::new() }
    }

    /// The same with one thing more to do after the files.
    pub fn then(mut self, hook: Arc<dyn AfterDrain>) -> Self {
        self.hooks.push(hook);
        self
    }

    /// Runs once. Several runs at the same time do no harm: one works, the others are skipped.
    ///
    /// # Errors
    /// What ended it before its end. What was committed stays, the next run goes on.
    pub async fn run(&self, order: &Order, deadline: Deadline) -> Result<DrainReport, DrainError> {
        let run = RunOf::new(order.dataset, order.apply);
        self.run_leased(run, Task::Files(&order.mode), deadline).await
    }

    /// Applies a change file that is in no bucket and has no key: its rows come under the key `local`, which sorts above
    /// real ones. The watermark stays, nothing is moved, and the ledger has no row of it. For development.
    ///
    /// # Errors
    /// As for a run; and when the file cannot be read.
    pub async fn run_local(
        &self,
        dataset: Dataset,
        file: &mut LocalFile<'_>,
        apply: bool,
        deadline: Deadline,
    ) -> Result<DrainReport, DrainError> {
        self.run_leased(RunOf::new(dataset, apply), Task::Local(file), deadline).await
    }

    async fn run_leased(
        &self,
        run: RunOf,
        task: Task<'_>,
        deadline: Deadline,
    ) -> Result<DrainReport, DrainError> {
        let mut running = Running::begin(self, run, deadline);
        if !run.apply {
            running.work(task).await?;
            return Ok(running.report);
        }
        let Some(lease) = Lease::take(&self.clients, run.dataset, run.id).await? else {
            running.report.status = DrainStatus::SkippedLocked;
            return Ok(running.report);
        };
        let mut ended = running.work(task).await;
        if ended.is_ok() {
            ended = self.after_files(run, &mut running.report).await;
        }
        lease.release().await;
        ended.map(|()| running.report)
    }

    /// Hooks run also when there was no new file. Then the run is told to the row of its dataset.
    async fn after_files(&self, run: RunOf, report: &mut DrainReport) -> Result<(), DrainError> {
        for hook in &self.hooks {
            let (name, now) = (hook.name(), self.clients.clock.now());
            let done = match hook.run(run.dataset, now).await {
                Ok(result) => HookReport { name, result: Some(result), error: None },
                Err(error) => {
                    self.tell_failed_hook(run, name, &error).await?;
                    if report.status == DrainStatus::Success {
                        report.status = DrainStatus::Degraded;
                    }
                    HookReport { name, result: None, error: Some(error.to_string()) }
                }
            };
            report.hooks.push(done);
        }
        self.tell_amiss(run, report).await?;
        let end = RunEnd {
            dataset: run.dataset,
            status: report.status.as_str(),
            is_success: matches!(
                report.status,
                DrainStatus::Success | DrainStatus::Partial | DrainStatus::Degraded
            ),
            counts: report.counts(),
        };
        Ok(tickets::run_ended(self.clients.store.pool(), &end, self.clients.clock.now()).await?)
    }

    /// Once a day.
    async fn tell_failed_hook(&self, run: RunOf, name: &str, error: &HookError) -> Result<(), DrainError> {
        let now = self.clients.clock.now();
        let message = format!("{name} failed after a drain of {}: {error}", run.dataset);
        let subject = format!("{name} {}", eat_wall_clock(now).date());
        let detail = serde_json::json!({ "hook": name });
        let alert = Alert {
            feed: run.dataset.lease(),
            code: error.code,
            subject: &subject,
            message: &message,
            detail,
        };
        let mut conn = self.clients.store.pool().acquire().await.map_err(StoreError::from)?;
        alert::raise(&mut conn, &alert, now).await?;
        tracing::error!(alert = error.code, hook = name, dataset = %run.dataset, "{message}");
        Ok(())
    }

    pub(crate) fn pass(&self, point: Point, moment: Moment) -> Result<(), InjectedFault> {
        self.clients.faults.pass(Stage::DrainChanges, point, moment)
    }
}
