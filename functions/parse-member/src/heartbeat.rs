//! Leases are renewed while their rows are worked on.

use chrono::TimeDelta;
use landfall_domain::{LoadId, Stage};
use landfall_runtime::Clients;
use landfall_store::dump;
use tokio::task::JoinHandle;

/// Renews the leases on a network element until it is dropped.
#[derive(Debug)]
pub(crate) struct Heartbeat(JoinHandle<()>);

impl Heartbeat {
    pub(crate) fn start(clients: Clients, load_id: LoadId, ne: String, owner: String) -> Self {
        let settings = Stage::ParseMember.settings();
        let (every, lease) = (settings.heartbeat(), lease_length());
        Self(tokio::spawn(async move {
            loop {
                tokio::time::sleep(every).await;
                let now = clients.clock.now();
                let until = now.checked_add_signed(lease).unwrap_or(now);
                let renewed = dump::renew_leases(clients.store.pool(), (load_id, &ne), &owner, until).await;
                if let Err(error) = renewed {
                    tracing::warn!(error = &error as &dyn std::error::Error, "lease could not be renewed");
                }
            }
        }))
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// How long a claimed row is held without a heartbeat.
pub(crate) fn lease_length() -> TimeDelta {
    TimeDelta::from_std(Stage::ParseMember.settings().lease()).unwrap_or(TimeDelta::MAX)
}
