//! What callers and operators see of a verdict (specs: dumps 7.5).

use std::borrow::Cow;

use landfall_domain::{Reason, State};

use super::verdict::{LinkChange, Verdict};

impl Verdict {
    /// As stored and shown.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "CREATE",
            Self::Skip { .. } => "SKIP",
            Self::Resume { .. } => "RESUME",
            Self::Link { .. } => "LINK",
            Self::Overwrite { .. } => "OVERWRITE",
            Self::Reject { .. } => "REJECT",
        }
    }

    /// The state that the verdict gives its object. The caller adds which object a duplicate repeats.
    pub fn object_state(&self) -> (State, Reason) {
        match self {
            Self::Create { snapshot_seq, .. } => (
                State::Dispatched,
                Reason::new("create").with_text(format!("snapshot {snapshot_seq} of its day")),
            ),
            Self::Overwrite { dump, .. } => {
                (State::Dispatched, Reason::new("overwrite").with_text(format!("replaces dump {dump}")))
            }
            Self::Resume { dump, .. } => {
                (State::Dispatched, Reason::new("resume").with_text(format!("goes on with dump {dump}")))
            }
            Self::Link { dump, change } => {
                let how = match change {
                    LinkChange::Add(_) => "linked to",
                    LinkChange::SetHc { .. } => "hc_adopted by",
                };
                (State::Done, Reason::new("linked").with_text(format!("{how} dump {dump}")))
            }
            Self::Skip { dump } => {
                (State::Duplicate, Reason::new("duplicate").with_text(format!("same content as dump {dump}")))
            }
            Self::Reject { code, text } => {
                (State::Rejected, Reason::new(code.as_str()).with_text(text.clone()))
            }
        }
    }

    /// The exit code of a command that ends with this verdict.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Create { .. }
            | Self::Overwrite { .. }
            | Self::Link { .. }
            | Self::Resume { .. }
            | Self::Skip { .. } => ExitCode::Done,
            Self::Reject { .. } => ExitCode::Rejected,
        }
    }
}

/// How the load of a dump ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadEnd<'a> {
    /// COMPLETE.
    Complete,
    /// PARTIAL.
    Partial,
    /// FAILED.
    Failed {
        /// The code of the first FAILED row by plan-NE, then priority.
        code: Option<&'a str>,
    },
}

/// The state that the end of a load gives its object.
pub fn load_end(end: LoadEnd<'_>) -> (State, Reason) {
    match end {
        LoadEnd::Complete => (State::Done, Reason::new("complete")),
        LoadEnd::Partial => (State::Done, Reason::new("partial")),
        // Without a FAILED row every row ended `missing`.
        LoadEnd::Failed { code } => {
            (State::Quarantined, Reason::new(Cow::Owned(code.unwrap_or("missing").to_owned())))
        }
    }
}

/// Exit codes of the commands that ingest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExitCode {
    /// CREATE, OVERWRITE, LINK, RESUME, SKIP.
    Done = 0,
    /// An unexpected error.
    Unexpected = 1,
    /// Bad arguments or metadata.
    Arguments = 2,
    /// REJECT.
    Rejected = 3,
    /// The archive is not usable.
    Archive = 4,
    /// Database or object store.
    Storage = 5,
    /// Done, with status PARTIAL.
    Partial = 6,
}

impl ExitCode {
    /// The number that a process ends with.
    pub fn number(self) -> u8 {
        self as u8
    }
}
