//! Operations on buckets.

use std::sync::Arc;

use s3s::dto::{
    Bucket, BucketLocationConstraint, BucketVersioningStatus, CreateBucketInput, CreateBucketOutput,
    DeleteBucketInput, DeleteBucketOutput, GetBucketLocationInput, GetBucketLocationOutput,
    GetBucketVersioningInput, GetBucketVersioningOutput, HeadBucketInput, HeadBucketOutput, ListBucketsInput,
    ListBucketsOutput, MFADelete, PutBucketVersioningInput, PutBucketVersioningOutput,
};
use s3s::{S3Request, S3Result};

use super::answers::{not_supported, owner, timestamp};
use super::core::Core;
use super::headers::refuse_first;
use crate::endpoint::index::{Tables, Versioning};

pub(super) async fn create(
    core: &Arc<Core>,
    request: S3Request<CreateBucketInput>,
) -> S3Result<CreateBucketOutput> {
    let input = request.input;
    refuse_first([
        (input.object_lock_enabled_for_bucket == Some(true), "object lock"),
        (input.acl.as_ref().is_some_and(|acl| acl.as_str() != "private"), "a bucket that is not private"),
    ])?;
    let name = input.bucket.clone();
    core.change(move |writer| writer.create_bucket(&name)).await?;
    Ok(CreateBucketOutput { location: Some(format!("/{}", input.bucket)) })
}

pub(super) async fn delete(
    core: &Arc<Core>,
    request: S3Request<DeleteBucketInput>,
) -> S3Result<DeleteBucketOutput> {
    core.change(move |writer| writer.delete_bucket(&request.input.bucket)).await?;
    Ok(DeleteBucketOutput {})
}

pub(super) async fn head(
    core: &Arc<Core>,
    request: S3Request<HeadBucketInput>,
) -> S3Result<HeadBucketOutput> {
    core.read(move |tables| tables.bucket(&request.input.bucket)).await?;
    Ok(HeadBucketOutput { bucket_region: Some(core.region.clone()), ..Default::default() })
}

pub(super) async fn list(
    core: &Arc<Core>,
    request: S3Request<ListBucketsInput>,
) -> S3Result<ListBucketsOutput> {
    let ListBucketsInput { prefix, continuation_token, max_buckets, .. } = request.input;
    let limit = usize::try_from(max_buckets.unwrap_or(10_000)).unwrap_or(10_000).clamp(1, 10_000);
    let mut found = core.read(Tables::all_buckets).await?;
    found.retain(|(name, _)| {
        prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix))
            && continuation_token.as_ref().is_none_or(|token| name > token)
    });
    let truncated = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| truncated).map(|(name, _)| name.clone());
    let buckets = found
        .into_iter()
        .map(|(name, row)| Bucket {
            creation_date: Some(timestamp(row.created_ms)),
            name: Some(name),
            ..Default::default()
        })
        .collect();
    Ok(ListBucketsOutput { buckets: Some(buckets), continuation_token: next, owner: Some(owner()), prefix })
}

pub(super) async fn location(
    core: &Arc<Core>,
    request: S3Request<GetBucketLocationInput>,
) -> S3Result<GetBucketLocationOutput> {
    core.read(move |tables| tables.bucket(&request.input.bucket)).await?;
    // S3 names the first region by saying nothing.
    let named = (core.region != "us-east-1").then(|| BucketLocationConstraint::from(core.region.clone()));
    Ok(GetBucketLocationOutput { location_constraint: named })
}

pub(super) async fn versioning(
    core: &Arc<Core>,
    request: S3Request<GetBucketVersioningInput>,
) -> S3Result<GetBucketVersioningOutput> {
    let bucket = core.read(move |tables| tables.bucket(&request.input.bucket)).await?;
    let status = match bucket.versioning {
        Versioning::Never => None,
        Versioning::Enabled => Some(BucketVersioningStatus::ENABLED),
        Versioning::Suspended => Some(BucketVersioningStatus::SUSPENDED),
    };
    Ok(GetBucketVersioningOutput {
        status: status.map(BucketVersioningStatus::from_static),
        ..Default::default()
    })
}

pub(super) async fn set_versioning(
    core: &Arc<Core>,
    request: S3Request<PutBucketVersioningInput>,
) -> S3Result<PutBucketVersioningOutput> {
    let PutBucketVersioningInput { bucket, versioning_configuration, .. } = request.input;
    if versioning_configuration.mfa_delete.is_some_and(|mfa| mfa.as_str() != MFADelete::DISABLED) {
        return Err(not_supported("MFA delete"));
    }
    let versioning = match versioning_configuration.status.as_ref().map(BucketVersioningStatus::as_str) {
        Some(BucketVersioningStatus::ENABLED) => Versioning::Enabled,
        Some(BucketVersioningStatus::SUSPENDED) => Versioning::Suspended,
        _ => return Err(s3s::s3_error!(MalformedXML, "the versioning status is Enabled or Suspended")),
    };
    core.change(move |writer| writer.set_versioning(&bucket, versioning)).await?;
    Ok(PutBucketVersioningOutput {})
}
