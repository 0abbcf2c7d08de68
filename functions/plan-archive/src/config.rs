//! How archives are planned and uploads judged.

use chrono::TimeDelta;
use landfall_archive::Limits;
use landfall_dumps::chain::ActiveFilter;
use landfall_dumps::plan::PlanOptions;
use landfall_runtime::{ConfigError, Env, walk_limits};

/// Seconds that an upload without a needed field waits for its sidecar (specs: dumps 6.1).
const SIDECAR_WAIT: u32 = 60;

/// The rules of one deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Whether uploads may name customers that are not stored yet; else they are rejected.
    pub auto_create_customer: bool,
    /// How long an upload without a needed field waits for its sidecar.
    pub sidecar_wait: TimeDelta,
    /// How chains are chosen and what is too large to be read.
    pub options: PlanOptions,
    /// What a walk refuses to exceed.
    pub limits: Limits,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            auto_create_customer: false,
            sidecar_wait: TimeDelta::seconds(SIDECAR_WAIT.into()),
            options: PlanOptions::default(),
            limits: Limits::default(),
        }
    }
}

impl Rules {
    /// The rules that the environment states.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let wait: u32 = env.parsed("LANDFALL_SIDECAR_WAIT_SECONDS", SIDECAR_WAIT)?;
        let mut rules = Self {
            auto_create_customer: env.parsed("LANDFALL_AUTO_CREATE_CUSTOMER", false)?,
            sidecar_wait: TimeDelta::seconds(i64::from(wait)),
            limits: walk_limits(env)?,
            ..Self::default()
        };
        let active_only = env.parsed("LANDFALL_ACTIVE_ONLY", false)?;
        let fallback = env.parsed("LANDFALL_ACTIVE_ONLY_FALLBACK", true)?;
        rules.options.active = ActiveFilter::from_options(active_only, fallback);
        rules.options.spool_limit = env.parsed("LANDFALL_SPOOL_LIMIT_BYTES", rules.options.spool_limit)?;
        Ok(rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_for_a_sidecar_is_a_minute_unless_the_environment_says_otherwise() {
        let wait = |env: &Env| Rules::from_env(env).map(|rules| rules.sidecar_wait.num_seconds());
        assert_eq!(wait(&Env::default()), Ok(60));
        assert_eq!(wait(&Env::of([("LANDFALL_SIDECAR_WAIT_SECONDS", "5")])), Ok(5));
        let error = wait(&Env::of([("LANDFALL_SIDECAR_WAIT_SECONDS", "-1")])).unwrap_err();
        assert!(error.to_string().contains("LANDFALL_SIDECAR_WAIT_SECONDS"), "{error}");
    }
}
