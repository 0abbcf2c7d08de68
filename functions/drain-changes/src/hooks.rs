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

/// Why a hook failed.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct HookError {
    /// The code of the alert: `hook_failed`, where it has none of its own.
    pub code: &'static str,
    /// For people.
    pub text: String,
}

impl HookError {
    /// A failure without a code of its own.
    pub fn new(text: impl Into<String>) -> Self {
        Self { code: "hook_failed", text: text.into() }
    }
}

impl From<StoreError> for HookError {
    fn from(error: StoreError) -> Self {
        Self::new(landfall_domain::chain_text(&error))
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
        // One statement: a transaction of its own.
        let mut conn = self.store.pool().acquire().await.map_err(StoreError::from)?;
        Ok(tickets::capture_history(&mut conn, dataset, now).await?)
    }
}
