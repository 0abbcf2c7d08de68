//! The capture time of a dump, as stored.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};

/// When a dump was captured and how that is known (specs: dumps 2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CaptureStamp {
    /// The time in UTC, whole milliseconds.
    #[serde(rename = "capture_ts")]
    pub time: DateTime<Utc>,
    /// How fine the source tells the time.
    #[serde(rename = "capture_precision")]
    pub precision: Precision,
    /// Where it comes from.
    #[serde(rename = "capture_ts_source")]
    pub source: Source,
}

impl CaptureStamp {
    /// A stamp, cut to milliseconds.
    pub fn new(time: DateTime<Utc>, precision: Precision, source: Source) -> Self {
        Self { time: time.trunc_subsecs(3), precision, source }
    }
}

/// How fine a capture time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// To the second or finer.
    Second,
    /// To the minute.
    Minute,
    /// Only the date; the time is 00:00:00.
    Day,
}

/// Where a capture time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Metadata of the upload.
    Meta,
    /// The name of the object or of an archive inside it.
    Name,
    /// One of the first lines of a log.
    Log,
    /// The upload itself.
    Upload,
}

impl Precision {
    const ALL: [Self; 3] = [Self::Second, Self::Minute, Self::Day];

    /// As stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Day => "day",
        }
    }
}

impl Source {
    const ALL: [Self; 4] = [Self::Meta, Self::Name, Self::Log, Self::Upload];

    /// As stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Name => "name",
            Self::Log => "log",
            Self::Upload => "upload",
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text that names no precision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown capture precision {0:?}: known are second, minute, day")]
pub struct UnknownPrecision(pub String);

impl FromStr for Precision {
    type Err = UnknownPrecision;

    fn from_str(text: &str) -> Result<Self, UnknownPrecision> {
        let found = Self::ALL.into_iter().find(|precision| precision.as_str() == text);
        found.ok_or_else(|| UnknownPrecision(text.to_owned()))
    }
}

/// A text that names no source of a capture time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown source of a capture time {0:?}: known are meta, name, log, upload")]
pub struct UnknownSource(pub String);

impl FromStr for Source {
    type Err = UnknownSource;

    fn from_str(text: &str) -> Result<Self, UnknownSource> {
        let found = Self::ALL.into_iter().find(|source| source.as_str() == text);
        found.ok_or_else(|| UnknownSource(text.to_owned()))
    }
}
