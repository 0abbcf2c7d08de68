//! Put and copy.

use std::sync::Arc;

use futures::stream;
use http::HeaderMap;
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, ETagCondition, MetadataDirective,
    PutObjectInput, PutObjectOutput, StreamingBlob,
};
use s3s::{S3Error, S3Request, S3Result};

use super::answers::{Fault, etag, etag_test, invalid_argument, not_supported, refused, timestamp};
use super::core::Core;
use super::headers::{headers_of, refuse_unsupported};
use super::reads::checksums;
use crate::endpoint::events::WriteKind;
use crate::endpoint::index::{CopyPlan, NewObject, ReadCondition, Selector, WriteCondition};
use crate::endpoint::refusal::Refusal;
use crate::endpoint::storage::{Expected, IntakeError, Received, receive};

pub(super) async fn put(core: &Arc<Core>, request: S3Request<PutObjectInput>) -> S3Result<PutObjectOutput> {
    let S3Request { mut input, headers: sent, trailing_headers, .. } = request;
    refuse_unsupported!(input);
    if input.write_offset_bytes.is_some() {
        return Err(not_supported("an append"));
    }
    let headers = headers_of!(input);
    let condition = write_condition(input.if_match.as_ref(), input.if_none_match.as_ref())?;
    // Before the body: a missing bucket need not cost an upload.
    let bucket = input.bucket.clone();
    core.read(move |tables| tables.bucket(&bucket)).await?;

    let expected = expected(&sent, trailing_headers, input.content_length)?;
    let received = take(core, input.body.take(), expected).await?;
    let (bucket, key) = (input.bucket.clone(), input.key.clone());
    let object = NewObject {
        bucket: input.bucket,
        key: input.key,
        headers,
        etag: hex::encode(received.md5),
        content: received.content,
        checksum: received.checksum,
        condition,
    };
    let written = core
        .write(
            move |writer| writer.put(object),
            move |written| vec![written.event(&bucket, &key, WriteKind::Put)],
        )
        .await?;
    let sums = checksums(written.row.checksum.as_ref());
    Ok(PutObjectOutput {
        e_tag: Some(etag(&written.row.etag)),
        version_id: written.version_header(),
        checksum_crc32: sums.checksum_crc32,
        checksum_crc32c: sums.checksum_crc32c,
        checksum_crc64nvme: sums.checksum_crc64nvme,
        checksum_sha1: sums.checksum_sha1,
        checksum_sha256: sums.checksum_sha256,
        checksum_type: sums.checksum_type,
        ..Default::default()
    })
}

pub(super) async fn copy(
    core: &Arc<Core>,
    request: S3Request<CopyObjectInput>,
) -> S3Result<CopyObjectOutput> {
    let S3Request { input, headers: sent, .. } = request;
    refuse_unsupported!(input);
    let source = copy_source(&input.copy_source)?;
    let replace = match input.metadata_directive.as_ref().map(MetadataDirective::as_str) {
        None | Some(MetadataDirective::COPY) => false,
        Some(MetadataDirective::REPLACE) => true,
        Some(_) => return Err(invalid_argument("the metadata directive is COPY or REPLACE")),
    };
    if !replace && source.2 == Selector::Newest && source.0 == input.bucket && source.1 == input.key {
        let rule = "an object is copied to itself only with new metadata";
        return Err(refused(&Refusal::InvalidRequest(rule)));
    }
    let plan = CopyPlan {
        source,
        source_condition: ReadCondition {
            if_match: input.copy_source_if_match.as_ref().map(etag_test),
            if_none_match: input.copy_source_if_none_match.as_ref().map(etag_test),
            modified_since: input
                .copy_source_if_modified_since
                .as_ref()
                .map(super::answers::seconds)
                .transpose()?,
            unmodified_since: input
                .copy_source_if_unmodified_since
                .as_ref()
                .map(super::answers::seconds)
                .transpose()?,
        },
        bucket: input.bucket.clone(),
        key: input.key.clone(),
        headers: if replace { Some(headers_of!(input)) } else { None },
        // The protocol layer does not know these two of a copy yet.
        condition: write_condition(
            header_condition(&sent, "if-match")?.as_ref(),
            header_condition(&sent, "if-none-match")?.as_ref(),
        )?,
    };
    let (bucket, key) = (input.bucket, input.key);
    let (source, written) = core
        .write(
            move |writer| writer.copy(plan),
            move |(_, written)| vec![written.event(&bucket, &key, WriteKind::Copy)],
        )
        .await?;
    Ok(CopyObjectOutput {
        copy_object_result: Some(CopyObjectResult {
            e_tag: Some(etag(&written.row.etag)),
            last_modified: Some(timestamp(written.row.modified_ms)),
            ..Default::default()
        }),
        copy_source_version_id: source.version_header(),
        version_id: written.version_header(),
        ..Default::default()
    })
}

/// What the request says about its body.
pub(super) fn expected(
    sent: &HeaderMap,
    trailing: Option<s3s::TrailingHeaders>,
    length: Option<i64>,
) -> S3Result<Expected> {
    let mut expected = Expected::of(sent, trailing).map_err(|refusal| refused(&refusal))?;
    expected.length = length.and_then(|length| u64::try_from(length).ok());
    Ok(expected)
}

/// Takes the body in.
pub(super) async fn take(
    core: &Arc<Core>,
    body: Option<StreamingBlob>,
    expected: Expected,
) -> S3Result<Received> {
    let received = match body {
        Some(body) => receive(&core.blobs, body, expected).await,
        None => receive(&core.blobs, stream::empty(), expected).await,
    };
    received.map_err(|error: IntakeError| S3Error::from(Fault::from(error)))
}

/// Conditions on what a write replaces.
pub(super) fn write_condition(
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> S3Result<WriteCondition> {
    if matches!(if_none_match, Some(ETagCondition::ETag(_))) {
        return Err(not_supported("If-None-Match with an ETag on a write"));
    }
    Ok(WriteCondition { if_match: if_match.map(etag_test), if_absent: if_none_match.is_some() })
}

fn header_condition(sent: &HeaderMap, name: &str) -> S3Result<Option<ETagCondition>> {
    sent.get(name)
        .map(|value| ETagCondition::parse_http_header(value.as_bytes()))
        .transpose()
        .map_err(|_| invalid_argument("an ETag condition cannot be read"))
}

/// Bucket, key and version of a copy's source.
pub(super) fn copy_source(source: &CopySource) -> S3Result<(String, String, Selector)> {
    match source {
        CopySource::Bucket { bucket, key, version_id } => {
            Ok((bucket.to_string(), key.to_string(), Selector::of(version_id.as_deref())))
        }
        _ => Err(not_supported("a copy from an access point")),
    }
}
