//! What reading one file gave (specs: dumps 3.8).

use std::fmt;

use crate::records::Record;
use crate::text::{Layout, ParseWarning, Warnings};
use crate::values::vocabulary;

vocabulary! {
    /// How a plugin ended. The ledger stores FAILED for `failed` and DONE for all others.
    Outcome {
        /// Records, and nothing was lost.
        Ok = "ok": ["ok"],
        /// Records, and something could not be read.
        Partial = "partial": ["partial"],
        /// No records.
        Empty = "empty": ["empty"],
        /// There was no file for the plugin, or no section of its own in a shared one.
        Missing = "missing": ["missing"],
        /// The file could not be read at all.
        Failed = "failed": ["failed"],
    }
}

vocabulary! {
    /// Why a plugin failed for a network element (specs: dumps 8).
    FailureCode {
        /// A row broke a rule of the database.
        Constraint = "E_CONSTRAINT": ["e_constraint"],
        /// A plugin it needs failed for good.
        Dependency = "E_DEPENDENCY": ["e_dependency"],
        /// The worker was lost three times.
        LeaseLost = "E_LEASE_LOST": ["e_lease_lost"],
        /// Text, but none of the layouts.
        NoHeader = "E_NO_HEADER": ["e_no_header"],
        /// The pinned version of the archive is no longer the current one.
        SourceChanged = "E_SOURCE_CHANGED": ["e_source_changed"],
        /// The archive is gone.
        SourceMissing = "E_SOURCE_MISSING": ["e_source_missing"],
        /// A target file is over the limit.
        SpoolLimit = "E_SPOOL_LIMIT": ["e_spool_limit"],
    }
}

impl FailureCode {
    /// Whether another try can help. The others are final at once (specs: dumps 7.7).
    pub const fn is_retried(self) -> bool {
        matches!(self, Self::LeaseLost)
    }
}

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseFailure {
    /// The code, as stored.
    pub code: FailureCode,
    /// What and why, for an operator. Holds no payload.
    pub text: String,
}

impl fmt::Display for ParseFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.text)
    }
}

/// How the reading of one file ended. Its records were handed on before.
#[derive(Debug, Clone, PartialEq)]
pub struct FileEnd {
    /// How it ended.
    pub outcome: Outcome,
    /// How many records were handed on.
    pub record_count: u64,
    /// The stored warnings, sorted by line, then code; at most 1,000 of a code.
    pub warnings: Vec<ParseWarning>,
    /// How many warnings there were.
    pub warning_total: u64,
    /// Why the file failed; set exactly if the outcome is `failed`.
    pub error: Option<ParseFailure>,
}

impl FileEnd {
    /// The end of a file whose layout was found (or not), by the outcome rule.
    pub fn of(layout: Layout, record_count: u64, warnings: Warnings) -> Self {
        let error = (layout == Layout::Unknown).then(|| ParseFailure {
            code: FailureCode::NoHeader,
            text: "the text has no table header, no known line form and no start key".to_owned(),
        });
        let outcome = if error.is_some() {
            Outcome::Failed
        } else if record_count == 0 {
            Outcome::Empty
        } else if warnings.any_partial() {
            Outcome::Partial
        } else {
            Outcome::Ok
        };
        let warning_total = warnings.total();
        Self { outcome, record_count, warnings: warnings.into_sorted(), warning_total, error }
    }

    /// The end of a file in which there is nothing to find.
    pub fn empty() -> Self {
        Self { outcome: Outcome::Empty, ..Self::missing() }
    }

    /// The end of a shared file that has no section for the plugin.
    pub fn missing() -> Self {
        Self {
            outcome: Outcome::Missing,
            record_count: 0,
            warnings: Vec::new(),
            warning_total: 0,
            error: None,
        }
    }

    /// The result with the records that were handed on.
    pub fn with(self, records: Vec<Record>) -> ParsedFile {
        let Self { outcome, record_count: _, warnings, warning_total, error } = self;
        ParsedFile { outcome, records, warnings, warning_total, error }
    }
}

/// The result of one file, with all of its records.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedFile {
    /// How it ended.
    pub outcome: Outcome,
    /// The records, in the order of the file.
    pub records: Vec<Record>,
    /// The stored warnings, sorted by line, then code; at most 1,000 of a code.
    pub warnings: Vec<ParseWarning>,
    /// How many warnings there were.
    pub warning_total: u64,
    /// Why the file failed; set exactly if the outcome is `failed`.
    pub error: Option<ParseFailure>,
}

impl From<&ParsedFile> for FileEnd {
    fn from(file: &ParsedFile) -> Self {
        Self {
            outcome: file.outcome,
            record_count: file.records.len() as u64,
            warnings: file.warnings.clone(),
            warning_total: file.warning_total,
            error: file.error.clone(),
        }
    }
}

impl ParsedFile {
    /// The result of a shared file that has no section for the plugin.
    pub fn missing() -> Self {
        FileEnd::missing().with(Vec::new())
    }
}
