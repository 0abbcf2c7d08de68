//! A ledger row as stored.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use landfall_domain::PlanId;

use super::MAX_ATTEMPTS;
use crate::runner::{Standing, Unit};

/// Where a plugin stands for one network element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LedgerState {
    /// Not begun.
    Pending,
    /// A worker holds it.
    Running,
    /// Its records are stored, or there was nothing to store.
    Done,
    /// The last try failed; final once the tries are used up.
    Failed,
}

/// How a plugin ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LedgerOutcome {
    /// All was read.
    Ok,
    /// Something was dropped or odd.
    Partial,
    /// The file holds no records.
    Empty,
    /// There is no file.
    Missing,
    /// It could not be read.
    Failed,
}

/// A stored word that this release does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} {word:?} in the plugin ledger")]
pub struct RowError {
    what: &'static str,
    word: String,
}

impl fmt::Display for LedgerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Done => "DONE",
            Self::Failed => "FAILED",
        })
    }
}

impl FromStr for LedgerState {
    type Err = RowError;

    fn from_str(word: &str) -> Result<Self, RowError> {
        match word {
            "PENDING" => Ok(Self::Pending),
            "RUNNING" => Ok(Self::Running),
            "DONE" => Ok(Self::Done),
            "FAILED" => Ok(Self::Failed),
            _ => Err(RowError { what: "state", word: word.to_owned() }),
        }
    }
}

impl fmt::Display for LedgerOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "ok",
            Self::Partial => "partial",
            Self::Empty => "empty",
            Self::Missing => "missing",
            Self::Failed => "failed",
        })
    }
}

impl FromStr for LedgerOutcome {
    type Err = RowError;

    fn from_str(word: &str) -> Result<Self, RowError> {
        match word {
            "ok" => Ok(Self::Ok),
            "partial" => Ok(Self::Partial),
            "empty" => Ok(Self::Empty),
            "missing" => Ok(Self::Missing),
            "failed" => Ok(Self::Failed),
            _ => Err(RowError { what: "outcome", word: word.to_owned() }),
        }
    }
}

/// One row of the plugin ledger, for one network element of one load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// The plugin.
    pub plugin: String,
    /// Its place in the order, lowest first.
    pub priority: i32,
    /// The plan that the row belongs to; messages of another plan are stale.
    pub plan_id: PlanId,
    /// Version of the plugin's rules.
    pub plugin_version: i32,
    /// Where it stands.
    pub state: LedgerState,
    /// How it ended.
    pub outcome: Option<LedgerOutcome>,
    /// Tries so far, at most [`MAX_ATTEMPTS`].
    pub attempts: i32,
    /// Who holds it.
    pub lease_owner: Option<String>,
    /// Until when.
    pub lease_until: Option<DateTime<Utc>>,
    /// Not to be tried before this.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Records stored.
    pub record_count: i64,
    /// Warnings found, stored or not.
    pub warning_count: i64,
    /// Code of the last error.
    pub error_code: Option<String>,
    /// Text of the last error.
    pub error_text: Option<String>,
    /// When the last try began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

impl LedgerRow {
    /// Whether it moves no further by itself.
    pub fn is_final(&self) -> bool {
        match self.state {
            LedgerState::Done => true,
            LedgerState::Failed => self.attempts >= MAX_ATTEMPTS,
            LedgerState::Pending | LedgerState::Running => false,
        }
    }

    /// Whether it failed and will not be tried again.
    pub fn failed_for_good(&self) -> bool {
        self.state == LedgerState::Failed && self.is_final()
    }

    /// What it means for the order, for a message of `plan_id` at this time.
    pub(super) fn standing(&self, plan_id: PlanId, now: DateTime<Utc>) -> Standing {
        let ours = self.plan_id == plan_id;
        let due = self.next_attempt_at.is_none_or(|at| at <= now);
        match self.state {
            LedgerState::Done => Standing::Done,
            LedgerState::Failed if self.is_final() => Standing::Lost,
            LedgerState::Pending | LedgerState::Failed if ours && due => Standing::Free,
            LedgerState::Pending | LedgerState::Failed => Standing::Waiting,
            LedgerState::Running => {
                let expired = self.lease_until.is_none_or(|until| until <= now);
                Standing::Held { lapsed: ours && expired && self.attempts < MAX_ATTEMPTS }
            }
        }
    }

    /// The row as the order of plugins sees it.
    pub(super) fn unit<'a>(&'a self, requires: &'a [&'a str], standing: Standing) -> Unit<'a> {
        Unit { plugin: &self.plugin, priority: i64::from(self.priority), requires, standing }
    }
}
