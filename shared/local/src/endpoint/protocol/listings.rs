//! Listings of objects, versions and uploads.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::{
    ChecksumAlgorithm, ChecksumAlgorithmList, CommonPrefix, DeleteMarkerEntry, EncodingType,
    ListMultipartUploadsInput, ListMultipartUploadsOutput, ListObjectVersionsInput, ListObjectVersionsOutput,
    ListObjectsInput, ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output, MultipartUpload, Object,
    ObjectStorageClass, ObjectVersion, ObjectVersionStorageClass, Owner,
};
use s3s::{S3Request, S3Result};

use super::answers::{etag, invalid_argument, owner, timestamp};
use super::core::Core;
use crate::endpoint::index::{Checksum, Entry, ListQuery, ListedVersion, Page, VersionRow};

/// Entries on a page, as in S3.
const PAGE_LIMIT: i32 = 1000;
/// What S3 leaves as it is under `encoding-type=url`.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'/').remove(b'*');

/// Keys as they are, or encoded because the client asked for it.
struct Naming {
    url: bool,
}

impl Naming {
    fn of(encoding: Option<&EncodingType>) -> S3Result<Self> {
        match encoding.map(EncodingType::as_str) {
            None => Ok(Self { url: false }),
            Some(EncodingType::URL) => Ok(Self { url: true }),
            Some(_) => Err(invalid_argument("the encoding type is url")),
        }
    }

    fn show(&self, name: String) -> String {
        if self.url { utf8_percent_encode(&name, PLAIN).to_string() } else { name }
    }

    fn show_all(&self, name: Option<String>) -> Option<String> {
        name.map(|name| self.show(name))
    }
}

fn limit(asked: Option<i32>) -> S3Result<(i32, usize)> {
    let shown = asked.unwrap_or(PAGE_LIMIT).min(PAGE_LIMIT);
    let limit = usize::try_from(shown).map_err(|_| invalid_argument("the page limit is negative"))?;
    Ok((shown, limit))
}

fn last_name<T>(page: &Page<T>) -> Option<String> {
    page.entries.last().filter(|_| page.truncated).map(|entry| match entry {
        Entry::Group(name) | Entry::Item(name, _) => name.clone(),
    })
}

/// Splits a page into items and common prefixes.
fn split<T, U>(
    page: Page<T>,
    naming: &Naming,
    mut item: impl FnMut(String, T) -> U,
) -> (Vec<U>, Vec<CommonPrefix>) {
    let (mut items, mut groups) = (Vec::new(), Vec::new());
    for entry in page.entries {
        match entry {
            Entry::Group(prefix) => groups.push(CommonPrefix { prefix: Some(naming.show(prefix)) }),
            Entry::Item(key, value) => items.push(item(naming.show(key), value)),
        }
    }
    (items, groups)
}

fn object(key: String, row: &VersionRow, owner: Option<Owner>) -> Object {
    Object {
        checksum_algorithm: algorithms(row.checksum.as_ref()),
        size: i64::try_from(row.size()).ok(),
        e_tag: Some(etag(&row.etag)),
        key: Some(key),
        last_modified: Some(timestamp(row.modified_ms)),
        owner,
        storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
        ..Default::default()
    }
}

fn algorithms(checksum: Option<&Checksum>) -> Option<ChecksumAlgorithmList> {
    checksum.map(|sum| vec![ChecksumAlgorithm::from(sum.algorithm.clone())])
}

async fn object_page(core: &Arc<Core>, bucket: String, query: ListQuery) -> S3Result<Page<VersionRow>> {
    core.read(move |tables| tables.list_objects(&bucket, &query)).await
}

pub(super) async fn objects_v1(
    core: &Arc<Core>,
    request: S3Request<ListObjectsInput>,
) -> S3Result<ListObjectsOutput> {
    let input = request.input;
    let naming = Naming::of(input.encoding_type.as_ref())?;
    let (max_keys, limit) = limit(input.max_keys)?;
    let query = ListQuery {
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone().unwrap_or_default(),
        marker: input.marker.clone().filter(|marker| !marker.is_empty()),
        limit,
    };
    let page = object_page(core, input.bucket.clone(), query).await?;
    let (truncated, next) = (page.truncated, last_name(&page));
    let (contents, groups) = split(page, &naming, |key, row| object(key, &row, Some(owner())));
    Ok(ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(naming.show(input.prefix.unwrap_or_default())),
        marker: Some(naming.show(input.marker.unwrap_or_default())),
        max_keys: Some(max_keys),
        is_truncated: Some(truncated),
        contents: Some(contents),
        common_prefixes: Some(groups),
        delimiter: naming.show_all(input.delimiter),
        next_marker: naming.show_all(next),
        encoding_type: input.encoding_type,
        ..Default::default()
    })
}

pub(super) async fn objects_v2(
    core: &Arc<Core>,
    request: S3Request<ListObjectsV2Input>,
) -> S3Result<ListObjectsV2Output> {
    let input = request.input;
    let naming = Naming::of(input.encoding_type.as_ref())?;
    let (max_keys, limit) = limit(input.max_keys)?;
    let marker = match &input.continuation_token {
        Some(token) => Some(read_token(token)?),
        None => input.start_after.clone().filter(|marker| !marker.is_empty()),
    };
    let query = ListQuery {
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone().unwrap_or_default(),
        marker,
        limit,
    };
    let page = object_page(core, input.bucket.clone(), query).await?;
    let (truncated, next, count) = (page.truncated, last_name(&page), page.entries.len());
    let shown_owner = (input.fetch_owner == Some(true)).then(owner);
    let (contents, groups) = split(page, &naming, |key, row| object(key, &row, shown_owner.clone()));
    Ok(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(naming.show(input.prefix.unwrap_or_default())),
        max_keys: Some(max_keys),
        key_count: i32::try_from(count).ok(),
        continuation_token: input.continuation_token,
        is_truncated: Some(truncated),
        next_continuation_token: next.map(|name| URL_SAFE_NO_PAD.encode(name)),
        contents: Some(contents),
        common_prefixes: Some(groups),
        delimiter: naming.show_all(input.delimiter),
        encoding_type: input.encoding_type,
        start_after: naming.show_all(input.start_after),
        ..Default::default()
    })
}

fn read_token(token: &str) -> S3Result<String> {
    let name = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(|| invalid_argument("the continuation token is not one of ours"))
}

pub(super) async fn versions(
    core: &Arc<Core>,
    request: S3Request<ListObjectVersionsInput>,
) -> S3Result<ListObjectVersionsOutput> {
    let input = request.input;
    let naming = Naming::of(input.encoding_type.as_ref())?;
    let (max_keys, limit) = limit(input.max_keys)?;
    let query = ListQuery {
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone().unwrap_or_default(),
        marker: input.key_marker.clone().filter(|marker| !marker.is_empty()),
        limit,
    };
    let (bucket, after) = (input.bucket.clone(), input.version_id_marker.clone());
    let page = core.read(move |tables| tables.list_versions(&bucket, &query, after.as_deref())).await?;
    let (truncated, next) = (page.truncated, last_name(&page));
    let next_version = page.entries.last().filter(|_| truncated).and_then(|entry| match entry {
        Entry::Group(_) => None,
        Entry::Item(_, listed) => Some(listed.version_id.clone()),
    });
    let (listed, groups) = split(page, &naming, |key, listed| (key, listed));
    let (markers, versions): (Vec<_>, Vec<_>) = listed.into_iter().partition(|(_, listed)| listed.row.marker);
    Ok(ListObjectVersionsOutput {
        common_prefixes: Some(groups),
        delete_markers: Some(markers.into_iter().map(marker_entry).collect()),
        delimiter: naming.show_all(input.delimiter),
        encoding_type: input.encoding_type,
        is_truncated: Some(truncated),
        key_marker: Some(naming.show(input.key_marker.unwrap_or_default())),
        max_keys: Some(max_keys),
        name: Some(input.bucket),
        next_key_marker: naming.show_all(next),
        next_version_id_marker: next_version,
        prefix: Some(naming.show(input.prefix.unwrap_or_default())),
        version_id_marker: input.version_id_marker,
        versions: Some(versions.into_iter().map(version_entry).collect()),
        ..Default::default()
    })
}

fn marker_entry((key, listed): (String, ListedVersion)) -> DeleteMarkerEntry {
    DeleteMarkerEntry {
        is_latest: Some(listed.latest),
        key: Some(key),
        last_modified: Some(timestamp(listed.row.modified_ms)),
        owner: Some(owner()),
        version_id: Some(listed.version_id),
    }
}

fn version_entry((key, listed): (String, ListedVersion)) -> ObjectVersion {
    ObjectVersion {
        checksum_algorithm: algorithms(listed.row.checksum.as_ref()),
        e_tag: Some(etag(&listed.row.etag)),
        is_latest: Some(listed.latest),
        key: Some(key),
        last_modified: Some(timestamp(listed.row.modified_ms)),
        owner: Some(owner()),
        size: i64::try_from(listed.row.size()).ok(),
        storage_class: Some(ObjectVersionStorageClass::from_static(ObjectVersionStorageClass::STANDARD)),
        version_id: Some(listed.version_id),
        ..Default::default()
    }
}

pub(super) async fn uploads(
    core: &Arc<Core>,
    request: S3Request<ListMultipartUploadsInput>,
) -> S3Result<ListMultipartUploadsOutput> {
    let input = request.input;
    let naming = Naming::of(input.encoding_type.as_ref())?;
    let (max_uploads, limit) = limit(input.max_uploads)?;
    let query = ListQuery {
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone().unwrap_or_default(),
        marker: input.key_marker.clone().filter(|marker| !marker.is_empty()),
        limit,
    };
    let (bucket, after) = (input.bucket.clone(), input.upload_id_marker.clone());
    let page = core.read(move |tables| tables.list_uploads(&bucket, &query, after.as_deref())).await?;
    let (truncated, next) = (page.truncated, last_name(&page));
    let next_upload = page.entries.last().filter(|_| truncated).and_then(|entry| match entry {
        Entry::Group(_) => None,
        Entry::Item(_, (id, _)) => Some(id.clone()),
    });
    let (uploads, groups) = split(page, &naming, |key, (id, row)| MultipartUpload {
        checksum_algorithm: row.algorithm.map(ChecksumAlgorithm::from),
        initiated: Some(timestamp(row.initiated_ms)),
        key: Some(key),
        owner: Some(owner()),
        upload_id: Some(id),
        ..Default::default()
    });
    Ok(ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        common_prefixes: Some(groups),
        delimiter: naming.show_all(input.delimiter),
        encoding_type: input.encoding_type,
        is_truncated: Some(truncated),
        key_marker: Some(naming.show(input.key_marker.unwrap_or_default())),
        max_uploads: Some(max_uploads),
        next_key_marker: naming.show_all(next),
        next_upload_id_marker: next_upload,
        prefix: Some(naming.show(input.prefix.unwrap_or_default())),
        upload_id_marker: input.upload_id_marker,
        uploads: Some(uploads),
        ..Default::default()
    })
}
