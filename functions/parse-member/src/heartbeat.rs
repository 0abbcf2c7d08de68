//! Leases are renewed while their rows are worked on.

use std::sync::Arc;

use chrono::TimeDelta;
use landfall_domain::{LoadId, Stage};
use landfall_runtime::Clients;
use landfall_store::dump;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// Renews the leases on a network element until the run ends.
///
/// A run that does not end in order (an error, a panic, a time-out that drops it) gives its leases up: its message is
/// given again, and must not find them held until they run out.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    beat: JoinHandle<()>,
    held: Option<Held>,
}

/// The leases of a run.
#[derive(Debug, Clone)]
struct Held {
    clients: Clients,
    load_id: LoadId,
    ne: String,
    owner: Arc<str>,
}

impl Held {
    async fn until(&self, length: TimeDelta) {
        let now = self.clients.clock.now();
        let until = now.checked_add_signed(length).unwrap_or(now);
        let unit = (self.load_id, self.ne.as_str());
        if let Err(error) = dump::renew_leases(self.clients.store.pool(), unit, &self.owner, until).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "lease could not be renewed");
        }
    }
}

impl Heartbeat {
    pub(crate) fn start(clients: Clients, load_id: LoadId, ne: String, owner: Arc<str>) -> Self {
        let held = Held { clients, load_id, ne, owner };
        let renewed = held.clone();
        let beat = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Stage::ParseMember.settings().heartbeat()).await;
                renewed.until(lease_length()).await;
            }
        });
        Self { beat, held: Some(held) }
    }

    /// The run ended in order: nothing is held any more.
    pub(crate) fn end(mut self) {
        self.held = None;
    }

    /// The run ended by an error: what it still holds is given up.
    pub(crate) async fn give_up(mut self) {
        self.beat.abort();
        if let Some(held) = self.held.take() {
            held.until(TimeDelta::zero()).await;
        }
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.beat.abort();
        if let (Some(held), Ok(runtime)) = (self.held.take(), Handle::try_current()) {
            runtime.spawn(async move { held.until(TimeDelta::zero()).await });
        }
    }
}

/// How long a claimed row is held without a heartbeat.
pub(crate) fn lease_length() -> TimeDelta {
    TimeDelta::from_std(Stage::ParseMember.settings().lease()).unwrap_or(TimeDelta::MAX)
}
