//! Conditional writes.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use aws_sdk_s3::config::Builder;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;

use crate::classify::from_sdk;
use crate::connect::upload_timeouts;
use crate::head::{quoted, real_version, required_etag};
use crate::{ObjectAt, ObjectError, ObjectStore, multipart};

/// When a write may happen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Condition {
    /// Whatever is there is replaced.
    #[default]
    Always,
    /// Only if the key does not exist.
    IfAbsent,
    /// Only if the key holds the content with this ETag (without quotes).
    IfMatch(String),
}

impl Condition {
    /// The headers If-None-Match and If-Match.
    pub(crate) fn headers(&self) -> (Option<String>, Option<String>) {
        match self {
            Self::Always => (None, None),
            Self::IfAbsent => (Some("*".to_owned()), None),
            Self::IfMatch(etag) => (None, Some(quoted(etag))),
        }
    }

    /// S3 answers 404 to an If-Match on an absent key, others 412: for the caller it is one thing.
    pub(crate) fn judge(&self, error: ObjectError) -> ObjectError {
        match (self, error) {
            (Self::IfMatch(_), ObjectError::NotFound { at, source }) => {
                ObjectError::PreconditionFailed { at, source }
            }
            (_, error) => error,
        }
    }
}

/// What is written beside the bytes, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutOptions {
    /// User metadata, names without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// The content type; none leaves it to the store.
    pub content_type: Option<String>,
    /// When the write may happen.
    pub condition: Condition,
}

/// What a write made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// ETag of the new content, without quotes.
    pub etag: String,
    /// Its version, if the bucket has versions.
    pub version_id: Option<String>,
}

/// A local file to upload.
#[derive(Clone)]
pub struct FileUpload<'a> {
    /// The file.
    pub path: &'a Path,
    /// What is written beside it, and when.
    pub options: PutOptions,
    /// Called with the number of bytes that the store has confirmed so far.
    pub progress: Option<&'a (dyn Fn(u64) + Send + Sync)>,
}

impl fmt::Debug for FileUpload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileUpload")
            .field("path", &self.path)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl<'a> FileUpload<'a> {
    /// An upload without conditions, metadata or progress.
    pub fn new(path: &'a Path) -> Self {
        Self { path, options: PutOptions::default(), progress: None }
    }

    pub(crate) fn report(&self, bytes: u64) {
        if let Some(progress) = self.progress {
            progress(bytes);
        }
    }
}

impl ObjectStore {
    /// Writes an object with one request.
    ///
    /// Errors: `PreconditionFailed` if the condition does not hold, `Conflict` if another write to
    /// the key runs at the same time. A lost answer is asked for again by the SDK, so a conditional
    /// write may be refused because of its own first try: whoever gets `PreconditionFailed` looks at
    /// what is there before it decides.
    pub async fn put(
        &self,
        bucket: &str,
        key: &str,
        body: Bytes,
        options: PutOptions,
    ) -> Result<Put, ObjectError> {
        let at = ObjectAt::new("put", bucket, key);
        let (if_none_match, if_match) = options.condition.headers();
        let answer = self
            .client()
            .put_object()
            .bucket(bucket)
            .key(key)
            .set_metadata(Some(options.metadata.into_iter().collect()))
            .set_content_type(options.content_type)
            .set_if_none_match(if_none_match)
            .set_if_match(if_match)
            .body(ByteStream::from(body))
            .customize()
            .config_override(Builder::new().timeout_config(upload_timeouts()))
            .send()
            .await
            .map_err(|error| options.condition.judge(from_sdk(&at, error)))?;
        let etag = required_etag(&at, answer.e_tag())?;
        Ok(Put { etag, version_id: real_version(answer.version_id) })
    }

    /// Uploads a local file: with one request up to 16 MiB, else in parts of at least 8 MiB, three
    /// at a time, so that memory does not depend on the file's size. The condition holds for the
    /// moment in which the object appears.
    ///
    /// Errors: as [`ObjectStore::put`]; `LocalFile` if the file cannot be read or changed meanwhile.
    /// After an error, and when dropped, the parts are taken back.
    pub async fn put_file(
        &self,
        bucket: &str,
        key: &str,
        upload: FileUpload<'_>,
    ) -> Result<Put, ObjectError> {
        multipart::put_file(self, ObjectAt::new("put", bucket, key), upload).await
    }
}
