//! What becomes of a message whose handling failed: decided once, by an exhaustive match.

use std::error::Error;
use std::fmt;

use crate::Reason;

/// What to do with a message after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// Nothing to do: the message is done.
    Ack,
    /// The fault may pass: tried again with back-off; after the last try the object is `failed`.
    Retry,
    /// The input is bad: the object is `quarantined` with a reason and the message is done.
    Quarantine,
}

/// Implemented by every error that can end the handling of a message.
pub trait Classify: Error {
    /// The disposition; an exhaustive match without a wildcard.
    fn disposition(&self) -> Disposition;

    /// A short stable code, as stored: `E_NOT_ARCHIVE`, `store_unavailable`.
    fn code(&self) -> &str;
}

/// A classified error at the edge of a handler: what is stored, logged and acted on.
#[derive(Debug)]
pub struct Problem {
    /// What becomes of the message.
    pub disposition: Disposition,
    /// The code and the text for an operator.
    pub reason: Reason,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A problem that is its own cause.
    pub fn new(disposition: Disposition, reason: Reason) -> Self {
        Self { disposition, reason, source: None }
    }

    /// The error behind it, where there is one.
    pub fn cause(&self) -> Option<&(dyn Error + Send + Sync)> {
        self.source.as_deref()
    }

    /// Whether the message is to be tried again.
    pub fn is_retry(&self) -> bool {
        self.disposition == Disposition::Retry
    }
}

impl<E: Classify + Send + Sync + 'static> From<E> for Problem {
    fn from(error: E) -> Self {
        let reason = Reason::new(error.code().to_owned()).with_text(chain_text(&error));
        Self { disposition: error.disposition(), reason, source: Some(Box::new(error)) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.reason)
    }
}

/// The text of an error and of all its sources, outermost first, joined by `: `.
pub fn chain_text(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read bucket/key")]
    struct Outer(#[source] std::io::Error);

    impl Classify for Outer {
        fn disposition(&self) -> Disposition {
            Disposition::Retry
        }
        fn code(&self) -> &'static str {
            "store_unavailable"
        }
    }

    #[test]
    fn a_problem_keeps_code_disposition_and_the_whole_chain_of_causes() {
        let problem = Problem::from(Outer(std::io::Error::other("connection reset")));
        assert!(problem.is_retry());
        insta::assert_snapshot!(problem, @"store_unavailable: cannot read bucket/key: connection reset");
    }
}
