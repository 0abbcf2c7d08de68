//! After a drain of incidents the self-hosted process asks where tickets are (specs: tickets 9).

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use drain_changes::{AfterDrain, HookError};
use geocode_tickets::{ClientError, GeocodeTickets, Passes, Settings, StopReason};
use landfall_domain::{Dataset, chain_text};
use landfall_runtime::Clients;

/// Both passes of the geocoder, after a drain of incidents; nothing after one of requests, which the next covers.
#[derive(Debug)]
pub struct GeocodeAfterDrain {
    geocoder: GeocodeTickets,
}

impl GeocodeAfterDrain {
    /// With this geocoder.
    ///
    /// # Errors
    /// Its address does not read.
    pub fn new(clients: &Clients, settings: Settings) -> Result<Self, ClientError> {
        let geocoder = GeocodeTickets::new(clients.store.clone(), Arc::clone(&clients.clock), settings)?;
        Ok(Self { geocoder })
    }
}

#[async_trait]
impl AfterDrain for GeocodeAfterDrain {
    fn name(&self) -> &'static str {
        "geocode"
    }

    async fn run(&self, dataset: Dataset, now: DateTime<Utc>) -> Result<serde_json::Value, HookError> {
        if dataset != Dataset::Inc {
            return Ok(serde_json::Value::Null);
        }
        let report = self.geocoder.run(Passes::BOTH, now).await?;
        let told = serde_json::to_value(&report).map_err(|error| HookError::new(chain_text(&error)))?;
        if !report.is_degraded() {
            return Ok(told);
        }
        let failed = HookError::new(format!("the geocoder fails: {told}"));
        let is_over = report.stopped == Some(StopReason::DayLimit);
        Err(if is_over { HookError { code: "geocode_day_limit", ..failed } } else { failed })
    }
}
