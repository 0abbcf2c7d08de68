//! Conditions of requests, judged against what is stored (RFC 9110 section 13, S3 "conditional requests").

use super::rows::VersionRow;
use crate::endpoint::refusal::Refusal;

/// What an ETag is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EtagTest {
    /// `*`: anything that exists.
    Any,
    /// This strong ETag, without quotes.
    Is(String),
    /// A weak one: never equal for `If-Match`, compared by value for `If-None-Match`.
    Weak(String),
}

impl EtagTest {
    fn strong(&self, etag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Is(wanted) => wanted == etag,
            Self::Weak(_) => false,
        }
    }

    fn weak(&self, etag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Is(wanted) | Self::Weak(wanted) => wanted == etag,
        }
    }
}

/// Conditions of a read, or of the source of a copy. Times are whole seconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ReadCondition {
    /// `If-Match`.
    pub(crate) if_match: Option<EtagTest>,
    /// `If-None-Match`.
    pub(crate) if_none_match: Option<EtagTest>,
    /// `If-Modified-Since`.
    pub(crate) modified_since: Option<i64>,
    /// `If-Unmodified-Since`.
    pub(crate) unmodified_since: Option<i64>,
}

impl ReadCondition {
    /// Judges in RFC 9110's order: an ETag condition outweighs the time condition of its pair.
    pub(crate) fn judge(&self, row: &VersionRow) -> Result<(), Refusal> {
        let modified = row.modified_ms.div_euclid(1000);
        match (&self.if_match, self.unmodified_since) {
            (Some(test), _) if !test.strong(&row.etag) => {
                return Err(Refusal::PreconditionFailed("If-Match"));
            }
            (None, Some(time)) if modified > time => {
                return Err(Refusal::PreconditionFailed("If-Unmodified-Since"));
            }
            _ => {}
        }
        let unmodified = match (&self.if_none_match, self.modified_since) {
            (Some(test), _) => test.weak(&row.etag),
            (None, Some(time)) => modified <= time,
            (None, None) => false,
        };
        if unmodified { Err(Refusal::NotModified { etag: row.etag.clone() }) } else { Ok(()) }
    }

    /// The same for a copy's source, where "not modified" is a failed condition too.
    pub(crate) fn judge_source(&self, row: &VersionRow) -> Result<(), Refusal> {
        self.judge(row).map_err(|refusal| match refusal {
            Refusal::NotModified { .. } => Refusal::PreconditionFailed("x-amz-copy-source-if"),
            other => other,
        })
    }
}

/// Conditions of a write on what it would replace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct WriteCondition {
    /// `If-Match`.
    pub(crate) if_match: Option<EtagTest>,
    /// `If-None-Match: *`.
    pub(crate) if_absent: bool,
}

impl WriteCondition {
    /// Judges against the newest version, if there is one. A delete marker counts as absent.
    pub(crate) fn judge(&self, newest: Option<&VersionRow>) -> Result<(), Refusal> {
        let present = newest.filter(|row| !row.marker);
        if self.if_absent && present.is_some() {
            return Err(Refusal::PreconditionFailed("If-None-Match"));
        }
        match (&self.if_match, present) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(Refusal::NoSuchKey { marker: None }),
            (Some(test), Some(row)) if test.strong(&row.etag) => Ok(()),
            (Some(_), Some(_)) => Err(Refusal::PreconditionFailed("If-Match")),
        }
    }

    /// Whether there is anything to judge.
    pub(crate) fn is_none(&self) -> bool {
        self.if_match.is_none() && !self.if_absent
    }
}
