//! One run: areas, places, and the points of tickets.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::Clock;
use landfall_store::{Store, StoreError, lease, tickets::geo};
use landfall_tickets::geo::ClusterNames;
use uuid::Uuid;

use crate::asking::LEASE;
use crate::pace::Pace;
use crate::{ClientError, GeocoderClient, Pause, Report, Settings, Sleep, Status};

/// The lease of whoever asks: the account's rate is one for all.
pub(crate) const LEASE_NAME: &str = "tickets/geocode";

/// Which passes a run makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passes {
    /// Areas.
    pub clusters: bool,
    /// Places within them.
    pub locations: bool,
}

impl Passes {
    /// Both, as after each drain.
    pub const BOTH: Self = Self { clusters: true, locations: true };
}

/// Finds out where tickets are.
#[derive(Debug)]
pub struct GeocodeTickets {
    store: Store,
    clock: Arc<dyn Clock>,
    pause: Arc<dyn Pause>,
    settings: Settings,
    client: Option<GeocoderClient>,
}

/// What a run holds.
pub(crate) struct Run<'a> {
    pub(crate) store: &'a Store,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) settings: &'a Settings,
    pub(crate) client: &'a GeocoderClient,
    pub(crate) pace: Pace,
    /// By which what is kept counts as fresh.
    pub(crate) now: DateTime<Utc>,
    /// When no more is asked.
    pub(crate) until: DateTime<Utc>,
    pub(crate) names: ClusterNames,
    pub(crate) requests_left: u32,
    pub(crate) failed_in_a_row: u32,
    pub(crate) owner: String,
    pub(crate) leased_at: DateTime<Utc>,
}

impl GeocodeTickets {
    /// Over this database and clock. Without a key it asks nothing, and still brings tickets to what is known.
    ///
    /// # Errors
    /// The URL of the geocoder does not read, or there are no root certificates.
    pub fn new(store: Store, clock: Arc<dyn Clock>, settings: Settings) -> Result<Self, ClientError> {
        let client = settings.key.as_ref().map(|key| GeocoderClient::new(&settings, key)).transpose()?;
        Ok(Self { store, clock, pause: Arc::new(Sleep), settings, client })
    }

    /// The same, with waits that go with another clock.
    pub fn pausing_by(self, pause: Arc<dyn Pause>) -> Self {
        Self { pause, ..self }
    }

    /// Makes the passes, then gives tickets the points that are known. What is kept counts as fresh by `now`; pace,
    /// day and time limit go by the clock.
    ///
    /// # Errors
    /// The database. A geocoder that does not answer is none: the report tells of it.
    pub async fn run(&self, passes: Passes, now: DateTime<Utc>) -> Result<Report, StoreError> {
        let mut report = Report::default();
        match &self.client {
            None => report.status = Status::NotConfigured,
            Some(client) => {
                let owner = Uuid::new_v4().to_string();
                let leased_at = self.clock.now();
                if lease::acquire(self.store.pool(), LEASE_NAME, &owner, leased_at, LEASE).await? {
                    let passed = self.pass(client, passes, (now, &owner), &mut report).await;
                    lease::release(self.store.pool(), LEASE_NAME, &owner).await?;
                    passed?;
                } else {
                    report.status = Status::SkippedLocked;
                }
            }
        }
        report.resolved = geo::resolve(self.store.pool()).await?;
        Ok(report)
    }

    async fn pass(
        &self,
        client: &GeocoderClient,
        passes: Passes,
        (now, owner): (DateTime<Utc>, &str),
        report: &mut Report,
    ) -> Result<(), StoreError> {
        let started = self.clock.now();
        let limit = TimeDelta::from_std(self.settings.time_limit).unwrap_or(TimeDelta::MAX);
        let aliases = geo::cluster_aliases(self.store.pool()).await?;
        let mut run = Run {
            store: &self.store,
            clock: self.clock.as_ref(),
            settings: &self.settings,
            client,
            pace: Pace::new(self.clock.clone(), self.pause.clone(), self.settings.interval),
            now,
            until: started.checked_add_signed(limit).unwrap_or(DateTime::<Utc>::MAX_UTC),
            names: ClusterNames::new(aliases.iter().map(|(code, name)| (code.as_str(), name.as_str()))),
            requests_left: self.settings.run_budget,
            failed_in_a_row: 0,
            owner: owner.to_owned(),
            leased_at: started,
        };
        if passes.clusters {
            report.stopped = run.pass_clusters(&mut report.clusters).await?;
        }
        if passes.locations && report.stopped.is_none() {
            report.stopped = run.pass_locations(&mut report.locations).await?;
        }
        Ok(())
    }
}
