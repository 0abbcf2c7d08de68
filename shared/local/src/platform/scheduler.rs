//! What happens by the clock: the sweep every second, the listing of a store that sends no events.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use drain_changes::{DrainChanges, Order};
use futures::FutureExt;
use landfall_domain::{Clock, Schedule, Stage};
use landfall_runtime::{Clients, CommitError, Deadline, Faults, InjectedFault, Moment, Point};
use serde::Deserialize;
use sweep_state::SweepState;
use tokio_util::sync::CancellationToken;

use super::events::Missed;
use crate::dispatcher::{BatchHandler, Dispatcher};
use crate::functions::{CallError, RemoteFunction, scheduled_event};
use crate::listing;

/// How often a schedule is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How often state is swept.
const SWEEP: Duration = Duration::from_secs(1);
/// How often a function that runs elsewhere is called to sweep: each call shows in its log.
const SWEEP_ELSEWHERE: Duration = Duration::from_secs(5);
/// How often a store without notifications is listed.
const LIST: Duration = Duration::from_secs(10);

/// Who sweeps.
pub(super) enum Sweeper {
    /// This process.
    Here(SweepState),
    /// The function, called as by a schedule.
    Elsewhere(RemoteFunction, Arc<dyn Clock>),
}

/// Why a sweep failed.
#[derive(Debug, thiserror::Error)]
enum SweepError {
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Fault(#[from] InjectedFault),
}

/// What the function says of a sweep, as far as it matters here.
#[derive(Deserialize)]
struct Swept {
    sent: u64,
}

impl Sweeper {
    fn is_elsewhere(&self) -> bool {
        matches!(self, Self::Elsewhere(..))
    }

    fn period(&self) -> Duration {
        match self {
            Self::Here(_) => SWEEP,
            Self::Elsewhere(..) => SWEEP_ELSEWHERE,
        }
    }

    /// Sweeps once; gives how many messages were sent.
    async fn run(&self) -> Result<u64, SweepError> {
        match self {
            Self::Here(sweeper) => Ok(sweeper.run().await?.sent),
            Self::Elsewhere(function, clock) => {
                function.ready().await;
                let event = Bytes::from(scheduled_event(Stage::SweepState, clock.now()).to_string());
                let within = Stage::SweepState.settings().timeout;
                let swept: Swept = function.ask(event.clone(), event, within).await?;
                Ok(swept.sent)
            }
        }
    }
}

/// Sweeps until it is stopped. A sweep that fails or panics costs itself alone.
pub(super) async fn sweep(sweeper: Sweeper, faults: Faults, dispatcher: Dispatcher, stop: CancellationToken) {
    while !stopped(&stop, sweeper.period()).await {
        let sweep = AssertUnwindSafe(sweep_once(&sweeper, &faults, &dispatcher)).catch_unwind();
        // A function may be waited for, and what it has begun it ends by itself.
        let swept = tokio::select! {
            swept = sweep => swept,
            () = stop.cancelled(), if sweeper.is_elsewhere() => return,
        };
        match swept {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "sweep failed: {error}");
            }
            Err(_) => tracing::error!("sweep panicked"),
        }
    }
}

/// Drains change files at the times of the schedules, until it is stopped. A run that fails or panics costs itself
/// alone: the next one goes on.
pub(super) async fn drain(
    drain: DrainChanges,
    schedule: Schedule,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    let Some(dataset) = schedule.dataset else { return };
    let mut due = schedule.cadence.after(clock.now());
    while !stopped(&stop, LOOK).await {
        if clock.now() < due {
            continue;
        }
        let (order, time) = (Order::of(dataset), Stage::DrainChanges.settings().timeout);
        let run = drain.run(&order, Deadline::within(time));
        match AssertUnwindSafe(run).catch_unwind().await {
            Ok(Ok(report)) => {
                let (status, files) = (report.status.as_str(), report.files.len());
                tracing::info!(%dataset, status, files, upserted = report.upserted(), "change files were drained");
            }
            Ok(Err(error)) => {
                tracing::warn!(%dataset, error = &error as &dyn std::error::Error, "drain failed: {error}");
            }
            Err(_) => tracing::error!(%dataset, "drain panicked"),
        }
        due = schedule.cadence.after(clock.now());
    }
}

/// One sweep; its messages are announced.
async fn sweep_once(sweeper: &Sweeper, faults: &Faults, dispatcher: &Dispatcher) -> Result<(), SweepError> {
    if sweeper.run().await? > 0 {
        faults.pass(Stage::SweepState, Point::Send, Moment::Before)?;
        dispatcher.wake();
        faults.pass(Stage::SweepState, Point::Send, Moment::After)?;
    }
    Ok(())
}

/// Lists the bucket, and sends events for what nobody told of, until it is stopped.
pub(super) async fn list(clients: Clients, bucket: String, dispatcher: Dispatcher, stop: CancellationToken) {
    while !stopped(&stop, LIST).await {
        heal(&clients, &bucket, &dispatcher).await;
    }
}

/// Lists the bucket once events of the embedded endpoint were missed, until it is stopped.
pub(super) async fn list_missed(
    clients: Clients,
    (bucket, missed): (String, Missed),
    dispatcher: Dispatcher,
    stop: CancellationToken,
) {
    while !stopped(&stop, LIST).await {
        if missed.take() && !heal(&clients, &bucket, &dispatcher).await {
            missed.mark();
        }
    }
}

/// One listing; whether it went to its end.
pub(super) async fn heal(clients: &Clients, bucket: &str, dispatcher: &Dispatcher) -> bool {
    let now = clients.clock.now();
    match listing::heal(&clients.objects, &clients.store, (bucket, ""), now).await {
        Ok(0) => true,
        Ok(sent) => {
            tracing::info!(sent, "{sent} versions were listed that no event told of");
            dispatcher.wake();
            true
        }
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "listing failed: {error}");
            false
        }
    }
}

/// Waits; true once it is stopped.
async fn stopped(stop: &CancellationToken, wait: Duration) -> bool {
    tokio::time::timeout(wait, stop.cancelled()).await.is_ok()
}
