//! Errors of the object store, by what a caller can do about them.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use crate::ObjectAt;

/// The error below an [`ObjectError`], where there is one.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Why an operation on an object failed (ARCHITECTURE.md, failures).
///
/// Every variant names the operation, the bucket and the key. A store that answers without a body
/// (every answer to a HEAD) is judged by its status alone.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// No such object or version, or the version is a delete marker. A HEAD cannot tell this from a
    /// missing bucket.
    #[error("{at}: no such object or version")]
    NotFound {
        /// The operation and its object.
        at: Box<ObjectAt>,
        /// What the store said.
        #[source]
        source: Option<Cause>,
    },
    /// 412, or the store served other content than the pin names: the object was replaced since, or
    /// a conditional write lost. Look at the object again with one HEAD.
    #[error("{at}: the object is not the one that was named (precondition failed)")]
    PreconditionFailed {
        /// The operation and its object.
        at: Box<ObjectAt>,
        /// What the store said; none if the answer itself showed the difference.
        #[source]
        source: Option<Cause>,
    },
    /// 409: a concurrent write to the same key, or the upload was taken away. Try again.
    #[error("{at}: a concurrent operation is in the way")]
    Conflict {
        /// The operation and its object.
        at: Box<ObjectAt>,
        /// What the store said.
        #[source]
        source: Option<Cause>,
    },
    /// The credentials do not allow this, or are not valid. Trying again does not help.
    #[error("{at}: access denied")]
    AccessDenied {
        /// The operation and its object.
        at: Box<ObjectAt>,
        /// What the store said.
        #[source]
        source: Option<Cause>,
    },
    /// The bucket does not exist: a mistake in the configuration.
    #[error("{at}: no such bucket")]
    NoSuchBucket {
        /// The operation and its object.
        at: Box<ObjectAt>,
        /// What the store said.
        #[source]
        source: Option<Cause>,
    },
    /// The store asks for fewer requests. Try again, later.
    #[error("{at}: the store asks to slow down")]
    Throttled {
        /// The operation and its object.
        at: Box<ObjectAt>,
        /// What the store said.
        #[source]
        source: Option<Cause>,
    },
    /// 5xx, a time-out, or no connection. Try again.
    #[error("{at}: the store does not answer as it should")]
    Unavailable {
        /// The operation and its object.
        at: Box<ObjectAt>,
        /// What the store or the connection said.
        #[source]
        source: Option<Cause>,
    },
    /// The body ended before its announced end. Never an end of file: try again.
    #[error("{at}: the body ended after {got} of {expected} bytes")]
    ShortRead {
        /// The operation and its object.
        at: Box<ObjectAt>,
        /// Bytes that the answer announced.
        expected: u64,
        /// Bytes that came.
        got: u64,
        /// What the connection said, if it said anything.
        #[source]
        source: Option<Cause>,
    },
    /// The asked range ends behind the end of the pinned object. Trying again does not help.
    #[error("{at}: bytes {start}..{end} of an object of {size} bytes")]
    OutOfRange {
        /// The operation and its object.
        at: Box<ObjectAt>,
        /// First byte asked for.
        start: u64,
        /// The byte after the last one asked for.
        end: u64,
        /// Size of the object in bytes.
        size: u64,
    },
    /// Every other refusal or nonsense answer. Trying again does not help.
    #[error("{at}: {code}{}", status.map(|status| format!(" (status {status})")).unwrap_or_default())]
    Invalid {
        /// The operation and its object.
        at: Box<ObjectAt>,
        /// The HTTP status, if there was an answer.
        status: Option<u16>,
        /// The store's error code, or ours in words.
        code: String,
        /// What the store said.
        #[source]
        source: Option<Cause>,
    },
    /// The local file of an upload cannot be read, or changed while it was read.
    #[error("{at}: cannot read the local file {}", path.display())]
    LocalFile {
        /// The operation and its object.
        at: Box<ObjectAt>,
        /// The local file.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
}

impl ObjectError {
    /// Whether the same request may succeed later without anybody changing anything.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Conflict { .. }
            | Self::Throttled { .. }
            | Self::Unavailable { .. }
            | Self::ShortRead { .. } => true,
            Self::NotFound { .. }
            | Self::PreconditionFailed { .. }
            | Self::AccessDenied { .. }
            | Self::NoSuchBucket { .. }
            | Self::OutOfRange { .. }
            | Self::Invalid { .. }
            | Self::LocalFile { .. } => false,
        }
    }

    /// The operation and the object that this is about.
    pub fn at(&self) -> &ObjectAt {
        match self {
            Self::NotFound { at, .. }
            | Self::PreconditionFailed { at, .. }
            | Self::Conflict { at, .. }
            | Self::AccessDenied { at, .. }
            | Self::NoSuchBucket { at, .. }
            | Self::Throttled { at, .. }
            | Self::Unavailable { at, .. }
            | Self::ShortRead { at, .. }
            | Self::OutOfRange { at, .. }
            | Self::Invalid { at, .. }
            | Self::LocalFile { at, .. } => at,
        }
    }

    /// An answer that makes no sense, in our words.
    pub(crate) fn nonsense(at: &ObjectAt, what: impl Into<String>) -> Self {
        Self::Invalid { at: Box::new(at.clone()), status: None, code: what.into(), source: None }
    }

    /// The answer shows other content than the pin names.
    pub(crate) fn replaced(at: &ObjectAt) -> Self {
        Self::PreconditionFailed { at: Box::new(at.clone()), source: None }
    }
}
