//! What a walk skips or finds damaged without stopping (specs: dumps 2.1, 2.2, 2.6, 8).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The code of a warning, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WarningCode {
    /// An archive below the deepest level that is opened.
    WMaxDepth,
    /// A link, device, FIFO or sparse file.
    WSpecialMember,
    /// A path with a `..` part.
    WUnsafePath,
    /// A damaged archive; what was read whole before the break is kept.
    WCorruptMember,
    /// A target under a compression that is not opened.
    WUnsupportedCompression,
}

impl fmt::Display for WarningCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WMaxDepth => "W_MAX_DEPTH",
            Self::WSpecialMember => "W_SPECIAL_MEMBER",
            Self::WUnsafePath => "W_UNSAFE_PATH",
            Self::WCorruptMember => "W_CORRUPT_MEMBER",
            Self::WUnsupportedCompression => "W_UNSUPPORTED_COMPRESSION",
        })
    }
}

/// One warning of a walk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What kind of thing was found.
    pub code: WarningCode,
    /// The archive or member concerned, as names joined with `!/`, without the outer object's name; empty for
    /// the outer object itself.
    pub chain_path: String,
    /// Where: bytes into the stream that broke, or into the tar that holds the member.
    pub offset: u64,
    /// What and why, for an operator.
    pub text: String,
}
