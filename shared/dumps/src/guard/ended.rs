//! What the end of an upload means to its caller: the verdict's name, and the exit code of a command.

use std::fmt;
use std::str::FromStr;

use landfall_domain::State;
use serde::Serialize;

use super::outcome::ExitCode;

/// A verdict without its details, as stored and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum VerdictName {
    /// A new dump.
    Create,
    /// Nothing changes.
    Skip,
    /// The load of a dump goes on.
    Resume,
    /// A link is added or changed.
    Link,
    /// A dump is replaced.
    Overwrite,
    /// The upload is refused.
    Reject,
}

/// A text that names no verdict.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no verdict")]
pub struct UnknownVerdict {
    given: String,
}

impl VerdictName {
    /// All verdicts.
    pub const ALL: [Self; 6] =
        [Self::Create, Self::Skip, Self::Resume, Self::Link, Self::Overwrite, Self::Reject];

    /// As stored and shown; the same as [`super::Verdict::name`].
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Skip => "SKIP",
            Self::Resume => "RESUME",
            Self::Link => "LINK",
            Self::Overwrite => "OVERWRITE",
            Self::Reject => "REJECT",
        }
    }

    /// Whether the upload's own bytes are parsed.
    pub fn parses(self) -> bool {
        match self {
            Self::Create | Self::Overwrite | Self::Resume => true,
            Self::Link | Self::Skip | Self::Reject => false,
        }
    }
}

impl FromStr for VerdictName {
    type Err = UnknownVerdict;

    fn from_str(text: &str) -> Result<Self, UnknownVerdict> {
        let found = Self::ALL.into_iter().find(|name| name.as_str() == text);
        found.ok_or_else(|| UnknownVerdict { given: text.to_owned() })
    }
}

impl fmt::Display for VerdictName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether a reason code is about the metadata of an upload (specs: dumps 6.1).
pub fn is_metadata_code(reason: &str) -> bool {
    reason.starts_with("meta_") || reason == "customer_unknown"
}

/// The exit code of a command that follows an object to this state (specs: dumps 7.5).
pub fn exit_code(state: State, reason: &str) -> ExitCode {
    match state {
        State::Done if reason == "partial" => ExitCode::Partial,
        State::Done | State::Duplicate => ExitCode::Done,
        State::Ignored if reason == "sidecar" => ExitCode::Done,
        State::Rejected if is_metadata_code(reason) => ExitCode::Arguments,
        State::Rejected | State::Ignored => ExitCode::Rejected,
        State::Quarantined | State::Invalid => ExitCode::Archive,
        State::Failed | State::Gone => ExitCode::Storage,
        State::Superseded | State::Received | State::Waiting | State::Dispatched | State::Blocked => {
            ExitCode::Unexpected
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_state_has_the_exit_code_of_the_table() {
        let table = [
            (State::Done, "complete", 0),
            (State::Done, "linked", 0),
            (State::Done, "partial", 6),
            (State::Duplicate, "duplicate", 0),
            (State::Ignored, "sidecar", 0),
            (State::Ignored, "late_sidecar", 3),
            (State::Ignored, "no_feed", 3),
            (State::Rejected, "within_6h", 3),
            (State::Rejected, "meta_missing:ticket", 2),
            (State::Rejected, "customer_unknown", 2),
            (State::Quarantined, "E_NOT_ARCHIVE", 4),
            (State::Failed, "database_unavailable", 5),
        ];
        for (state, reason, code) in table {
            assert_eq!(exit_code(state, reason).number(), code, "{state} {reason}");
        }
    }

    #[test]
    fn a_verdict_is_read_back_from_its_name() {
        for name in VerdictName::ALL {
            assert_eq!(name.as_str().parse(), Ok(name));
        }
        insta::assert_snapshot!("create".parse::<VerdictName>().unwrap_err(), @r#""create" is no verdict"#);
    }
}
