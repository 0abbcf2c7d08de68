//! What happens by the clock: the sweep every second, the listing of a store that sends no events.

use std::time::Duration;

use landfall_runtime::Clients;
use sweep_state::SweepState;
use tokio_util::sync::CancellationToken;

use super::events::Missed;
use crate::dispatcher::Dispatcher;
use crate::listing;

/// How often state is swept.
const SWEEP: Duration = Duration::from_secs(1);
/// How often a store without notifications is listed.
const LIST: Duration = Duration::from_secs(10);

/// Sweeps until it is stopped.
pub(super) async fn sweep(sweeper: SweepState, dispatcher: Dispatcher, stop: CancellationToken) {
    while !stopped(&stop, SWEEP).await {
        match sweeper.run().await {
            Ok(report) if report.sent > 0 => dispatcher.wake(),
            Ok(_) => {}
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "sweep failed: {error}"),
        }
    }
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
