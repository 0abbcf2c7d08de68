//! What a probe saw.

use landfall_domain::{Skew, chain_text};

use super::NotificationTarget;
use crate::{ObjectError, Versioning};

/// Why something was not seen. The texts are for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Miss {
    /// The credentials do not allow it, or are not valid.
    Denied(String),
    /// The bucket is not there.
    NoBucket(String),
    /// The store does not have this operation.
    Unsupported(String),
    /// No answer, or none that makes sense, in the time there was.
    Unreachable(String),
    /// Every other refusal.
    Failed(String),
    /// Not asked, because of something else.
    NotAsked(&'static str),
}

/// What was seen, or why not.
pub type Seen<T> = Result<T, Miss>;

impl From<ObjectError> for Miss {
    fn from(error: ObjectError) -> Self {
        let text = chain_text(&error);
        match error {
            ObjectError::AccessDenied { .. } => Self::Denied(text),
            ObjectError::NoSuchBucket { .. } => Self::NoBucket(text),
            ObjectError::Unavailable { .. } | ObjectError::Throttled { .. } => Self::Unreachable(text),
            ObjectError::Invalid { status: Some(405 | 501), .. } => Self::Unsupported(text),
            ObjectError::NotFound { .. }
            | ObjectError::PreconditionFailed { .. }
            | ObjectError::Conflict { .. }
            | ObjectError::ShortRead { .. }
            | ObjectError::OutOfRange { .. }
            | ObjectError::Invalid { .. }
            | ObjectError::LocalFile { .. } => Self::Failed(text),
        }
    }
}

/// How a write went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// It was done.
    Done,
    /// It was refused for the reason that it was made to be refused for.
    Refused,
    /// It could not be tried.
    Missed(Miss),
}

/// What writes and reads of a probe object in the work bucket showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteFacts {
    /// `If-None-Match: *` on a new key.
    pub create: Attempt,
    /// The same once more, which must be refused.
    pub create_again: Attempt,
    /// `If-Match` with an ETag that is not the object's, which must be refused.
    pub wrong_etag: Attempt,
    /// `If-Match` with the object's ETag.
    pub right_etag: Attempt,
    /// Whether a read of a range gave the bytes of the range.
    pub range: Seen<bool>,
    /// A write with the SHA-256 of its content.
    pub good_checksum: Attempt,
    /// A write with the SHA-256 of other content, which must be refused.
    pub bad_checksum: Attempt,
    /// Whether nothing of the probe is left.
    pub removed: Seen<()>,
}

impl WriteFacts {
    /// Nothing was tried, because of something else.
    pub fn not_asked(why: &'static str) -> Self {
        let missed = || Attempt::Missed(Miss::NotAsked(why));
        Self {
            create: missed(),
            create_again: missed(),
            wrong_etag: missed(),
            right_etag: missed(),
            range: Err(Miss::NotAsked(why)),
            good_checksum: missed(),
            bad_checksum: missed(),
            removed: Err(Miss::NotAsked(why)),
        }
    }
}

/// All that a probe saw of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreFacts {
    /// The watched bucket and whether it answers these credentials.
    pub landing: (String, Seen<()>),
    /// The work bucket and whether it answers.
    pub work: (String, Seen<()>),
    /// The key of the probe object in the work bucket.
    pub key: String,
    /// Whether the watched bucket keeps versions.
    pub versioning: Seen<Versioning>,
    /// Whom the watched bucket tells of writes.
    pub notifications: Seen<Vec<NotificationTarget>>,
    /// Writes to the work bucket.
    pub writes: WriteFacts,
    /// The store's clock, by the `Date` of an answer; none where no answer had one.
    pub skew: Option<Skew>,
}
