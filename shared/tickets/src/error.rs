//! What is wrong with a file as a whole (specs: tickets 3, 4).

use std::fmt;

use landfall_domain::{Classify, Disposition};

/// A file that fails as a whole: nothing of it is applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct FileError {
    /// The line, from 1, where it is known. Of a record over several lines it is the first.
    pub line: Option<u64>,
    /// The character in that line, from 1, where it is known.
    pub column: Option<u64>,
    /// The rule that is broken.
    pub rule: FileRule,
    /// What exactly is wrong.
    pub text: String,
}

/// A rule for whole files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileRule {
    /// There is a header.
    HeaderMissing,
    /// The header has all columns.
    ColumnMissing,
    /// The header names each column once.
    ColumnTwice,
    /// The names of the header are characters that the database can hold.
    ColumnName,
    /// The bytes are UTF-8.
    NotUtf8,
    /// Each quoted field ends.
    OpenQuote,
    /// A record is no longer than the limit.
    RecordTooLong,
    /// Most rows are good.
    TooManyRejects,
}

impl FileRule {
    /// A short stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HeaderMissing => "header_missing",
            Self::ColumnMissing => "column_missing",
            Self::ColumnTwice => "column_twice",
            Self::ColumnName => "column_name",
            Self::NotUtf8 => "not_utf8",
            Self::OpenQuote => "open_quote",
            Self::RecordTooLong => "record_too_long",
            Self::TooManyRejects => "too_many_rejects",
        }
    }
}

impl FileError {
    pub(crate) fn new(rule: FileRule, text: impl Into<String>) -> Self {
        Self { line: None, column: None, rule, text: text.into() }
    }

    pub(crate) fn at_line(self, line: u64) -> Self {
        Self { line: Some(line), ..self }
    }

    pub(crate) fn at_column(self, column: u64) -> Self {
        Self { column: Some(column), ..self }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}")?;
            if let Some(column) = self.column {
                write!(f, ", column {column}")?;
            }
            f.write_str(": ")?;
        }
        write!(f, "{} ({})", self.text, self.rule.as_str())
    }
}

impl Classify for FileError {
    fn disposition(&self) -> Disposition {
        Disposition::Quarantine
    }

    fn code(&self) -> &'static str {
        "file_failed"
    }
}
