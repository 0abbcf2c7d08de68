//! What comes after the files of a run, also when there were none.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use landfall_domain::Dataset;
use landfall_store::{Store, StoreError, tickets};

/// Something that is done after a run. It never undoes the run: if it fails, the run is `degraded`.
#[async_trait]
pub trait AfterDrain: Send + Sync + std::fmt::Debug {
    /// Its name, in reports and alerts.
    fn name(&self) -> &'static str;

    /// Does it; gives what is told of it.
    async fn run(&self, dataset: Dataset, now: DateTime<Utc>) -> Result<serde_json::Value, HookError>;
}

/// Why a hook failed, for people.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct HookError(pub String);

impl From<StoreError> for HookError {
    fn from(error: StoreError) -> Self {
        Self(landfall_domain::chain_text(&error))
    }
}

/// Captures closures and the snapshot of the day (specs: tickets 7).
#[derive(Debug, Clone)]
pub struct CaptureHistory {
    store: Store,
}

impl CaptureHistory {
    /// Into this database.
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

#[async_trait]
impl AfterDrain for CaptureHistory {
    fn name(&self) -> &'static str {
        "capture_history"
    }

    async fn run(&self, dataset: Dataset, now: DateTime<Utc>) -> Result<serde_json::Value, HookError> {
        let mut tx = self.store.begin().await?;
        let captured = tickets::capture_history(&mut tx, dataset, now).await?;
        tx.commit().await.map_err(StoreError::from)?;
        Ok(captured)
    }
}
