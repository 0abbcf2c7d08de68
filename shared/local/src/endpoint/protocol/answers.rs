//! Refusals and failures as S3 errors, times and tags as S3 writes them.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue};
use s3s::dto::{ETag, ETagCondition, Owner, Timestamp, TimestampFormat};
use s3s::{S3Error, S3ErrorCode, S3Result};

use crate::endpoint::events::SinkError;
use crate::endpoint::index::{ChangeError, EtagTest};
use crate::endpoint::refusal::Refusal;
use crate::endpoint::request::IDLE_BODY;
use crate::endpoint::storage::IntakeError;

/// Why an operation has no answer of its own.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Change(#[from] ChangeError),
    #[error("the write is stored, but its event could not be recorded")]
    Sink(#[from] SinkError),
    #[error("an operation ended by a panic")]
    Panicked(#[from] tokio::task::JoinError),
    #[error(transparent)]
    Intake(#[from] IntakeError),
}

impl From<Fault> for S3Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Change(ChangeError::Refused(refusal)) | Fault::Intake(IntakeError::Refused(refusal)) => {
                refused(&refusal)
            }
            Fault::Intake(IntakeError::Body(source)) => body_error(source),
            fault => {
                tracing::error!(error = &fault as &dyn std::error::Error, "request failed");
                let message = match &fault {
                    Fault::Sink(_) => {
                        "the write is stored, but its event could not be recorded; send it again"
                    }
                    _ => "the endpoint could not do its work; see its log",
                };
                Self::with_message(S3ErrorCode::InternalError, message)
            }
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Change(refusal.into())
    }
}

/// The S3 error of a refusal.
pub(super) fn refused(refusal: &Refusal) -> S3Error {
    let code = match refusal {
        Refusal::NoSuchBucket => S3ErrorCode::NoSuchBucket,
        Refusal::BucketExists => S3ErrorCode::BucketAlreadyOwnedByYou,
        Refusal::BucketNotEmpty => S3ErrorCode::BucketNotEmpty,
        Refusal::NoSuchKey { .. } => S3ErrorCode::NoSuchKey,
        Refusal::NoSuchVersion => S3ErrorCode::NoSuchVersion,
        Refusal::VersionIsMarker { .. } => S3ErrorCode::MethodNotAllowed,
        Refusal::NoSuchUpload => S3ErrorCode::NoSuchUpload,
        Refusal::PreconditionFailed(_) => S3ErrorCode::PreconditionFailed,
        Refusal::NotModified { .. } => S3ErrorCode::NotModified,
        Refusal::InvalidRange { .. } => S3ErrorCode::InvalidRange,
        Refusal::SourceRange { .. } => S3ErrorCode::InvalidArgument,
        Refusal::InvalidPart(_) => S3ErrorCode::InvalidPart,
        Refusal::InvalidPartOrder => S3ErrorCode::InvalidPartOrder,
        Refusal::PartTooSmall { .. } => S3ErrorCode::EntityTooSmall,
        Refusal::BadDigest(_) => S3ErrorCode::BadDigest,
        Refusal::TooLarge { .. } => S3ErrorCode::EntityTooLarge,
        Refusal::MetadataTooLarge { .. } => S3ErrorCode::MetadataTooLarge,
        Refusal::Incomplete { .. } => S3ErrorCode::IncompleteBody,
        Refusal::InvalidDigest(_) => S3ErrorCode::InvalidDigest,
        Refusal::InvalidRequest(_) => S3ErrorCode::InvalidRequest,
        Refusal::NotSupported(_) => S3ErrorCode::NotImplemented,
        Refusal::Busy => S3ErrorCode::SlowDown,
    };
    let mut error = S3Error::with_message(code, refusal.to_string());
    let headers = extra_headers(refusal);
    if !headers.is_empty() {
        error.set_headers(headers);
    }
    error
}

fn extra_headers(refusal: &Refusal) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut add = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    match refusal {
        Refusal::NoSuchKey { marker: Some(version) } => {
            add("x-amz-delete-marker", "true");
            add("x-amz-version-id", version);
        }
        Refusal::VersionIsMarker { version, modified_ms } => {
            add("x-amz-delete-marker", "true");
            add("x-amz-version-id", version);
            add("last-modified", &http_date(&timestamp(*modified_ms)).unwrap_or_default());
        }
        Refusal::NotModified { etag } => add("etag", &format!("\"{etag}\"")),
        Refusal::InvalidRange { size } => add("content-range", &format!("bytes */{size}")),
        _ => {}
    }
    headers
}

/// A body that broke off, that brings nothing, or that its signature does not fit.
fn body_error(source: s3s::StdError) -> S3Error {
    let text = source.to_string();
    let code = if text.contains(IDLE_BODY) {
        S3ErrorCode::RequestTimeout
    } else if text.contains("Sha256Mismatch") {
        S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into())
    } else if text.contains("SignatureMismatch") {
        S3ErrorCode::SignatureDoesNotMatch
    } else {
        S3ErrorCode::IncompleteBody
    };
    let mut error = S3Error::with_source(code, source);
    error.set_status_code(http::StatusCode::BAD_REQUEST);
    error
}

/// An argument of the request that cannot be.
pub(super) fn invalid_argument(message: &'static str) -> S3Error {
    S3Error::with_message(S3ErrorCode::InvalidArgument, message)
}

/// A feature that this endpoint does not have.
pub(super) fn not_supported(what: &'static str) -> S3Error {
    refused(&Refusal::NotSupported(what))
}

/// An instant for an answer; times before 1970 do not occur.
pub(super) fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from(SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(ms).unwrap_or(0)))
}

/// Whole seconds since 1970 of a header's time.
pub(super) fn seconds(time: &Timestamp) -> S3Result<i64> {
    let mut text = Vec::new();
    let parsed = time.format(TimestampFormat::EpochSeconds, &mut text).ok().and_then(|()| {
        let text = String::from_utf8(text).ok()?;
        text.split('.').next()?.parse().ok()
    });
    parsed.ok_or_else(|| invalid_argument("the time of a condition is out of range"))
}

/// The form of `Expires` and `Last-Modified`.
pub(super) fn http_date(time: &Timestamp) -> Option<String> {
    let mut text = Vec::new();
    time.format(TimestampFormat::HttpDate, &mut text).ok()?;
    String::from_utf8(text).ok()
}

/// An ETag of ours.
pub(super) fn etag(value: &str) -> ETag {
    ETag::Strong(value.to_owned())
}

/// An ETag condition of theirs.
pub(super) fn etag_test(condition: &ETagCondition) -> EtagTest {
    match condition {
        ETagCondition::Any => EtagTest::Any,
        ETagCondition::ETag(ETag::Strong(value)) => EtagTest::Is(value.clone()),
        ETagCondition::ETag(ETag::Weak(value)) => EtagTest::Weak(value.clone()),
    }
}

/// The one owner of everything.
pub(super) fn owner() -> Owner {
    Owner { display_name: Some("landfall".to_owned()), id: Some("landfall".to_owned()) }
}
