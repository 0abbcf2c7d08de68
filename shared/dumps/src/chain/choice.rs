//! The choice among the candidates of one network element.

use serde::{Deserialize, Serialize};

use super::Candidate;
use crate::names::Role;

/// Whether only containers of an active controller are taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActiveFilter {
    /// All are taken: `active_only` is false.
    #[default]
    Off,
    /// Only active ones, unless there is none: `active_only` with `active_only_fallback`.
    WithFallback,
    /// Only active ones; a network element without one is dropped: `active_only` alone.
    Strict,
}

impl ActiveFilter {
    /// From the two options of the configuration.
    pub fn from_options(active_only: bool, active_only_fallback: bool) -> Self {
        match (active_only, active_only_fallback) {
            (false, _) => Self::Off,
            (true, true) => Self::WithFallback,
            (true, false) => Self::Strict,
        }
    }
}

/// The chosen candidates of one network element.
#[derive(Debug, Clone)]
pub struct Choice<'a> {
    /// Where files are taken from.
    pub chain: Candidate<'a>,
    /// The rest, best first: they serve plugins that find nothing in the chain.
    pub extra_chains: Vec<Candidate<'a>>,
    /// Whether there was no active candidate and all were taken again (`W_ACTIVE_FALLBACK`).
    pub fell_back: bool,
}

impl<'a> Choice<'a> {
    /// The chain, then the extra chains.
    pub fn all(&self) -> impl Iterator<Item = &Candidate<'a>> + Clone {
        std::iter::once(&self.chain).chain(&self.extra_chains)
    }
}

/// Chooses among the candidates of one network element. None means that the filter leaves nothing
/// (`W_NO_ACTIVE`), or that there was nothing.
pub fn choose(mut candidates: Vec<Candidate<'_>>, filter: ActiveFilter) -> Option<Choice<'_>> {
    let is_active = |candidate: &Candidate<'_>| candidate.place.role == Some(Role::Act);
    let any_active = candidates.iter().any(is_active);
    let fell_back = match filter {
        ActiveFilter::Off => false,
        ActiveFilter::WithFallback if !any_active => true,
        ActiveFilter::WithFallback | ActiveFilter::Strict => {
            candidates.retain(is_active);
            false
        }
    };
    candidates.sort_by(|a, b| a.rank().cmp(&b.rank()));
    let mut ranked = candidates.into_iter();
    Some(Choice { chain: ranked.next()?, extra_chains: ranked.collect(), fell_back })
}
