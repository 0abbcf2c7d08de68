//! What a run did, for logs, people and the row of its dataset.

use chrono::{DateTime, Utc};
use landfall_domain::{Dataset, Sha256Digest};
use landfall_store::tickets::FileStatus;
use landfall_tickets::FileCounts;
use serde::Serialize;

/// How a run ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DrainStatus {
    /// All that was to be done is done.
    #[default]
    Success,
    /// Another run holds the lease: nothing was done.
    SkippedLocked,
    /// Its time or files were used up; the next run goes on.
    Partial,
    /// A file fails; it and those behind it wait for somebody.
    FileFailed,
    /// The files are applied, but something after them failed.
    Degraded,
}

impl DrainStatus {
    /// As stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::SkippedLocked => "skipped_locked",
            Self::Partial => "partial",
            Self::FileFailed => "file_failed",
            Self::Degraded => "degraded",
        }
    }
}

/// A run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DrainReport {
    /// Whose files.
    pub dataset: Dataset,
    /// How it ended.
    pub status: DrainStatus,
    /// Whether this only tells what would happen.
    pub dry_run: bool,
    /// The watermark before.
    pub watermark_before: Option<String>,
    /// And after.
    pub watermark: Option<String>,
    /// What became of the files that were looked at, in their order.
    pub files: Vec<FileReport>,
    /// Keys below the prefix that are no change files.
    pub ignored_keys: Vec<String>,
    /// Files that are too young.
    pub unsettled: usize,
    /// When the youngest of them will have settled.
    pub unsettled_until: Option<DateTime<Utc>>,
    /// Files behind one that fails.
    pub behind_failed: usize,
    /// What came after the files.
    pub hooks: Vec<HookReport>,
}

impl DrainReport {
    pub(crate) fn of(dataset: Dataset, dry_run: bool) -> Self {
        Self {
            dataset,
            status: DrainStatus::Success,
            dry_run,
            watermark_before: None,
            watermark: None,
            files: Vec::new(),
            ignored_keys: Vec::new(),
            unsettled: 0,
            unsettled_until: None,
            behind_failed: 0,
            hooks: Vec::new(),
        }
    }

    /// What is kept of it beside its dataset.
    pub fn counts(&self) -> serde_json::Value {
        let of = |status: FileStatus| (status.as_str().to_owned(), self.count(status).into());
        let mut counts: serde_json::Map<_, _> = FileStatus::ALL.into_iter().map(of).collect();
        counts.insert("ignored_keys".into(), self.ignored_keys.len().into());
        counts.insert("unsettled".into(), self.unsettled.into());
        counts.insert("behind_failed".into(), self.behind_failed.into());
        counts.insert("upserted".into(), self.upserted().into());
        counts.into()
    }

    /// Files with this status.
    pub fn count(&self, status: FileStatus) -> usize {
        self.files.iter().filter(|file| file.status == status).count()
    }

    /// Tickets written.
    pub fn upserted(&self) -> u64 {
        self.files
            .iter()
            .fold(0_u64, |sum, file| sum.saturating_add(file.inserted).saturating_add(file.updated))
    }
}

/// What became of a version of a change file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileReport {
    /// The key.
    pub key: String,
    /// The version.
    pub version: String,
    /// What became of it, or would.
    pub status: FileStatus,
    /// What it held.
    pub counts: FileCounts,
    /// Rows of a ticket that a later row of the file tells of again; not known in a dry run.
    pub deduped: u64,
    /// New tickets.
    pub inserted: u64,
    /// Changed tickets.
    pub updated: u64,
    /// Tickets that a later file has told of already; only of a late file.
    pub outdated: u64,
    /// Digest of its bytes, where they were read.
    pub sha256: Option<Sha256Digest>,
    /// What is wrong with it.
    pub error: Option<String>,
    /// Whether it is in `processed/` now.
    pub moved: bool,
}

impl FileReport {
    pub(crate) fn of(key: &str, version: &str, status: FileStatus) -> Self {
        Self {
            key: key.to_owned(),
            version: version.to_owned(),
            status,
            counts: FileCounts::default(),
            deduped: 0,
            inserted: 0,
            updated: 0,
            outdated: 0,
            sha256: None,
            error: None,
            moved: false,
        }
    }
}

/// What came of a hook.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HookReport {
    /// Its name.
    pub name: &'static str,
    /// What it says it did; none if it failed.
    pub result: Option<serde_json::Value>,
    /// Why it failed.
    pub error: Option<String>,
}
