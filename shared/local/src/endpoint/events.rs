//! What the endpoint tells about its writes.

use async_trait::async_trait;

/// What happened to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WriteKind {
    /// An object was put.
    Put,
    /// An object was copied here.
    Copy,
    /// A multipart upload was completed.
    CompleteMultipartUpload,
    /// A version, or the object of an unversioned bucket, was removed.
    Delete,
    /// A delete marker became the newest version.
    DeleteMarkerCreated,
}

/// One effect of a write on one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectWritten {
    /// The bucket.
    pub bucket: String,
    /// The key as the client named it, not encoded.
    pub key: String,
    /// The version that was written or removed; `None` for the version without an id (`null`).
    pub version_id: Option<String>,
    /// ETag without quotes: of the new object, or of the removed version; empty for delete markers.
    pub etag: String,
    /// Size in bytes, of the same.
    pub size: u64,
    /// For a new object or marker its `LastModified`, for a removal the time of it: milliseconds since 1970, UTC.
    pub last_modified: i64,
    /// Grows with each effect, so also for each key: 16 hexadecimal digits, compared as text.
    pub sequencer: String,
    /// What happened.
    pub kind: WriteKind,
}

/// The sink could not take the events.
#[derive(Debug, thiserror::Error)]
#[error("events of a stored write could not be recorded")]
pub struct SinkError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl SinkError {
    /// Wraps the cause.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

/// Takes the events of a write after it is durable and before it is answered.
#[async_trait]
pub trait EventSink: Send + Sync + 'static {
    /// Called once for each answered write, with one event for each effect (a batch delete has several).
    ///
    /// Delivery is at least once: a client that repeats a write because of a lost answer makes a second event.
    ///
    /// # Errors
    /// The write is answered with 500; what was stored stays stored, and a later listing finds it.
    async fn written(&self, events: &[ObjectWritten]) -> Result<(), SinkError>;
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoEvents;

#[async_trait]
impl EventSink for NoEvents {
    async fn written(&self, _events: &[ObjectWritten]) -> Result<(), SinkError> {
        Ok(())
    }
}
