//! Settings of a drain.

use std::time::Duration;

use chrono::TimeDelta;
use landfall_runtime::{ConfigError, Env};

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
            settle: TimeDelta::seconds(120),
            time: Duration::from_mins(12),
            files: 500,
        }
    }

    /// What the environment says.
    ///
    /// # Errors
    /// A variable does not read.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let defaults = Self::of(env.get("LANDFALL_BUCKET").unwrap_or("landing"));
        let settle = env.parsed("LANDFALL_TICKETS_SETTLE_SECONDS", 120_u32)?;
        let time = env.parsed("LANDFALL_TICKETS_DRAIN_SECONDS", 720_u32)?;
        let files = env.parsed("LANDFALL_TICKETS_DRAIN_FILES", defaults.files)?;
        Ok(Self {
            settle: TimeDelta::seconds(i64::from(settle)),
            time: Duration::from_secs(u64::from(time)),
            files,
            ..defaults
        })
    }
}
