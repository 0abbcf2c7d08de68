//! The outcome of a planning pass.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use landfall_archive::{ChainPath, Warning, WarningCode};
use serde::{Deserialize, Serialize};

use super::{PluginRef, WarningLog};
use crate::capture_time::Window;

/// A whole target file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetFile {
    /// Where it stands.
    pub chain: ChainPath,
    /// CRC-32 of its content (IEEE polynomial).
    pub crc32: u32,
    /// The plugins that want it, by rising priority.
    pub plugins: Vec<PluginRef>,
    /// The first valid time stamp of its first 20 lines.
    pub log_time: Option<DateTime<Utc>>,
    /// Its place in the order of the walk, counted over all files from 0.
    pub order: u64,
}

impl TargetFile {
    /// Size in bytes, as its tar header says.
    pub fn size(&self) -> u64 {
        self.chain.steps.last().map_or(0, |step| step.size)
    }

    /// Whether a plugin wants it.
    pub fn is_for(&self, plugin: &str) -> bool {
        self.plugins.iter().any(|wanted| wanted.as_str() == plugin)
    }
}

/// How much a pass met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Files of all kinds, archives not counted.
    pub files: u64,
    /// Whole target files, each chain path once.
    pub target_files: u64,
    /// Target files that were lost to damage.
    pub broken_targets: u64,
    /// Target files that a later one of the same chain path replaced.
    pub replaced_targets: u64,
}

/// What is known of an archive after the pass.
#[derive(Debug, Clone)]
pub struct Contents {
    pub(super) window: Window,
    pub(super) files: BTreeMap<String, TargetFile>,
    pub(super) warnings: WarningLog<WarningCode, Warning>,
    pub(super) counts: Counts,
}

impl Contents {
    /// Which capture times are believed; tells the upload time.
    pub fn window(&self) -> Window {
        self.window
    }

    /// The whole target files by chain path in byte order. The key is the chain path without the outer name.
    pub fn files(&self) -> &BTreeMap<String, TargetFile> {
        &self.files
    }

    /// The warnings of the walk.
    pub fn warnings(&self) -> &WarningLog<WarningCode, Warning> {
        &self.warnings
    }

    /// How much the pass met.
    pub fn counts(&self) -> Counts {
        Counts { target_files: u64::try_from(self.files.len()).unwrap_or(u64::MAX), ..self.counts }
    }
}
