//! Why a command ends: the error, its exit code and what to do next.

use std::error::Error;
use std::fmt;
use std::io;

use landfall_archive::WalkError;
use landfall_domain::Finding;
use landfall_local::listing::ListingError;
use landfall_local::platform::{HomeError, PlatformError};
use landfall_objects::ObjectError;
use landfall_runtime::ConfigError;
use landfall_store::StoreError;

use crate::Exit;

type Cause = Box<dyn Error + Send + Sync>;

/// A failed command.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    error: Cause,
    advice: Option<String>,
    quiet: bool,
}

/// Words of our own, with an error below them.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Said {
    text: String,
    source: Option<Cause>,
}

impl Failure {
    /// A failure in our own words.
    pub fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self::of(exit, Said { text: text.into(), source: None })
    }

    /// A failure with the error that it comes from.
    pub fn of(exit: Exit, error: impl Into<Cause>) -> Self {
        Self { exit, error: error.into(), advice: None, quiet: false }
    }

    /// The same with words in front of the error.
    pub fn while_doing(mut self, text: impl Into<String>) -> Self {
        self.error = Box::new(Said { text: text.into(), source: Some(self.error) });
        self
    }

    /// The same with what to do next.
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// The same with another end of the process.
    pub(crate) fn ending(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// Our output was closed, by a pager or `head`: nothing to say.
    pub(crate) fn closed() -> Self {
        Self { exit: Exit::Ok, error: "output is closed".into(), advice: None, quiet: true }
    }

    /// The error with its causes, without what to do next.
    fn told(&self) -> String {
        let mut whole = self.error.to_string();
        let mut told = whole.clone();
        let mut source = self.error.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            // Some libraries repeat their cause in their own words.
            if !told.contains(&text) {
                whole.push_str(": ");
                whole.push_str(&text);
                told = text;
            }
            source = cause.source();
        }
        whole
    }

    /// The same as a finding among others.
    pub(crate) fn finding(&self, name: &str) -> Finding {
        let next = self.advice.as_deref().unwrap_or("docs/configuration.md lists every variable");
        Finding::problem(name, self.told(), next)
    }

    /// How the process ends.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// Whether there is nothing to be printed.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }
}

/// The error with its causes, and what to do next on a line of its own.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told())?;
        match &self.advice {
            Some(advice) => write!(f, "\n{advice}"),
            None => Ok(()),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let advice = match &error {
            StoreError::Unavailable(_) => Some("check that the database runs and that DATABASE_URL names it"),
            StoreError::Conflict(_) => Some("run the command again"),
            StoreError::Constraint { .. }
            | StoreError::Data(_)
            | StoreError::Unreadable { .. }
            | StoreError::Transition { .. }
            | StoreError::Statement(_)
            | StoreError::Migrate(_) => None,
        };
        let failure = Self::of(Exit::Storage, error);
        match advice {
            Some(advice) => failure.advise(advice),
            None => failure,
        }
    }
}

impl From<ObjectError> for Failure {
    fn from(error: ObjectError) -> Self {
        let advice = match &error {
            ObjectError::AccessDenied { .. } => "check LANDFALL_S3_ACCESS_KEY and LANDFALL_S3_SECRET_KEY",
            ObjectError::NoSuchBucket { .. } => {
                "check LANDFALL_BUCKET, or start `landfall up`, which makes it"
            }
            ObjectError::Unavailable { .. } => {
                "check that the object store runs and LANDFALL_S3_ENDPOINT names it"
            }
            _ => return Self::of(Exit::Storage, error),
        };
        Self::of(Exit::Storage, error).advise(advice)
    }
}

impl From<ListingError> for Failure {
    fn from(error: ListingError) -> Self {
        Self::of(Exit::Storage, error)
    }
}

impl From<WalkError> for Failure {
    fn from(error: WalkError) -> Self {
        let text = error.code();
        Self::of(Exit::Archive, error).while_doing(text)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::of(Exit::Arguments, error).advise("docs/configuration.md lists every variable")
    }
}

impl From<PlatformError> for Failure {
    fn from(error: PlatformError) -> Self {
        let exit = match &error {
            PlatformError::Home(HomeError::InUse(_)) => Exit::Arguments,
            PlatformError::Home(HomeError::Io { .. }) | PlatformError::Registry(_) => Exit::Unexpected,
            _ => Exit::Storage,
        };
        Self::of(exit, error)
    }
}

/// Writing our own output failed.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::closed();
        }
        Self::of(Exit::Unexpected, error).while_doing("output could not be written")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_tells_its_causes_once_and_what_to_do_on_the_next_line() {
        let inner = io::Error::other("disk is full");
        let failure =
            Failure::of(Exit::Unexpected, inner).while_doing("cannot write a.tgz").advise("free some space");
        insta::assert_snapshot!(failure, @r"
        cannot write a.tgz: disk is full
        free some space
        ");
    }

    #[test]
    fn a_closed_output_is_no_error() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(failure.is_quiet());
        assert_eq!(failure.exit(), Exit::Ok);
    }
}
