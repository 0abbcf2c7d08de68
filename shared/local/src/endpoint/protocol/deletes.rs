//! Delete, one and many.

use std::sync::Arc;

use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, ETag,
    ETagCondition, Error,
};
use s3s::{S3Request, S3Result};

use super::answers::{etag_test, refused};
use super::core::Core;
use super::headers::refuse_first;
use crate::endpoint::index::{Deletion, EtagTest, Removed, Selector};
use crate::endpoint::refusal::Refusal;

/// Keys in one batch, as in S3.
const BATCH_LIMIT: usize = 1000;
/// Bytes of a key, as in S3.
const KEY_LIMIT: usize = 1024;

pub(super) async fn one(
    core: &Arc<Core>,
    request: S3Request<DeleteObjectInput>,
) -> S3Result<DeleteObjectOutput> {
    let input = request.input;
    refuse_first([
        (input.mfa.is_some(), "MFA delete"),
        (
            input.if_match_last_modified_time.is_some() || input.if_match_size.is_some(),
            "this delete condition",
        ),
    ])?;
    let deletion = Deletion {
        key: input.key,
        selector: Selector::of(input.version_id.as_deref()),
        version_text: input.version_id,
        if_match: input.if_match.as_ref().map(etag_test),
    };
    let results = delete(core, input.bucket, vec![deletion]).await?;
    let removed =
        results.into_iter().next().unwrap_or(Err(Refusal::Busy)).map_err(|refusal| refused(&refusal))?;
    Ok(DeleteObjectOutput {
        delete_marker: removed.marker.then_some(true),
        version_id: removed.version_id,
        ..Default::default()
    })
}

pub(super) async fn many(
    core: &Arc<Core>,
    request: S3Request<DeleteObjectsInput>,
) -> S3Result<DeleteObjectsOutput> {
    let input = request.input;
    refuse_first([(input.mfa.is_some(), "MFA delete")])?;
    let objects = input.delete.objects;
    if objects.is_empty() || objects.len() > BATCH_LIMIT {
        return Err(s3s::s3_error!(MalformedXML, "a batch names 1 to {BATCH_LIMIT} keys"));
    }
    if objects.iter().any(|object| object.last_modified_time.is_some() || object.size.is_some()) {
        return Err(super::answers::not_supported("this delete condition"));
    }
    if objects.iter().any(|object| object.key.len() > KEY_LIMIT) {
        return Err(s3s::s3_error!(KeyTooLongError, "a key has at most {KEY_LIMIT} bytes"));
    }
    let deletions: Vec<Deletion> = objects
        .into_iter()
        .map(|object| Deletion {
            key: object.key,
            selector: Selector::of(object.version_id.as_deref()),
            version_text: object.version_id,
            if_match: object.e_tag.map(batch_test),
        })
        .collect();
    let names: Vec<_> = deletions.iter().map(|d| (d.key.clone(), d.version_text.clone())).collect();
    let results = delete(core, input.bucket, deletions).await?;

    let quiet = input.delete.quiet == Some(true);
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for ((key, version_id), result) in names.into_iter().zip(results) {
        match result {
            Ok(_) if quiet => {}
            Ok(removed) => deleted.push(answer(key, version_id, &removed)),
            Err(refusal) => errors.push(Error {
                code: Some(refused(&refusal).code().as_str().to_owned()),
                key: Some(key),
                message: Some(refusal.to_string()),
                version_id,
            }),
        }
    }
    Ok(DeleteObjectsOutput { deleted: Some(deleted), errors: Some(errors), ..Default::default() })
}

/// `*` comes as an ETag in a batch.
fn batch_test(etag: ETag) -> EtagTest {
    if etag.value() == "*" { EtagTest::Any } else { etag_test(&ETagCondition::ETag(etag)) }
}

fn answer(key: String, version_id: Option<String>, removed: &Removed) -> DeletedObject {
    // A marker's id has a field of its own, whether the marker was made or removed.
    DeletedObject {
        delete_marker: removed.marker.then_some(true),
        delete_marker_version_id: removed.version_id.clone().filter(|_| removed.marker),
        key: Some(key),
        version_id,
    }
}

async fn delete(
    core: &Arc<Core>,
    bucket: String,
    deletions: Vec<Deletion>,
) -> S3Result<Vec<Result<Removed, Refusal>>> {
    core.write(
        move |writer| writer.delete(&bucket, &deletions),
        |results| results.iter().flatten().filter_map(|removed| removed.event.clone()).collect(),
    )
    .await
}
