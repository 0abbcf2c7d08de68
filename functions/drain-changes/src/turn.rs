//! Whose turn it is: what a run does with each version that lies there, told from the watermark and the ledger alone
//! (specs: tickets 4).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use landfall_domain::{ChangeKey, Pin, Sha256Digest};
use landfall_store::tickets::{FileRow, FileStatus};

use crate::listing::{Found, ListedFile, Listing};

/// What a run does, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Turns {
    /// Files at or below the watermark that something is to be done with.
    pub below: Vec<Below>,
    /// Files to apply, oldest first.
    pub candidates: Vec<Candidate>,
    /// A file that failed and lies there unchanged: nothing behind it has its turn.
    pub failed: Option<(ChangeKey, Found)>,
    /// Files too young to be applied, and those behind them.
    pub unsettled: Vec<(ChangeKey, Found)>,
    /// Files behind the one that failed.
    pub behind: Vec<(ChangeKey, Found)>,
}

/// A version at or below the watermark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Below {
    pub key: ChangeKey,
    pub found: Found,
    pub what: Leftover,
}

/// What a version at or below the watermark is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Leftover {
    /// Settled by an earlier run, which did not come to move it; with its digest, if it was read.
    Settled(FileStatus, Option<Sha256Digest>),
    /// Its key was applied, with other bytes or the same: its digest will tell. Digests of what was applied.
    Again(Vec<Sha256Digest>),
    /// Nothing is known of its key.
    Late,
}

/// A version to apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub key: ChangeKey,
    pub found: Found,
    /// Whether it is what the key names: then the watermark moves with it, and it holds up what comes behind.
    pub is_current: bool,
    /// Digests under this key that failed: the same bytes are not parsed again.
    pub failed: Vec<Sha256Digest>,
}

impl Candidate {
    /// What its reads are pinned to. What the key names is read by the key, so that a read tells when other bytes have
    /// come under it; the answer names the version.
    pub(crate) fn pin(&self) -> Pin {
        let version_id = self.found.pin.version_id.clone().filter(|_| !self.is_current);
        Pin { version_id, etag: self.found.pin.etag.clone() }
    }

    /// Its key and version.
    pub(crate) fn place(&self) -> (ChangeKey, Found) {
        (self.key.clone(), self.found.clone())
    }
}

/// The bounds of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds<'a> {
    /// The greatest key that was applied; none to take all.
    pub watermark: Option<&'a str>,
    /// What was written after this is too young.
    pub settled_before: DateTime<Utc>,
}

/// Tells whose turn it is.
pub(crate) fn turns(listing: &Listing, ledger: &[FileRow], bounds: Bounds<'_>) -> Turns {
    let mut known: BTreeMap<&str, Vec<&FileRow>> = BTreeMap::new();
    for row in ledger {
        known.entry(row.source_key.as_str()).or_default().push(row);
    }
    let mut turns = Turns::default();
    for file in &listing.files {
        let rows = known.get(file.key.as_str()).map(Vec::as_slice).unwrap_or_default();
        if bounds.watermark.is_some_and(|mark| file.key.as_str() <= mark) {
            turns.below.extend(file.versions.iter().filter_map(|found| below(file, found, rows)));
        } else {
            turns.above(file, rows, bounds.settled_before);
        }
    }
    turns
}

fn below(file: &ListedFile, found: &Found, rows: &[&FileRow]) -> Option<Below> {
    let what = match rows.iter().find(|row| row.version == found.version.as_str()) {
        Some(row) if row.status.is_settled() => Leftover::Settled(row.status, row.sha256),
        // It was told once.
        Some(_) => return None,
        None if rows.is_empty() => Leftover::Late,
        None => Leftover::Again(digests(rows, |row| row.status.is_applied())),
    };
    Some(Below { key: file.key.clone(), found: found.clone(), what })
}

fn digests(rows: &[&FileRow], which: impl Fn(&FileRow) -> bool) -> Vec<Sha256Digest> {
    rows.iter().filter(|row| which(row)).filter_map(|row| row.sha256).collect()
}

impl Turns {
    fn above(&mut self, file: &ListedFile, rows: &[&FileRow], settled_before: DateTime<Utc>) {
        let pairs = |file: &ListedFile| file.versions.last().map(|found| (file.key.clone(), found.clone()));
        if self.failed.is_some() {
            self.behind.extend(pairs(file));
            return;
        }
        let is_young = file.versions.last().is_some_and(|found| found.last_modified > settled_before);
        if !self.unsettled.is_empty() || is_young {
            self.unsettled.extend(pairs(file));
            return;
        }
        for found in &file.versions {
            let is_current = file.is_current(found);
            let row = rows.iter().find(|row| row.version == found.version.as_str());
            match row.map(|row| row.status) {
                Some(FileStatus::Failed) if is_current => {
                    self.failed = Some((file.key.clone(), found.clone()));
                }
                // A bad older version does not hold up a good current one; a good one is applied once.
                Some(FileStatus::Failed) => {}
                Some(status) if status.is_settled() && !is_current => {}
                _ => self.candidates.push(Candidate {
                    key: file.key.clone(),
                    found: found.clone(),
                    is_current,
                    failed: digests(rows, |row| row.status == FileStatus::Failed),
                }),
            }
        }
    }
}
