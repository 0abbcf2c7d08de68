//! Change files that need not wait for the clock: their landing asks for a drain (specs: tickets 4, 9).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::{Cadence, ChangeKey, Dataset, State};
use landfall_runtime::{ConfigError, Env};
use landfall_store::object::{NewObject, Registered};

const DATASETS: &str = "LANDFALL_TICKETS_DRAIN_ON_EVENT";

/// The switch: for which datasets a landing asks for a drain, and how long files take to settle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrainOnEvent {
    /// Off for all others.
    pub datasets: BTreeSet<Dataset>,
    /// A file is drained no sooner than this after it was written.
    pub settle: TimeDelta,
}

impl Default for DrainOnEvent {
    /// Off: change files wait for the clock.
    fn default() -> Self {
        Self { datasets: BTreeSet::new(), settle: TimeDelta::seconds(Dataset::SETTLE_SECONDS.into()) }
    }
}

impl DrainOnEvent {
    /// What the environment says.
    ///
    /// # Errors
    /// A variable does not read.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let settle = env.parsed("LANDFALL_TICKETS_SETTLE_SECONDS", Dataset::SETTLE_SECONDS)?;
        let datasets = match env.get("LANDFALL_TICKETS_DRAIN_ON_EVENT") {
            Some(names) => datasets(names)?,
            None => BTreeSet::new(),
        };
        Ok(Self { datasets, settle: TimeDelta::seconds(settle.into()) })
    }

    /// The switch as [`DrainOnEvent::from_env`] reads it; nothing where it is off.
    pub fn names(&self) -> String {
        self.datasets.iter().map(|dataset| dataset.name()).collect::<Vec<_>>().join(",")
    }

    /// For each dataset of which files have landed: when the youngest of them has settled. Nothing outside the hours of
    /// drains: there the first one of the next day sees them.
    pub(crate) fn due(
        &self,
        landed: &[NewObject],
        new: &[Registered],
        now: DateTime<Utc>,
    ) -> BTreeMap<Dataset, DateTime<Utc>> {
        let mut due = BTreeMap::new();
        for landed in new.iter().filter_map(|registered| landed.get(registered.index)) {
            let Some(key) = ChangeKey::parse(&landed.landing.key) else { continue };
            if landed.state != State::Waiting || !self.datasets.contains(&key.dataset()) {
                continue;
            }
            // A store whose clock is ahead does not put it off.
            let written = landed.landing.last_modified.unwrap_or(now).min(now);
            let settled = written.checked_add_signed(self.settle).unwrap_or(now).max(now);
            if Cadence::OFFICE_HOURS.spans(settled) {
                let latest = due.entry(key.dataset()).or_insert(settled);
                *latest = settled.max(*latest);
            }
        }
        due
    }
}

fn datasets(names: &str) -> Result<BTreeSet<Dataset>, ConfigError> {
    let read = |name: &str| name.trim().parse::<Dataset>();
    let all: Result<_, _> = names.split(',').map(read).collect();
    all.map_err(|error| ConfigError::Invalid { name: DATASETS, problem: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(names: &str) -> Result<DrainOnEvent, ConfigError> {
        DrainOnEvent::from_env(&Env::of([(DATASETS, names)]))
    }

    #[test]
    fn the_switch_names_datasets_and_is_off_by_default() {
        assert_eq!(DrainOnEvent::from_env(&Env::default()), Ok(DrainOnEvent::default()));
        assert_eq!(read(" "), Ok(DrainOnEvent::default()));
        for names in ["inc", "crq", "inc,crq"] {
            assert_eq!(read(names).unwrap().names(), names);
        }
        assert_eq!(read("crq, inc").unwrap().names(), "inc,crq");
        insta::assert_snapshot!(
            read("inc,all").unwrap_err(),
            @r#"environment variable LANDFALL_TICKETS_DRAIN_ON_EVENT does not read: "all" is no dataset of tickets: inc or crq"#
        );
    }
}
