//! Settings of a drain.

use std::time::Duration;

use chrono::TimeDelta;
use landfall_domain::Dataset;
use landfall_runtime::{ConfigError, Env};

const DRAIN_SECONDS: u32 = 720;

/// How a drain works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrainSettings {
    /// The bucket in which change files land.
    pub bucket: String,
    /// A file younger than this waits: one with an earlier name may still be on its way.
    pub settle: TimeDelta,
    /// A run begins no further file after so long.
    pub time: Duration,
    /// Nor after so many.
    pub files: usize,
}

impl DrainSettings {
    /// The defaults, for this bucket.
    pub fn of(bucket: impl Into<String>) -> Self {
        Self {
            bucket: bucket.into(),
            settle: TimeDelta::seconds(Dataset::SETTLE_SECONDS.into()),
            time: Duration::from_secs(DRAIN_SECONDS.into()),
            files: 500,
        }
    }

    /// What the environment says.
    ///
    /// # Errors
    /// A variable does not read.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let defaults = Self::of(env.get("LANDFALL_BUCKET").unwrap_or("landing"));
        let settle = env.parsed("LANDFALL_TICKETS_SETTLE_SECONDS", Dataset::SETTLE_SECONDS)?;
        let time = env.parsed("LANDFALL_TICKETS_DRAIN_SECONDS", DRAIN_SECONDS)?;
        let files = env.parsed("LANDFALL_TICKETS_DRAIN_FILES", defaults.files)?;
        Ok(Self {
            settle: TimeDelta::seconds(settle.into()),
            time: Duration::from_secs(time.into()),
            files,
            ..defaults
        })
    }
}
