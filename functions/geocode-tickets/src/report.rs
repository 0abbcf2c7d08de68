//! What a run did.

use serde::Serialize;

/// How a run ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It did what it could.
    #[default]
    Done,
    /// No key is configured: nothing was asked.
    NotConfigured,
    /// Another run is at it: nothing was asked.
    SkippedLocked,
}

/// Why a run asked no more, although places were waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The requests of a run are used up.
    RunBudget,
    /// The requests of the day are used up, by our own count.
    DayBudget,
    /// The geocoder says that the day's requests are used up.
    DayLimit,
    /// The geocoder said three times in a row that requests come too fast.
    TooFast,
    /// The geocoder refuses the key (401, 403).
    Refused,
    /// Several queries in a row got no answer.
    Down,
    /// The time of the run is used up.
    TimeLimit,
    /// Another run took over.
    LeaseLost,
}

impl StopReason {
    /// Whether an operator should know.
    pub const fn is_fault(self) -> bool {
        match self {
            Self::DayLimit | Self::TooFast | Self::Refused | Self::Down => true,
            Self::RunBudget | Self::DayBudget | Self::TimeLimit | Self::LeaseLost => false,
        }
    }
}

/// What one pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct PassReport {
    /// Requests, retries too.
    pub requests: u32,
    /// Points that are believed.
    pub ok: u32,
    /// Names that the geocoder does not know.
    pub not_found: u32,
    /// Points too far from where they should be.
    pub rejected_far: u32,
    /// Queries without an answer that can be used.
    pub errors: u32,
    /// Places for which nothing is known to judge an answer by: they are not asked for.
    pub no_anchor: u64,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How it ended.
    pub status: Status,
    /// The areas.
    pub clusters: PassReport,
    /// The places.
    pub locations: PassReport,
    /// Why it asked no more, although places were waiting.
    pub stopped: Option<StopReason>,
    /// Tickets that have another point now.
    pub resolved: i64,
}

impl Report {
    /// Requests of both passes, retries too.
    pub fn requests(&self) -> u32 {
        self.clusters.requests.saturating_add(self.locations.requests)
    }

    /// Whether the geocoder did not do what it should: the run that this was part of is degraded.
    pub fn is_degraded(&self) -> bool {
        let errors = self.clusters.errors.saturating_add(self.locations.errors);
        errors > 0 || self.stopped.is_some_and(StopReason::is_fault)
    }
}
