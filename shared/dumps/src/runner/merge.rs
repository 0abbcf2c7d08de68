//! Several files of one plugin as one result (specs: dumps 4, last paragraph of the registry contract).

use std::collections::HashSet;

use crate::plugins::{FileEnd, KeyScope, Outcome, ParseFailure, ParsedFile};
use crate::records::{Record, RecordKey};
use crate::text::{ParseWarning, WarningCode};

/// What one file added to its plugin's result.
#[derive(Debug, Clone, PartialEq)]
pub struct MergedFile {
    /// Where the file was found.
    pub chain_path: String,
    /// Its records that no earlier file had. Empty if the plugin failed, or if there are too many to be kept
    /// together: see [`PluginResult::holds_records`].
    pub records: Vec<Record>,
    /// How many records it has that no earlier file had.
    pub record_count: u64,
    /// Its stored warnings, sorted by line, then code.
    pub warnings: Vec<ParseWarning>,
    /// How many warnings it had.
    pub warning_total: u64,
}

/// The first file that failed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFailure {
    /// Where the file was found.
    pub chain_path: String,
    /// Why it could not be read.
    pub failure: ParseFailure,
}

/// The result of one plugin for one network element.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginResult {
    /// How the plugin ended.
    pub outcome: Outcome,
    /// Why it failed; set exactly if the outcome is `failed`.
    pub failure: Option<FileFailure>,
    /// The files in the order of their chain paths.
    pub files: Vec<MergedFile>,
}

impl PluginResult {
    /// The result where there is nothing to read.
    pub const fn missing() -> Self {
        Self { outcome: Outcome::Missing, failure: None, files: Vec::new() }
    }

    /// The records of all files, in order.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.files.iter().flat_map(|file| &file.records)
    }

    /// How many records there are.
    pub fn record_count(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.record_count))
    }

    /// Whether the records are all here. Otherwise the files have to be read once more for them.
    pub fn holds_records(&self) -> bool {
        self.files.iter().all(|file| file.records.len() as u64 == file.record_count)
    }

    /// How many warnings there were in all files.
    pub fn warning_count(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.warning_total))
    }
}

/// Merges the files of one plugin, each with its chain path.
///
/// Files count in the byte order of their chain paths, and of records with one key the first stays, unless the
/// plugin's keys are those of a file ([`Plugin::key_scope`](crate::plugins::Plugin::key_scope)). Warnings stay with
/// their file. A failed file fails the plugin, and then no records are kept: a failed ledger row has none. A node
/// file after the first one that names another node adds `W_EXTRA_NODE` (line 0).
pub fn merge(scope: KeyScope, mut parsed: Vec<(String, ParsedFile)>) -> PluginResult {
    parsed.sort_by(|a, b| a.0.cmp(&b.0));
    if scope == KeyScope::Element && parsed.len() > 1 && parsed.iter().all(|(_, file)| file.error.is_none()) {
        keep_first(&mut parsed);
    }
    conclude(
        parsed
            .into_iter()
            .map(|(chain_path, file)| (chain_path, FileEnd::from(&file), file.records))
            .collect(),
    )
}

/// The result of files whose common keys only the first of them has, in the order of their chain paths.
pub(super) fn conclude(files: Vec<(String, FileEnd, Vec<Record>)>) -> PluginResult {
    let failure = files.iter().find_map(|(chain_path, end, _)| {
        let failure = end.error.clone()?;
        Some(FileFailure { chain_path: chain_path.clone(), failure })
    });
    let partial = files.iter().any(|(_, end, _)| end.warnings.iter().any(|w| w.code.makes_partial()));
    let outcome = if failure.is_some() {
        Outcome::Failed
    } else if files.iter().all(|(_, end, _)| end.outcome == Outcome::Missing) {
        Outcome::Missing
    } else if files.iter().all(|(_, end, _)| end.record_count == 0) {
        Outcome::Empty
    } else if partial {
        Outcome::Partial
    } else {
        Outcome::Ok
    };
    // A failed file fails them all.
    let is_whole = failure.is_none();
    let files = files.into_iter().map(|(chain_path, end, records)| MergedFile {
        chain_path,
        records: if is_whole { records } else { Vec::new() },
        record_count: if is_whole { end.record_count } else { 0 },
        warnings: end.warnings,
        warning_total: end.warning_total,
    });
    PluginResult { outcome, failure, files: files.collect() }
}

/// Drops records whose key an earlier file has, and nodes after the first.
fn keep_first(parsed: &mut [(String, ParsedFile)]) {
    let mut seen = HashSet::new();
    let mut node = None;
    let mut verdicts: Vec<Vec<Keep>> = Vec::with_capacity(parsed.len());
    for (_, file) in parsed.iter() {
        verdicts.push(file.records.iter().map(|record| judge(record, &mut seen, &mut node)).collect());
    }
    for ((_, file), verdicts) in parsed.iter_mut().zip(verdicts) {
        if verdicts.contains(&Keep::ExtraNode) {
            file.warnings.insert(0, ParseWarning { line: 0, code: WarningCode::ExtraNode });
            file.warnings.sort_unstable();
            file.warning_total = file.warning_total.saturating_add(1);
        }
        let mut verdicts = verdicts.into_iter();
        file.records.retain(|_| verdicts.next() == Some(Keep::Yes));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    Yes,
    Duplicate,
    ExtraNode,
}

fn judge<'r>(
    record: &'r Record,
    seen: &mut HashSet<RecordKey<'r>>,
    node: &mut Option<RecordKey<'r>>,
) -> Keep {
    let key = record.key();
    if let RecordKey::Node(_) = key {
        let first = node.get_or_insert_with(|| key.clone());
        if *first != key {
            return Keep::ExtraNode;
        }
    }
    if seen.insert(key) { Keep::Yes } else { Keep::Duplicate }
}
