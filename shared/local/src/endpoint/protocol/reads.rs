//! Get and head.

use std::ops::Range as Span;
use std::sync::Arc;

use bytes::Bytes;
use s3s::dto::{
    Checksum as Sums, ChecksumAlgorithm, ChecksumMode, ChecksumType, GetObjectInput, GetObjectOutput,
    HeadObjectInput, HeadObjectOutput, Range, StreamingBlob, Timestamp, TimestampFormat,
};
use s3s::{S3Request, S3Result};

use super::answers::{Fault, etag, etag_test, not_supported, seconds, timestamp};
use super::core::Core;
use super::headers::{refuse_first, shown_metadata};
use crate::endpoint::index::{
    ChangeError, Checksum, Found, IndexError, Place, ReadCondition, Segment, Selector,
};
use crate::endpoint::refusal::Refusal;
use crate::endpoint::storage::{Download, Piece, Pinned, cut};

/// What S3 says where nobody said anything.
const DEFAULT_TYPE: &str = "binary/octet-stream";

/// A version opened for reading.
pub(super) struct Opened {
    pub(super) found: Found,
    /// The bytes asked for.
    pub(super) span: Span<u64>,
    /// Where they are.
    pub(super) segments: Vec<Segment>,
    pieces: Vec<Piece>,
    pinned: Pinned,
}

impl Opened {
    /// The bytes as a stream.
    pub(super) fn stream(self) -> (Found, Span<u64>, Download) {
        (self.found, self.span, Download::new(self.pieces, self.pinned))
    }
}

/// Finds a version, judges, and makes sure that its bytes stay.
pub(super) async fn open(
    core: &Arc<Core>,
    source: (String, String, Selector),
    judge: impl FnOnce(&Found) -> Result<(), Refusal> + Send + 'static,
    range: Option<Range>,
) -> S3Result<Opened> {
    let core = Arc::clone(core);
    let opened = tokio::task::spawn_blocking(move || {
        let (bucket, key, selector) = source;
        let look_up = || {
            let tables = core.index.read()?;
            let found = tables.find(&bucket, &key, &selector)?;
            judge(&found)?;
            let span = span_of(range, found.row.size())?;
            let segments = cut(&found.row.segments, &span);
            let (mut pieces, mut files) = (Vec::with_capacity(segments.len()), Vec::new());
            for segment in &segments {
                if segment.place == Place::File {
                    files.push(segment.blob);
                    pieces.push(Piece::File { blob: segment.blob, offset: segment.offset, len: segment.len });
                } else {
                    let bytes = tables.inline(segment.blob)?.unwrap_or_default();
                    let lost = IndexError::ContentLost(segment.blob.0);
                    pieces.push(Piece::Memory(slice(bytes, segment).ok_or(lost)?));
                }
            }
            Ok::<_, ChangeError>(((found, span, segments, pieces), files))
        };
        let ((found, span, segments, pieces), pinned) = core.blobs.pinned(look_up)?;
        Ok::<_, ChangeError>(Opened { found, span, segments, pieces, pinned })
    });
    Ok(opened.await.map_err(Fault::from)?.map_err(Fault::from)?)
}

fn slice(bytes: Vec<u8>, segment: &Segment) -> Option<Bytes> {
    let from = usize::try_from(segment.offset).ok()?;
    let to = from.checked_add(usize::try_from(segment.len).ok()?)?;
    (to <= bytes.len()).then(|| Bytes::from(bytes).slice(from..to))
}

fn span_of(range: Option<Range>, size: u64) -> Result<Span<u64>, Refusal> {
    match range {
        None => Ok(0..size),
        Some(range) => range.check(size).map_err(|_| Refusal::InvalidRange { size }),
    }
}

fn content_range(span: &Span<u64>, size: u64) -> String {
    format!("bytes {}-{}/{size}", span.start, span.end.saturating_sub(1))
}

/// Header conditions of a read.
macro_rules! read_condition {
    ($input:expr) => {
        ReadCondition {
            if_match: $input.if_match.as_ref().map(etag_test),
            if_none_match: $input.if_none_match.as_ref().map(etag_test),
            modified_since: $input.if_modified_since.as_ref().map(seconds).transpose()?,
            unmodified_since: $input.if_unmodified_since.as_ref().map(seconds).transpose()?,
        }
    };
}

/// The output fields that get and head share.
macro_rules! describe {
    ($output:ident, $found:expr, $span:expr, $partial:expr, $sums:expr) => {{
        let (row, headers) = (&$found.row, &$found.row.headers);
        let sums: Sums = $sums;
        $output {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: headers.cache_control.clone(),
            content_disposition: headers.content_disposition.clone(),
            content_encoding: headers.content_encoding.clone(),
            content_language: headers.content_language.clone(),
            content_length: i64::try_from($span.end.saturating_sub($span.start)).ok(),
            content_range: $partial.then(|| content_range(&$span, row.size())),
            content_type: Some(headers.content_type.clone().unwrap_or_else(|| DEFAULT_TYPE.to_owned())),
            e_tag: Some(etag(&row.etag)),
            expires: headers.expires.as_deref().and_then(parse_http_date),
            last_modified: Some(timestamp(row.modified_ms)),
            metadata: shown_metadata(&headers.metadata),
            version_id: $found.version_header(),
            checksum_crc32: sums.checksum_crc32,
            checksum_crc32c: sums.checksum_crc32c,
            checksum_crc64nvme: sums.checksum_crc64nvme,
            checksum_sha1: sums.checksum_sha1,
            checksum_sha256: sums.checksum_sha256,
            checksum_type: sums.checksum_type,
            ..Default::default()
        }
    }};
}

pub(super) async fn get(core: &Arc<Core>, request: S3Request<GetObjectInput>) -> S3Result<GetObjectOutput> {
    let input = request.input;
    refuse_first([
        (input.part_number.is_some(), "reading by part number"),
        (input.sse_customer_key.is_some(), "SSE-C"),
    ])?;
    let condition = read_condition!(input);
    let source = (input.bucket, input.key, Selector::of(input.version_id.as_deref()));
    let opened = open(core, source, move |found| condition.judge(&found.row), input.range).await?;
    let partial = input.range.is_some();
    let sums = asked_checksums(input.checksum_mode.as_ref(), partial, &opened.found);
    let (found, span, body) = opened.stream();
    let mut output = describe!(GetObjectOutput, found, span, partial, sums);
    output.body = Some(StreamingBlob::new(body));
    Ok(output)
}

pub(super) async fn head(
    core: &Arc<Core>,
    request: S3Request<HeadObjectInput>,
) -> S3Result<HeadObjectOutput> {
    let input = request.input;
    if input.part_number.is_some() {
        return Err(not_supported("reading by part number"));
    }
    let condition = read_condition!(input);
    let (bucket, key) = (input.bucket, input.key);
    let selector = Selector::of(input.version_id.as_deref());
    let (found, span) = core
        .read(move |tables| {
            let found = tables.find(&bucket, &key, &selector)?;
            condition.judge(&found.row)?;
            let span = span_of(input.range, found.row.size())?;
            Ok((found, span))
        })
        .await?;
    let partial = input.range.is_some();
    let sums = asked_checksums(input.checksum_mode.as_ref(), partial, &found);
    Ok(describe!(HeadObjectOutput, found, span, partial, sums))
}

/// The checksum, if the client wants it and it is that of the bytes it gets.
fn asked_checksums(mode: Option<&ChecksumMode>, partial: bool, found: &Found) -> Sums {
    let asked = mode.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED) && !partial;
    checksums(found.row.checksum.as_ref().filter(|_| asked))
}

/// A stored checksum in the field of its algorithm.
pub(super) fn checksums(stored: Option<&Checksum>) -> Sums {
    let mut sums = Sums::default();
    let Some(Checksum { algorithm, value }) = stored else { return sums };
    let kind = if value.contains('-') { ChecksumType::COMPOSITE } else { ChecksumType::FULL_OBJECT };
    sums.checksum_type = Some(ChecksumType::from_static(kind));
    let field = match algorithm.as_str() {
        ChecksumAlgorithm::CRC32 => &mut sums.checksum_crc32,
        ChecksumAlgorithm::CRC32C => &mut sums.checksum_crc32c,
        ChecksumAlgorithm::CRC64NVME => &mut sums.checksum_crc64nvme,
        ChecksumAlgorithm::SHA1 => &mut sums.checksum_sha1,
        ChecksumAlgorithm::SHA256 => &mut sums.checksum_sha256,
        _ => return Sums::default(),
    };
    *field = Some(value.clone());
    sums
}

fn parse_http_date(text: &str) -> Option<Timestamp> {
    Timestamp::parse(TimestampFormat::HttpDate, text).ok()
}
