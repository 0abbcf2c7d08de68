//! After a drain of incidents the self-hosted process asks where tickets are (specs: tickets 9).

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use drain_changes::{AfterDrain, CaptureHistory, DrainChanges, DrainSettings, HookError};
use geocode_tickets::{ClientError, GeocodeTickets, Passes, Settings, StopReason};
use landfall_domain::{Dataset, chain_text};
use landfall_runtime::Clients;

/// Both passes of the geocoder, after a drain of incidents; nothing after one of requests, which the next covers.
#[derive(Debug)]
pub struct GeocodeAfterDrain {
    geocoder: GeocodeTickets,
}

impl GeocodeAfterDrain {
    /// With this geocoder; none where there is no key for it.
    ///
    /// # Errors
    /// Its address does not read.
    pub fn configured(clients: &Clients, settings: Settings) -> Result<Option<Self>, ClientError> {
        if settings.key.is_none() {
            return Ok(None);
        }
        let geocoder = GeocodeTickets::new(clients.store.clone(), Arc::clone(&clients.clock), settings)?;
        Ok(Some(Self { geocoder }))
    }
}

/// The drain of change files with what comes after it: places are asked for, then history is captured.
pub fn drain_of(
    clients: &Clients,
    settings: DrainSettings,
    geocode: Option<GeocodeAfterDrain>,
) -> DrainChanges {
    let mut drain = DrainChanges::new(clients.clone(), settings);
    if let Some(geocode) = geocode {
        drain = drain.then(Arc::new(geocode));
    }
    drain.then(Arc::new(CaptureHistory::new(clients.store.clone())))
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
