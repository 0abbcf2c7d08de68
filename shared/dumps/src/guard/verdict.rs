//! The verdict and how it is found.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::facts::{DumpId, Facts, Link};
use super::{health_check, same_content, time};
use crate::metadata::{HcId, Ticket};

/// What becomes of an upload (specs: dumps 7.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A new dump.
    Create {
        /// Its number among the dumps of the network and UTC day.
        snapshot_seq: u32,
        /// What an operator should know.
        warnings: Vec<GuardWarning>,
    },
    /// Nothing changes: the content is stored already.
    Skip {
        /// The dump that has it.
        dump: DumpId,
    },
    /// The load of a dump goes on, read from the new object.
    Resume {
        /// The dump.
        dump: DumpId,
        /// Which rows are run.
        scope: ResumeScope,
        /// The link to add or change.
        link: Option<LinkChange>,
    },
    /// A link is added or changed; nothing is parsed.
    Link {
        /// The dump.
        dump: DumpId,
        /// The link.
        change: LinkChange,
    },
    /// A dump is replaced (specs: dumps 7.6); it keeps its id and number.
    Overwrite {
        /// The dump.
        dump: DumpId,
        /// The link to add or change.
        link: Option<LinkChange>,
    },
    /// The upload is refused.
    Reject {
        /// Why, as stored.
        code: RejectCode,
        /// Why, for the uploader. Tells nothing of other customers.
        text: String,
    },
}

/// Which rows a RESUME runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResumeScope {
    /// Open rows go on; rows that ended `E_SOURCE_CHANGED` or `E_SOURCE_MISSING` are reset.
    Unfinished,
    /// The whole ledger is reset: the dump is FAILED.
    All,
}

/// A change of the links of a dump. Stored with a load that is to replace another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkChange {
    /// A new link.
    Add(Link),
    /// The link of a ticket gets another health check; from none that is `hc_adopted`.
    SetHc {
        /// The ticket.
        ticket: Ticket,
        /// What the link has.
        from: Option<HcId>,
        /// What it gets.
        to: HcId,
    },
}

/// What an operator should know of a new dump.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardWarning {
    /// A dump of another origin shows the same network on the same day.
    SameDayOtherOrigin {
        /// That dump.
        dump: DumpId,
    },
}

impl GuardWarning {
    /// As stored and shown.
    pub fn code(self) -> &'static str {
        match self {
            Self::SameDayOtherOrigin { .. } => "W_SAME_DAY_OTHER_ORIGIN",
        }
    }
}

impl fmt::Display for GuardWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameDayOtherOrigin { dump } => {
                write!(f, "dump {dump} is of the same day and another origin")
            }
        }
    }
}

/// Why an upload is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RejectCode {
    /// The ticket holds the same content under another health check.
    HcConflict,
    /// The same content is stored for another network of the customer.
    ShaNetworkConflict,
    /// The same content is stored for another customer.
    ShaCustomerConflict,
    /// The health check has a dump of these network elements.
    HcExists,
    /// The health check belongs to another ticket.
    HcTicketConflict,
    /// The health check belongs to another network.
    HcNetworkConflict,
    /// The upload is older than the dump it would replace.
    OlderSnapshot,
    /// A dump of the same origin is less than 6 h apart.
    Within6h,
    /// The dump it would replace belongs to a health check, and the upload does not.
    HcProtected,
}

impl RejectCode {
    /// As stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HcConflict => "hc_conflict",
            Self::ShaNetworkConflict => "sha_network_conflict",
            Self::ShaCustomerConflict => "sha_customer_conflict",
            Self::HcExists => "hc_exists",
            Self::HcTicketConflict => "hc_ticket_conflict",
            Self::HcNetworkConflict => "hc_network_conflict",
            Self::OlderSnapshot => "older_snapshot",
            Self::Within6h => "within_6h",
            Self::HcProtected => "hc_protected",
        }
    }
}

impl fmt::Display for RejectCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The row of the matrices of 7.2 to 7.4 that decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the rows are described in the specification under these names")]
pub enum Row {
    D1,
    D2,
    D3,
    D4,
    D5,
    D6,
    D7,
    D8,
    D9,
    H2,
    H3,
    H5,
    H6,
    T0,
    T1,
    T2,
    T3,
    T4,
    T5,
    T6,
    T7,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A verdict with the row that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What becomes of the upload.
    pub verdict: Verdict,
    /// Why.
    pub row: Row,
}

impl Judgement {
    pub(super) fn new(row: Row, verdict: Verdict) -> Self {
        Self { verdict, row }
    }

    pub(super) fn reject(row: Row, code: RejectCode, text: String) -> Self {
        Self { verdict: Verdict::Reject { code, text }, row }
    }
}

/// Judges an upload: same content first, then the health check, then the time. The first that decides is
/// final.
pub fn judge(facts: Facts<'_>) -> Judgement {
    if let Some(owner) = facts.sha_owner {
        return same_content::judge(facts, owner);
    }
    health_check::judge(facts).unwrap_or_else(|| time::judge(facts))
}
