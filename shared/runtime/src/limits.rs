//! The limits of a walk over an archive, as the environment states them: the same for planning and for reading.

use landfall_archive::Limits;

use crate::{ConfigError, Env};

/// The limits that the environment states over the defaults.
pub fn walk_limits(env: &Env) -> Result<Limits, ConfigError> {
    let default = Limits::default();
    Ok(Limits {
        max_depth: env.parsed("LANDFALL_MAX_DEPTH", default.max_depth)?,
        entries: env.parsed("LANDFALL_MAX_ENTRIES", default.entries)?,
        total_bytes: env.parsed("LANDFALL_MAX_TOTAL_BYTES", default.total_bytes)?,
        ratio: env.parsed("LANDFALL_MAX_RATIO", default.ratio)?,
        ..default
    })
}
