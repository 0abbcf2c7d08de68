//! Exit codes (specs: dumps 7.5).

use std::process::ExitCode;

use landfall_dumps::guard;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Exit {
    /// As wanted.
    #[default]
    Ok,
    /// Unexpectedly, or a check did not hold.
    Unexpected,
    /// Bad arguments, configuration or metadata.
    Arguments,
    /// A rule or guard said no.
    Rejected,
    /// The archive is bad.
    Archive,
    /// The database or the object store failed.
    Storage,
    /// Done, but only in part.
    Partial,
}

impl Exit {
    /// The code.
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Unexpected => 1,
            Self::Arguments => 2,
            Self::Rejected => 3,
            Self::Archive => 4,
            Self::Storage => 5,
            Self::Partial => 6,
        }
    }

    /// The one that is told where there are several.
    pub fn worst(self, other: Self) -> Self {
        if other.severity() > self.severity() { other } else { self }
    }

    fn severity(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Partial => 1,
            Self::Rejected => 2,
            Self::Archive => 3,
            Self::Arguments => 4,
            Self::Storage => 5,
            Self::Unexpected => 6,
        }
    }
}

impl From<guard::ExitCode> for Exit {
    fn from(code: guard::ExitCode) -> Self {
        match code {
            guard::ExitCode::Done => Self::Ok,
            guard::ExitCode::Unexpected => Self::Unexpected,
            guard::ExitCode::Arguments => Self::Arguments,
            guard::ExitCode::Rejected => Self::Rejected,
            guard::ExitCode::Archive => Self::Archive,
            guard::ExitCode::Storage => Self::Storage,
            guard::ExitCode::Partial => Self::Partial,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
