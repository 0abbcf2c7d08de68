//! The change files among the samples: when they were made, which were moved, and their drain.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use drain_changes::{DrainChanges, DrainReport, DrainSettings, DrainStatus, Order};
use geocode_tickets::Settings;
use landfall_domain::{ChangeKey, Dataset};
use landfall_local::platform::{GeocodeAfterDrain, Platform, drain_of};
use landfall_local::sample::{SampleGeocoder, last_export, last_of};
use landfall_runtime::{Deadline, Secret};
use landfall_store::tickets;

use crate::{Console, Exit, Failure};

/// How often a lease that is held is asked for again.
const LOOK: Duration = Duration::from_millis(50);

/// The change files that earlier runs have put.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    /// Versions by the key under which they landed, of those that were applied.
    applied: BTreeMap<String, String>,
    /// Names below `changes/` and `processed/`, as keys of `changes/`.
    named: BTreeSet<String>,
}

impl Earlier {
    /// Asks bucket and ledger.
    pub async fn of(platform: &Platform) -> Result<Self, Failure> {
        let mut earlier = Self::default();
        for dataset in Dataset::ALL {
            for prefix in [dataset.changes_prefix(), dataset.processed_prefix()] {
                let mut pages = platform.clients().objects.list(platform.bucket(), prefix, None);
                while let Some(page) = pages.next().await? {
                    let names = page.iter().filter_map(|listed| listed.key.strip_prefix(prefix));
                    earlier.named.extend(names.map(|name| format!("{}{name}", dataset.changes_prefix())));
                }
            }
            let keys: Vec<String> = earlier.named.iter().cloned().collect();
            let pool = platform.clients().store.pool();
            let files = tickets::files_of_keys(pool, dataset, &keys).await?;
            let applied = files.into_iter().filter(|file| file.status.is_applied());
            earlier.applied.extend(applied.map(|file| (file.source_key, file.version)));
        }
        Ok(earlier)
    }

    /// When the last sample file was made: as earlier runs have it, or just now.
    pub fn made(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let mut files = self.named.iter().filter_map(|key| ChangeKey::parse(key));
        let first = files.find(|file| file.dataset() == Dataset::Inc);
        first.map_or_else(|| last_export(now), |file| last_of(file.at()))
    }

    /// The version of a file that was applied.
    pub fn applied(&self, key: &str) -> Option<&str> {
        self.applied.get(key).map(String::as_str)
    }
}

/// Drains both datasets, requests first: the geocoder, which follows the drain of incidents, then knows all places.
pub(super) async fn drain(
    platform: &Platform,
    limit: Duration,
    console: &Console,
) -> Result<Vec<DrainReport>, Failure> {
    let geocoder = SampleGeocoder::start().await.map_err(|error| {
        Failure::of(Exit::Unexpected, error).while_doing("the sample geocoder does not start")
    })?;
    let settings = Settings {
        base_url: geocoder.url(),
        key: Some(Secret::new("sample")),
        interval: Duration::ZERO,
        ..Settings::default()
    };
    let clients = platform.clients();
    let geocode = GeocodeAfterDrain::configured(clients, settings).map_err(|error| {
        Failure::of(Exit::Unexpected, error).while_doing("the sample geocoder cannot be used")
    })?;
    // All samples are there: nothing has to settle.
    let files = DrainSettings { settle: TimeDelta::zero(), ..DrainSettings::of(platform.bucket()) };
    let drain = drain_of(clients, files, geocode);
    let mut reports = Vec::new();
    for dataset in [Dataset::Crq, Dataset::Inc] {
        console.say(format_args!("draining the change files of {dataset}"));
        reports.push(drain_once(&drain, dataset, limit).await?);
    }
    Ok(reports)
}

/// The platform drains by the clock, too: its run ends soon, or does the work.
async fn drain_once(drain: &DrainChanges, dataset: Dataset, limit: Duration) -> Result<DrainReport, Failure> {
    let until = Instant::now().checked_add(limit);
    loop {
        let run = drain.run(&Order::of(dataset), Deadline::within(limit)).await;
        let report = run.map_err(|error| {
            Failure::of(Exit::Unexpected, error).while_doing(format!("the drain of {dataset} failed"))
        })?;
        if report.status != DrainStatus::SkippedLocked || until.is_some_and(|until| Instant::now() >= until) {
            return Ok(report);
        }
        tokio::time::sleep(LOOK).await;
    }
}
