//! What an operator should know of a plan. Never changes a plugin's outcome (specs: dumps 2.6).

use std::fmt;

use landfall_archive::WarningCode;
use serde::{Deserialize, Serialize};

use crate::catalogue::PluginRef;
use crate::names::PlanNe;

/// The code of a plan's warning, as stored (specs: dumps 8, "archive").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PlanWarningCode {
    /// An archive below the deepest level that is opened.
    WMaxDepth,
    /// A link, device, FIFO or sparse file.
    WSpecialMember,
    /// A path with a `..` part.
    WUnsafePath,
    /// A damaged archive.
    WCorruptMember,
    /// A target under a compression that is not opened.
    WUnsupportedCompression,
    /// No active container: all were taken again.
    WActiveFallback,
    /// A network element was dropped for want of an active container.
    WNoActive,
    /// A plugin's files come from an extra chain.
    WExtraChain,
    /// The capture time is the upload time.
    WTsFallback,
}

impl PlanWarningCode {
    /// Every code.
    pub const ALL: &'static [Self] = &[
        Self::WMaxDepth,
        Self::WSpecialMember,
        Self::WUnsafePath,
        Self::WCorruptMember,
        Self::WUnsupportedCompression,
        Self::WActiveFallback,
        Self::WNoActive,
        Self::WExtraChain,
        Self::WTsFallback,
    ];

    /// As stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WMaxDepth => "W_MAX_DEPTH",
            Self::WSpecialMember => "W_SPECIAL_MEMBER",
            Self::WUnsafePath => "W_UNSAFE_PATH",
            Self::WCorruptMember => "W_CORRUPT_MEMBER",
            Self::WUnsupportedCompression => "W_UNSUPPORTED_COMPRESSION",
            Self::WActiveFallback => "W_ACTIVE_FALLBACK",
            Self::WNoActive => "W_NO_ACTIVE",
            Self::WExtraChain => "W_EXTRA_CHAIN",
            Self::WTsFallback => "W_TS_FALLBACK",
        }
    }
}

impl fmt::Display for PlanWarningCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl From<WarningCode> for PlanWarningCode {
    fn from(code: WarningCode) -> Self {
        match code {
            WarningCode::WMaxDepth => Self::WMaxDepth,
            WarningCode::WSpecialMember => Self::WSpecialMember,
            WarningCode::WUnsafePath => Self::WUnsafePath,
            WarningCode::WCorruptMember => Self::WCorruptMember,
            WarningCode::WUnsupportedCompression => Self::WUnsupportedCompression,
        }
    }
}

/// One warning of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanWarning {
    /// What kind.
    pub code: PlanWarningCode,
    /// The network element concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ne: Option<PlanNe>,
    /// The plugin concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<PluginRef>,
    /// The container, member or object concerned, from the outer name on.
    pub chain_path: String,
    /// Where, in bytes into the stream that broke or the tar that holds the member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// What and why, for an operator.
    pub text: String,
}
