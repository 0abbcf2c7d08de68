//! Why a request cannot be served, in the terms of S3.

/// A refusal that the client can understand. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("the bucket does not exist")]
    NoSuchBucket,
    #[error("the bucket exists already and is yours")]
    BucketExists,
    #[error("the bucket still holds objects, versions or delete markers")]
    BucketNotEmpty,
    #[error("the key does not exist")]
    NoSuchKey {
        /// Set when the newest version is a delete marker: its version id.
        marker: Option<String>,
    },
    #[error("the version does not exist")]
    NoSuchVersion,
    #[error("the version is a delete marker")]
    VersionIsMarker {
        /// Its version id.
        version: String,
        /// When it was made, milliseconds since 1970.
        modified_ms: i64,
    },
    #[error("the multipart upload does not exist; it may have been completed or aborted")]
    NoSuchUpload,
    #[error("the condition {0} does not hold")]
    PreconditionFailed(&'static str),
    #[error("the object was not modified")]
    NotModified {
        /// ETag of the object, without quotes.
        etag: String,
    },
    #[error("the range lies outside the object of {size} bytes")]
    InvalidRange {
        /// Size of the object.
        size: u64,
    },
    #[error("the range of the source lies outside its {size} bytes")]
    SourceRange {
        /// Size of the source.
        size: u64,
    },
    #[error("part {0} was not uploaded, or its ETag or checksum is another")]
    InvalidPart(u16),
    #[error("the parts are not in ascending order")]
    InvalidPartOrder,
    #[error("part {part} has {size} bytes, less than the smallest allowed size, and is not the last")]
    PartTooSmall {
        /// Its number.
        part: u16,
        /// Its size.
        size: u64,
    },
    #[error("{0} does not match the content received")]
    BadDigest(&'static str),
    #[error("the content is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    #[error("the body ended after {received} of {expected} bytes")]
    Incomplete {
        /// Bytes received.
        received: u64,
        /// Bytes announced.
        expected: u64,
    },
    #[error("the user metadata is larger than {limit} bytes")]
    MetadataTooLarge {
        /// The limit.
        limit: usize,
    },
    #[error("{0} is not valid Base64 of the right length")]
    InvalidDigest(&'static str),
    #[error("{0}")]
    InvalidRequest(&'static str),
    #[error("{0} is not supported by this endpoint")]
    NotSupported(&'static str),
    #[error("the object changed while it was read; try again")]
    Busy,
}
