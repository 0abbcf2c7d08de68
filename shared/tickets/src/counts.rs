//! What a file held (specs: tickets 5).

use serde::Serialize;

use crate::{FileError, FileRule};

/// So many rejects a file may have, whatever their share.
const REJECTS_ALLOWED: u64 = 10;

/// And this share of its rows, in percent, whatever their number.
const REJECTS_ALLOWED_PERCENT: u64 = 5;

/// What became of the rows of one file: `rows_read = sentinel + rejected + alarm + kept`. Which of several rows of
/// one ticket wins is decided later, among those kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FileCounts {
    /// Records below the header; blank lines are none.
    pub rows_read: u64,
    /// Lines by which the export says that it stopped.
    pub sentinel: u64,
    /// Rows that were refused.
    pub rejected: u64,
    /// Rows of alarms, which are dropped.
    pub alarm: u64,
    /// Rows handed on.
    pub kept: u64,
    /// Whether the export says that it stopped.
    pub truncated: bool,
    /// Names of columns beside the known ones; kept in the raw values.
    pub schema_drift: Vec<String>,
}

/// The error of a file of which too many rows were refused to apply the others: more than 10, and more than 5 % of
/// its rows (specs: tickets 4).
pub fn too_many_rejects(counts: &FileCounts) -> Option<FileError> {
    let share = counts.rejected.saturating_mul(100);
    let allowed = counts.rows_read.saturating_mul(REJECTS_ALLOWED_PERCENT);
    (counts.rejected > REJECTS_ALLOWED && share > allowed).then(|| {
        let text = format!(
            "{} of {} rows are refused: more than {REJECTS_ALLOWED}, and more than {REJECTS_ALLOWED_PERCENT} %",
            counts.rejected, counts.rows_read
        );
        FileError::new(FileRule::TooManyRejects, text)
    })
}
