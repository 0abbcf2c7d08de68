//! Several files of one plugin as one result (specs: dumps 4, last paragraph of the registry contract).

use std::collections::HashSet;

use crate::plugins::{KeyScope, Outcome, ParseFailure, ParsedFile};
use crate::records::{Record, RecordKey};
use crate::text::{ParseWarning, WarningCode};

/// What one file added to its plugin's result.
#[derive(Debug, Clone, PartialEq)]
pub struct MergedFile {
    /// Where the file was found.
    pub chain_path: String,
    /// Its records that no earlier file had. Empty if the plugin failed.
    pub records: Vec<Record>,
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
        self.files
            .iter()
            .fold(0, |sum, file| sum.saturating_add(u64::try_from(file.records.len()).unwrap_or(u64::MAX)))
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
    let failure = parsed.iter().find_map(|(chain_path, file)| {
        let failure = file.error.clone()?;
        Some(FileFailure { chain_path: chain_path.clone(), failure })
    });
    let all_missing = parsed.iter().all(|(_, file)| file.outcome == Outcome::Missing);
    if failure.is_some() {
        for (_, file) in &mut parsed {
            file.records.clear();
        }
    } else if scope == KeyScope::Element && parsed.len() > 1 {
        keep_first(&mut parsed);
    }
    let partial = parsed.iter().any(|(_, file)| file.warnings.iter().any(|w| w.code.makes_partial()));
    let outcome = if failure.is_some() {
        Outcome::Failed
    } else if all_missing {
        Outcome::Missing
    } else if parsed.iter().all(|(_, file)| file.records.is_empty()) {
        Outcome::Empty
    } else if partial {
        Outcome::Partial
    } else {
        Outcome::Ok
    };
    let files = parsed.into_iter().map(|(chain_path, file)| MergedFile {
        chain_path,
        records: file.records,
        warnings: file.warnings,
        warning_total: file.warning_total,
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
