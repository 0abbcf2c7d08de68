//! How archives are planned and uploads judged.

use landfall_archive::Limits;
use landfall_dumps::chain::ActiveFilter;
use landfall_dumps::plan::PlanOptions;
use landfall_runtime::{ConfigError, Env, walk_limits};

/// The rules of one deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Whether uploads may name customers that are not stored yet; else they are rejected.
    pub auto_create_customer: bool,
    /// How chains are chosen and what is too large to be read.
    pub options: PlanOptions,
    /// What a walk refuses to exceed.
    pub limits: Limits,
}

impl Rules {
    /// The rules that the environment states.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut rules = Self {
            auto_create_customer: env.parsed("LANDFALL_AUTO_CREATE_CUSTOMER", false)?,
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
