//! What an error is about.

use std::fmt;

/// The operation and the object that an error is about; a bucket operation has an empty key.
///
/// Shown as `get s3://bucket/key`. Control characters of the key are escaped, so that a hostile key
/// cannot forge a log line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectAt {
    operation: &'static str,
    bucket: String,
    key: String,
}

impl ObjectAt {
    pub(crate) fn new(operation: &'static str, bucket: &str, key: &str) -> Self {
        Self { operation, bucket: bucket.to_owned(), key: key.to_owned() }
    }

    /// The operation as a word for people: `get`, `head`, `put`, ...
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The bucket.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The key as it is (not encoded); for a listing the prefix; empty for a bucket operation.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for ObjectAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s3://{}/{}", self.operation, self.bucket, self.key.escape_debug())
    }
}
