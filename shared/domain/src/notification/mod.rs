//! Notifications about objects, in every shape that stores and buses give them.

mod read;
mod write;

pub use read::{EventError, Notification, NotificationError, parse};
pub use write::{WrittenEvent, to_json};

use chrono::{DateTime, Utc};

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// A version was written: put, copy or completed multipart upload.
    Created,
    /// A version was removed for good.
    Removed,
    /// A delete marker hides the key; all versions are still there.
    Hidden,
}

/// One event of a notification, in our own strict form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectEvent {
    /// What happened.
    pub change: Change,
    /// The bucket.
    pub bucket: String,
    /// The key, decoded.
    pub key: String,
    /// The version id, where the bucket has versions.
    pub version_id: Option<String>,
    /// The ETag without quotes.
    pub etag: Option<String>,
    /// Size in bytes.
    pub size: Option<u64>,
    /// When it happened.
    pub time: Option<DateTime<Utc>>,
    /// Orders events of one key; compared only at equal length.
    pub sequencer: Option<String>,
}
