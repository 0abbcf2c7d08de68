//! What a judgement is made from. The caller reads it under the lock of the network (specs: dumps 7.1).

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::capture_time::CaptureStamp;
use crate::metadata::{CustomerKey, HcId, NetworkKey, Origin, Ticket};
use crate::names::PlanNe;

/// Surrogate key of a stored dump; a newer dump has a higher one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DumpId(pub i64);

impl fmt::Display for DumpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Ties a dump to a ticket, and to a health check if it belongs to one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Link {
    /// The ticket.
    pub ticket: Ticket,
    /// The health check.
    pub hc_id: Option<HcId>,
}

/// Status of a dump: that of its visible load or, before there is one, of its first (specs: dumps 7.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DumpStatus {
    /// Being parsed.
    Running,
    /// All parsed.
    Complete,
    /// Parsed with losses.
    Partial,
    /// Nothing could be parsed. Such a dump is not compared with.
    Failed,
}

/// The upload that is judged, planned and fingerprinted. Stored with a load that is to replace another: it may have
/// to be judged again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// The customer's key, aliases resolved.
    pub customer: CustomerKey,
    /// The network.
    pub network: NetworkKey,
    /// The ticket.
    pub ticket: Ticket,
    /// The health check.
    pub hc_id: Option<HcId>,
    /// What took the dump.
    pub origin: Origin,
    /// When it was captured.
    pub capture: CaptureStamp,
    /// The plan-NEs of the plan.
    pub nes: BTreeSet<PlanNe>,
    /// Whether an existing dump may be replaced.
    pub overwrite: bool,
}

/// A stored dump.
#[derive(Debug, Clone)]
pub struct StoredDump {
    /// Its key.
    pub id: DumpId,
    /// Its network.
    pub network: NetworkKey,
    /// When it was captured.
    pub capture: CaptureStamp,
    /// What took it.
    pub origin: Origin,
    /// Its number among the dumps of the network and UTC day.
    pub snapshot_seq: u32,
    /// Its status.
    pub status: DumpStatus,
    /// Its tickets and health checks.
    pub links: Vec<Link>,
    /// The plan-NEs of its load.
    pub nes: BTreeSet<PlanNe>,
}

impl StoredDump {
    /// Whether a link carries this health check.
    pub(super) fn holds(&self, hc_id: &HcId) -> bool {
        self.links.iter().any(|link| link.hc_id.as_ref() == Some(hc_id))
    }

    /// Whether the dump shares a network element with the upload. One that knows only `UNKNOWN` may hold any.
    pub(super) fn overlaps(&self, upload: &Upload) -> bool {
        let nameless = |nes: &BTreeSet<PlanNe>| nes.iter().all(PlanNe::is_unknown);
        nameless(&self.nes) || nameless(&upload.nes) || !self.nes.is_disjoint(&upload.nes)
    }
}

/// How the object of a load stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OwnerSource {
    /// Still `dispatched`: somebody works on it.
    Dispatched,
    /// `failed`, `quarantined`, `gone` or `superseded`: nobody will work on it again.
    Lost,
    /// Anything else, or no object at all (adopted).
    Settled,
}

/// The dump that owns the upload's SHA-256.
#[derive(Debug, Clone)]
pub struct ShaOwner {
    /// The customer it belongs to.
    pub customer: CustomerKey,
    /// The dump.
    pub dump: StoredDump,
    /// The object of the load that the SHA-256 names.
    pub source: OwnerSource,
    /// Whether that load has rows that are not final or ended `E_SOURCE_CHANGED` or `E_SOURCE_MISSING`.
    pub has_resumable_rows: bool,
}

/// All that a judgement depends on.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The upload.
    pub upload: &'a Upload,
    /// The dump that has the same content, of any customer.
    pub sha_owner: Option<&'a ShaOwner>,
    /// The dumps of the upload's customer and network, in every status; at least those of its UTC day and of
    /// 6 h around it.
    pub dumps: &'a [StoredDump],
    /// The dumps of the upload's customer, in any network, with a link to the upload's health check.
    pub hc_holders: &'a [StoredDump],
}
