//! Multipart uploads.

use std::sync::Arc;

use futures::StreamExt;
use md5::{Digest, Md5};
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CompletedPart, CopyPartResult, CreateMultipartUploadInput,
    CreateMultipartUploadOutput, ETag, ListPartsInput, ListPartsOutput, Part, Range, UploadPartCopyInput,
    UploadPartCopyOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3Error, S3Request, S3Result};

use super::answers::{Fault, etag, etag_test, invalid_argument, owner, refused, seconds, timestamp};
use super::core::Core;
use super::headers::{headers_of, refuse_first, refuse_unsupported};
use super::objects::{copy_source, expected, take, write_condition};
use super::reads::{checksums, open};
use crate::endpoint::events::WriteKind;
use crate::endpoint::index::{
    Checksum as Stored, CompletePlan, Found, NewPart, PartClaim, PartContent, PartRow, ReadCondition,
    total_len,
};
use crate::endpoint::refusal::Refusal;
use crate::endpoint::storage::IntakeError;

/// Part numbers, as in S3.
const PART_NUMBERS: std::ops::RangeInclusive<i32> = 1..=10_000;

pub(super) async fn create(
    core: &Arc<Core>,
    request: S3Request<CreateMultipartUploadInput>,
) -> S3Result<CreateMultipartUploadOutput> {
    let input = request.input;
    refuse_unsupported!(input);
    let headers = headers_of!(input);
    let algorithm = input.checksum_algorithm.as_ref().map(|algorithm| algorithm.as_str().to_owned());
    let (bucket, key) = (input.bucket.clone(), input.key.clone());
    let id = core.change(move |writer| writer.begin_upload(&bucket, &key, headers, algorithm)).await?;
    Ok(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        checksum_algorithm: input.checksum_algorithm,
        checksum_type: input.checksum_type,
        key: Some(input.key),
        upload_id: Some(id),
        ..Default::default()
    })
}

pub(super) async fn part(
    core: &Arc<Core>,
    request: S3Request<UploadPartInput>,
) -> S3Result<UploadPartOutput> {
    let S3Request { mut input, headers: sent, trailing_headers, .. } = request;
    refuse_first([(input.sse_customer_key.is_some(), "SSE-C")])?;
    let number = part_number(input.part_number)?;
    let upload = (input.bucket, input.key, input.upload_id);
    known(core, &upload).await?;
    let expected = expected(&sent, trailing_headers, input.content_length)?;
    let received = take(core, input.body.take(), expected).await?;
    let part = NewPart {
        upload,
        number,
        md5: received.md5,
        content: PartContent::New(received.content),
        checksum: received.checksum,
    };
    let row = core.change(move |writer| writer.put_part(part)).await?;
    let sums = checksums(row.checksum.as_ref());
    Ok(UploadPartOutput {
        e_tag: Some(etag(&hex::encode(row.md5))),
        checksum_crc32: sums.checksum_crc32,
        checksum_crc32c: sums.checksum_crc32c,
        checksum_crc64nvme: sums.checksum_crc64nvme,
        checksum_sha1: sums.checksum_sha1,
        checksum_sha256: sums.checksum_sha256,
        ..Default::default()
    })
}

/// Copies by reference; the bytes are read once for the part's ETag.
pub(super) async fn part_copy(
    core: &Arc<Core>,
    request: S3Request<UploadPartCopyInput>,
) -> S3Result<UploadPartCopyOutput> {
    let input = request.input;
    let number = part_number(input.part_number)?;
    let upload = (input.bucket, input.key, input.upload_id);
    known(core, &upload).await?;
    let source = copy_source(&input.copy_source)?;
    let condition = ReadCondition {
        if_match: input.copy_source_if_match.as_ref().map(etag_test),
        if_none_match: input.copy_source_if_none_match.as_ref().map(etag_test),
        modified_since: input.copy_source_if_modified_since.as_ref().map(seconds).transpose()?,
        unmodified_since: input.copy_source_if_unmodified_since.as_ref().map(seconds).transpose()?,
    };
    let range = input.copy_source_range.as_deref().map(source_range).transpose()?;
    let (bucket, key) = (source.0.clone(), source.1.clone());
    let judge = move |found: &Found| {
        condition.judge_source(&found.row)?;
        range.map_or(Ok(()), |range| within(range, found.row.size()))
    };
    let opened = open(core, source, judge, range).await?;
    let segments = opened.segments.clone();
    let (found, _, mut body) = opened.stream();
    let mut md5 = Md5::new();
    while let Some(block) = body.next().await {
        md5.update(block.map_err(|error| Fault::Intake(IntakeError::Disk(std::io::Error::other(error))))?);
    }
    let part = NewPart {
        upload,
        number,
        md5: md5.finalize().into(),
        content: PartContent::Of(bucket, key, found.seq, segments),
        checksum: None,
    };
    let row = core.change(move |writer| writer.put_part(part)).await?;
    Ok(UploadPartCopyOutput {
        copy_part_result: Some(CopyPartResult {
            e_tag: Some(etag(&hex::encode(row.md5))),
            last_modified: Some(timestamp(row.modified_ms)),
            ..Default::default()
        }),
        copy_source_version_id: found.version_header(),
        ..Default::default()
    })
}

/// The range of a copied part: both ends are named, other than that of a read.
fn source_range(text: &str) -> S3Result<Range> {
    match Range::parse(text) {
        Ok(range @ Range::Int { last: Some(_), .. }) => Ok(range),
        _ => Err(invalid_argument("the range of the source is not of the form bytes=first-last")),
    }
}

/// Other than that of a read, the range of a copied part is not cut to the size.
fn within(range: Range, size: u64) -> Result<(), Refusal> {
    match range {
        Range::Int { first, last: Some(last) } if first <= last && last < size => Ok(()),
        _ => Err(Refusal::SourceRange { size }),
    }
}

pub(super) async fn complete(
    core: &Arc<Core>,
    request: S3Request<CompleteMultipartUploadInput>,
) -> S3Result<CompleteMultipartUploadOutput> {
    let input = request.input;
    let condition = write_condition(input.if_match.as_ref(), input.if_none_match.as_ref())?;
    let checksum = stored_checksum(
        input.checksum_crc32,
        input.checksum_crc32c,
        input.checksum_crc64nvme,
        input.checksum_sha1,
        input.checksum_sha256,
    );
    let parts = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
    let plan = CompletePlan {
        upload: (input.bucket.clone(), input.key.clone(), input.upload_id),
        parts: parts.into_iter().map(claim).collect::<S3Result<_>>()?,
        condition,
        min_part_bytes: core.min_part_bytes,
        size: input.mpu_object_size.and_then(|size| u64::try_from(size).ok()),
        checksum,
    };
    let (bucket, key) = (input.bucket.clone(), input.key.clone());
    let kind = WriteKind::CompleteMultipartUpload;
    let written = core
        .write(
            move |writer| writer.complete_upload(&plan),
            move |written| vec![written.event(&bucket, &key, kind)],
        )
        .await?;
    let sums = checksums(written.row.checksum.as_ref());
    Ok(CompleteMultipartUploadOutput {
        location: Some(format!("/{}/{}", input.bucket, input.key)),
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: Some(etag(&written.row.etag)),
        version_id: written.version_header(),
        checksum_crc32: sums.checksum_crc32,
        checksum_crc32c: sums.checksum_crc32c,
        checksum_sha1: sums.checksum_sha1,
        checksum_sha256: sums.checksum_sha256,
        checksum_type: sums.checksum_type,
        ..Default::default()
    })
}

pub(super) async fn abort(
    core: &Arc<Core>,
    request: S3Request<AbortMultipartUploadInput>,
) -> S3Result<AbortMultipartUploadOutput> {
    let input = request.input;
    core.change(move |writer| writer.abort_upload(&input.bucket, &input.key, &input.upload_id)).await?;
    Ok(AbortMultipartUploadOutput::default())
}

pub(super) async fn list_parts(
    core: &Arc<Core>,
    request: S3Request<ListPartsInput>,
) -> S3Result<ListPartsOutput> {
    let input = request.input;
    let max_parts = input.max_parts.unwrap_or(1000).min(1000);
    let limit = usize::try_from(max_parts).map_err(|_| invalid_argument("the page limit is negative"))?;
    let after = input.part_number_marker.unwrap_or(0);
    let after =
        u16::try_from(after).map_err(|_| invalid_argument("the part number marker is out of range"))?;
    let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
    let mut parts = core
        .read(move |tables| tables.upload_parts(&bucket, &key, &id, (Some(after), limit.saturating_add(1))))
        .await?;
    let truncated = parts.len() > limit;
    parts.truncate(limit);
    let next = parts.last().filter(|_| truncated).map(|(number, _)| i32::from(*number));
    Ok(ListPartsOutput {
        bucket: Some(input.bucket),
        is_truncated: Some(truncated),
        key: Some(input.key),
        max_parts: Some(max_parts),
        next_part_number_marker: next,
        owner: Some(owner()),
        part_number_marker: input.part_number_marker,
        parts: Some(parts.into_iter().map(listed_part).collect()),
        upload_id: Some(input.upload_id),
        ..Default::default()
    })
}

fn listed_part((number, row): (u16, PartRow)) -> Part {
    let sums = checksums(row.checksum.as_ref());
    Part {
        e_tag: Some(etag(&hex::encode(row.md5))),
        last_modified: Some(timestamp(row.modified_ms)),
        part_number: Some(i32::from(number)),
        size: i64::try_from(total_len(&row.segments)).ok(),
        checksum_crc32: sums.checksum_crc32,
        checksum_crc32c: sums.checksum_crc32c,
        checksum_crc64nvme: sums.checksum_crc64nvme,
        checksum_sha1: sums.checksum_sha1,
        checksum_sha256: sums.checksum_sha256,
    }
}

/// Before the body: a missing upload need not cost one.
async fn known(core: &Arc<Core>, upload: &(String, String, String)) -> S3Result<()> {
    let (bucket, key, id) = upload.clone();
    core.read(move |tables| tables.upload(&bucket, &key, &id).map(drop)).await
}

fn part_number(number: i32) -> S3Result<u16> {
    let number =
        PART_NUMBERS.contains(&number).then_some(number).and_then(|number| u16::try_from(number).ok());
    number.ok_or_else(|| invalid_argument("a part number lies between 1 and 10,000"))
}

fn claim(part: CompletedPart) -> S3Result<PartClaim> {
    let missing = || -> S3Error { refused(&Refusal::InvalidRequest("a part of a completion has no number")) };
    Ok(PartClaim {
        number: part_number(part.part_number.ok_or_else(missing)?)?,
        etag: part.e_tag.map(ETag::into_value),
        checksum: stored_checksum(
            part.checksum_crc32,
            part.checksum_crc32c,
            part.checksum_crc64nvme,
            part.checksum_sha1,
            part.checksum_sha256,
        ),
    })
}

fn stored_checksum(
    crc32: Option<String>,
    crc32c: Option<String>,
    crc64nvme: Option<String>,
    sha1: Option<String>,
    sha256: Option<String>,
) -> Option<Stored> {
    [("CRC32", crc32), ("CRC32C", crc32c), ("CRC64NVME", crc64nvme), ("SHA1", sha1), ("SHA256", sha256)]
        .into_iter()
        .find_map(|(algorithm, value)| Some(Stored { algorithm: algorithm.to_owned(), value: value? }))
}
