//! The plan, as stored with a load.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use chrono::{DateTime, Utc};
use landfall_archive::ChainPath;
use landfall_domain::PlanId;
use serde::{Deserialize, Serialize};

use super::{OuterEnd, PlanOptions, PlanWarning, PlanWarningCode};
use crate::capture_time::CaptureStamp;
use crate::catalogue::{PluginRef, WarningLog};
use crate::names::{Place, PlanNe};

/// What is to be parsed of one archive. Equal inputs give equal plans, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Names the plan.
    pub plan_id: PlanId,
    /// The object's file name.
    pub outer: String,
    /// How it was planned.
    pub options: PlanOptions,
    /// When the dump was captured.
    #[serde(flatten)]
    pub capture: CaptureStamp,
    /// How the walk over the outer object ended.
    pub outer_end: OuterEnd,
    /// The sidecar whose values counted, if there was one: noted by whoever read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sidecar: Option<PlannedSidecar>,
    /// The network elements, in byte order of their names; never empty.
    pub nes: Vec<PlannedNe>,
    /// What an operator should know.
    pub warnings: WarningLog<PlanWarningCode, PlanWarning>,
    /// How much there is.
    pub totals: Totals,
}

/// The sidecar of an upload, as it was read (specs: dumps 6.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedSidecar {
    /// Its key.
    pub key: String,
    /// Which version of the key.
    pub version: String,
    /// When the store says it was written.
    pub last_modified: DateTime<Utc>,
    /// Its values by field, as they stand there.
    pub values: BTreeMap<String, String>,
}

/// One network element of a plan: the unit of parse work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedNe {
    /// Its name, one per plan.
    pub ne: PlanNe,
    /// The container its files are taken from.
    pub chain: Place,
    /// Containers that serve plugins which find nothing in the chain, best first.
    pub extra_chains: Vec<Place>,
    /// The leftmost address of the chain paths: of node's first file, or of the first plugin that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_ip: Option<Ipv4Addr>,
    /// One entry per registered plugin, by rising priority: its ledger row.
    pub plugins: Vec<PlannedPlugin>,
}

impl PlannedNe {
    /// All files that are to be read, each once: the order in which a resume recipe counts them.
    pub fn files(&self) -> Vec<&PlannedFile> {
        let mut seen = BTreeSet::new();
        let open = self.plugins.iter().filter(|plugin| plugin.birth == Birth::Open);
        open.flat_map(|plugin| &plugin.files).filter(|file| seen.insert(&file.chain)).collect()
    }
}

/// One plugin of one network element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedPlugin {
    /// The plugin.
    pub plugin: PluginRef,
    /// Version of its rules at planning time.
    pub version: u32,
    /// Its place in the order, lowest first.
    pub priority: u32,
    /// How its ledger row is born.
    pub birth: Birth,
    /// Its files, in byte order of the chain path. To be read only if the row is born open.
    pub files: Vec<PlannedFile>,
}

/// How a ledger row is born (specs: dumps 7.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Birth {
    /// PENDING.
    Open,
    /// DONE with outcome `missing`: no file, or superseded.
    Missing,
    /// FAILED for good with `E_SPOOL_LIMIT`: a file is over the limit, and none is read.
    SpoolLimit {
        /// The first file over the limit, its size and the limit.
        text: String,
    },
}

/// A file to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedFile {
    /// Its chain path from the outer name on; stored as provenance.
    pub chain_path: String,
    /// The same in steps: names, offsets and sizes.
    pub chain: ChainPath,
    /// Size in bytes.
    pub size: u64,
    /// CRC-32 of its content (IEEE polynomial).
    pub crc32: u32,
}

/// How much a plan and its archive hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Files of all kinds in the archive, archives not counted.
    pub files: u64,
    /// Whole target files.
    pub target_files: u64,
    /// Target files that were lost to damage.
    pub broken_targets: u64,
    /// Files to be read, each once.
    pub planned_files: u64,
    /// Bytes of the files to be read, each once.
    pub planned_bytes: u64,
    /// Ledger rows born open.
    pub open_units: u64,
    /// Ledger rows born DONE, `missing`.
    pub missing_units: u64,
    /// Ledger rows born FAILED, `E_SPOOL_LIMIT`.
    pub spool_limit_units: u64,
}

impl Plan {
    /// The names of the network elements, as the guards compare them.
    pub fn ne_names(&self) -> BTreeSet<PlanNe> {
        self.nes.iter().map(|planned| planned.ne.clone()).collect()
    }
}

impl PlannedNe {
    /// The plugins whose rows are born open, by rising priority.
    pub fn open_plugins(&self) -> impl Iterator<Item = &PlannedPlugin> {
        self.plugins.iter().filter(|planned| planned.birth == Birth::Open)
    }
}
