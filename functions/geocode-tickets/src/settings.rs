//! Which geocoder, and how much of it.

use std::time::Duration;

use landfall_runtime::{ConfigError, Env, Secret};

/// The geocoder where none is named: LocationIQ, in the United States.
const BASE_URL: &str = "https://us1.locationiq.com";

/// How to reach the geocoder, and how often.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `https://host`, before `/v1/search`.
    pub base_url: String,
    /// The account's key; none: nothing is asked.
    pub key: Option<Secret>,
    /// Countries that are searched, as two-letter codes with commas between them.
    pub countries: String,
    /// Requests of one run, retries too.
    pub run_budget: u32,
    /// Requests of one UTC day, by all runs, retries too.
    pub day_budget: u32,
    /// From one request to the next at least.
    pub interval: Duration,
    /// For one answer.
    pub timeout: Duration,
    /// Of a run, after which it asks no more.
    pub time_limit: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_url: BASE_URL.to_owned(),
            key: None,
            countries: "ke".to_owned(),
            run_budget: 200,
            day_budget: 4_500,
            interval: Duration::from_secs(1),
            timeout: Duration::from_secs(10),
            time_limit: Duration::from_mins(10),
        }
    }
}

impl Settings {
    /// The settings of the environment.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let standard = Self::default();
        let interval = env.parsed("LANDFALL_GEOCODER_INTERVAL_MS", Milliseconds(standard.interval))?;
        let timeout = env.parsed("LANDFALL_GEOCODER_TIMEOUT_MS", Milliseconds(standard.timeout))?;
        let time_limit = env.parsed("LANDFALL_GEOCODER_RUN_MS", Milliseconds(standard.time_limit))?;
        Ok(Self {
            base_url: env.get("LANDFALL_GEOCODER_URL").map_or(standard.base_url, str::to_owned),
            key: env.get("LANDFALL_GEOCODER_KEY").map(Secret::new),
            countries: env.get("LANDFALL_GEOCODER_COUNTRIES").map_or(standard.countries, str::to_owned),
            run_budget: env.parsed("LANDFALL_GEOCODER_RUN_BUDGET", standard.run_budget)?,
            day_budget: env.parsed("LANDFALL_GEOCODER_DAY_BUDGET", standard.day_budget)?,
            interval: interval.0,
            timeout: timeout.0,
            time_limit: time_limit.0,
        })
    }
}

/// A time in milliseconds, as variables have it.
struct Milliseconds(Duration);

impl std::str::FromStr for Milliseconds {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(Duration::from_millis(text.parse()?)))
    }
}
