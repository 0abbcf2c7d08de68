//! The lease on a dataset: of several drains one works.

use landfall_domain::{Dataset, Stage};
use landfall_runtime::Clients;
use landfall_store::{StoreError, lease};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// A lease that is renewed until the run ends. Whether it is still ours is asked in each commit: a process that was
/// frozen does not know.
#[derive(Debug)]
pub(crate) struct Lease {
    held: Option<Held>,
    beat: JoinHandle<()>,
}

#[derive(Debug, Clone)]
struct Held {
    clients: Clients,
    dataset: Dataset,
    run: Uuid,
}

impl Held {
    async fn acquire(&self) -> Result<bool, StoreError> {
        let (now, length) = (self.clients.clock.now(), Stage::DrainChanges.settings().lease());
        let name = self.dataset.lease();
        lease::acquire(self.clients.store.pool(), name, &self.run.to_string(), now, length).await
    }

    async fn release(&self) {
        let name = self.dataset.lease();
        if let Err(error) = lease::release(self.clients.store.pool(), name, &self.run.to_string()).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the lease could not be given up");
        }
    }
}

impl Lease {
    /// Takes the lease for a run; none if another run holds it.
    pub(crate) async fn take(
        clients: &Clients,
        dataset: Dataset,
        run: Uuid,
    ) -> Result<Option<Self>, StoreError> {
        let held = Held { clients: clients.clone(), dataset, run };
        if !held.acquire().await? {
            return Ok(None);
        }
        let renewed = held.clone();
        let beat = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Stage::DrainChanges.settings().heartbeat()).await;
                if let Err(error) = renewed.acquire().await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "the lease could not be renewed"
                    );
                }
            }
        });
        Ok(Some(Self { held: Some(held), beat }))
    }

    /// The run ended: another may begin at once.
    pub(crate) async fn release(mut self) {
        self.beat.abort();
        if let Some(held) = self.held.take() {
            held.release().await;
        }
    }
}

impl Drop for Lease {
    /// A run that was dropped in its midst, by a time-out or a panic.
    fn drop(&mut self) {
        self.beat.abort();
        if let (Some(held), Ok(runtime)) = (self.held.take(), Handle::try_current()) {
            runtime.spawn(async move { held.release().await });
        }
    }
}
