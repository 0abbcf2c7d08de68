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
use crate::endpoint::index::{
    ChangeError, Checksum, Entry, ListQuery, ListedVersion, Page, Tables, VersionRow,
};

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

/// What all listings are asked in the same way.
struct Asked {
    bucket: String,
    prefix: Option<String>,
    delimiter: Option<String>,
    /// Only entries above this key or common prefix.
    marker: Option<String>,
    limit: Option<i32>,
    encoding: Option<EncodingType>,
}

/// The fields of a request that all listings have, and its marker and limit.
macro_rules! asked {
    ($input:expr, $marker:expr, $limit:expr) => {
        Asked {
            bucket: $input.bucket.clone(),
            prefix: $input.prefix.clone(),
            delimiter: $input.delimiter.clone(),
            marker: $marker,
            limit: $limit,
            encoding: $input.encoding_type.clone(),
        }
    };
}

/// A page, and what all listings answer in the same way.
struct Paged<T> {
    naming: Naming,
    /// The limit that was kept.
    limit: i32,
    prefix: String,
    delimiter: Option<String>,
    page: Page<T>,
}

/// One page of any listing.
async fn paged<T: Send + 'static>(
    core: &Arc<Core>,
    asked: Asked,
    list: impl FnOnce(&Tables, &str, &ListQuery) -> Result<Page<T>, ChangeError> + Send + 'static,
) -> S3Result<Paged<T>> {
    let naming = Naming::of(asked.encoding.as_ref())?;
    let limit = asked.limit.unwrap_or(PAGE_LIMIT).min(PAGE_LIMIT);
    let query = ListQuery {
        prefix: asked.prefix.unwrap_or_default(),
        delimiter: asked.delimiter.clone().unwrap_or_default(),
        marker: asked.marker.filter(|marker| !marker.is_empty()),
        limit: usize::try_from(limit).map_err(|_| invalid_argument("the page limit is negative"))?,
    };
    let (prefix, delimiter) = (naming.show(query.prefix.clone()), naming.show_all(asked.delimiter));
    let page = core.read(move |tables| list(tables, &asked.bucket, &query)).await?;
    Ok(Paged { naming, limit, prefix, delimiter, page })
}

impl<T> Paged<T> {
    /// The entry behind which the next page begins, if there is one.
    fn last(&self) -> Option<&Entry<T>> {
        self.page.entries.last().filter(|_| self.page.truncated)
    }

    /// Its key or common prefix.
    fn next(&self) -> Option<String> {
        self.last().map(|entry| match entry {
            Entry::Group(name) | Entry::Item(name, _) => name.clone(),
        })
    }

    /// Its id beside the key, where it is no common prefix.
    fn next_id(&self, id: impl FnOnce(&T) -> &String) -> Option<String> {
        self.last().and_then(|entry| match entry {
            Entry::Group(_) => None,
            Entry::Item(_, item) => Some(id(item).clone()),
        })
    }

    /// Takes out the items and the common prefixes.
    fn split<U>(&mut self, mut item: impl FnMut(String, T) -> U) -> (Vec<U>, Vec<CommonPrefix>) {
        let (mut items, mut groups) = (Vec::new(), Vec::new());
        for entry in std::mem::take(&mut self.page.entries) {
            match entry {
                Entry::Group(prefix) => groups.push(CommonPrefix { prefix: Some(self.naming.show(prefix)) }),
                Entry::Item(key, value) => items.push(item(self.naming.show(key), value)),
            }
        }
        (items, groups)
    }
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

pub(super) async fn objects_v1(
    core: &Arc<Core>,
    request: S3Request<ListObjectsInput>,
) -> S3Result<ListObjectsOutput> {
    let input = request.input;
    let asked = asked!(input, input.marker.clone(), input.max_keys);
    let mut paged = paged(core, asked, Tables::list_objects).await?;
    let next = paged.next();
    let (contents, groups) = paged.split(|key, row| object(key, &row, Some(owner())));
    Ok(ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(paged.prefix),
        marker: Some(paged.naming.show(input.marker.unwrap_or_default())),
        max_keys: Some(paged.limit),
        is_truncated: Some(paged.page.truncated),
        contents: Some(contents),
        common_prefixes: Some(groups),
        delimiter: paged.delimiter,
        next_marker: paged.naming.show_all(next),
        encoding_type: input.encoding_type,
        ..Default::default()
    })
}

pub(super) async fn objects_v2(
    core: &Arc<Core>,
    request: S3Request<ListObjectsV2Input>,
) -> S3Result<ListObjectsV2Output> {
    let input = request.input;
    let marker = match &input.continuation_token {
        Some(token) => Some(read_token(token)?),
        None => input.start_after.clone(),
    };
    let mut paged = paged(core, asked!(input, marker, input.max_keys), Tables::list_objects).await?;
    let (next, count) = (paged.next(), paged.page.entries.len());
    let shown_owner = (input.fetch_owner == Some(true)).then(owner);
    let (contents, groups) = paged.split(|key, row| object(key, &row, shown_owner.clone()));
    Ok(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(paged.prefix),
        max_keys: Some(paged.limit),
        key_count: i32::try_from(count).ok(),
        continuation_token: input.continuation_token,
        is_truncated: Some(paged.page.truncated),
        next_continuation_token: next.map(|name| URL_SAFE_NO_PAD.encode(name)),
        contents: Some(contents),
        common_prefixes: Some(groups),
        delimiter: paged.delimiter,
        encoding_type: input.encoding_type,
        start_after: paged.naming.show_all(input.start_after),
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
    let asked = asked!(input, input.key_marker.clone(), input.max_keys);
    let after = input.version_id_marker.clone();
    let list = move |tables: &Tables, bucket: &str, query: &ListQuery| {
        tables.list_versions(bucket, query, after.as_deref())
    };
    let mut paged = paged(core, asked, list).await?;
    let (next, next_version) = (paged.next(), paged.next_id(|listed| &listed.version_id));
    let (listed, groups) = paged.split(|key, listed| (key, listed));
    let (markers, versions): (Vec<_>, Vec<_>) = listed.into_iter().partition(|(_, listed)| listed.row.marker);
    Ok(ListObjectVersionsOutput {
        common_prefixes: Some(groups),
        delete_markers: Some(markers.into_iter().map(marker_entry).collect()),
        delimiter: paged.delimiter,
        encoding_type: input.encoding_type,
        is_truncated: Some(paged.page.truncated),
        key_marker: Some(paged.naming.show(input.key_marker.unwrap_or_default())),
        max_keys: Some(paged.limit),
        name: Some(input.bucket),
        next_key_marker: paged.naming.show_all(next),
        next_version_id_marker: next_version,
        prefix: Some(paged.prefix),
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
    let asked = asked!(input, input.key_marker.clone(), input.max_uploads);
    let after = input.upload_id_marker.clone();
    let list = move |tables: &Tables, bucket: &str, query: &ListQuery| {
        tables.list_uploads(bucket, query, after.as_deref())
    };
    let mut paged = paged(core, asked, list).await?;
    let (next, next_upload) = (paged.next(), paged.next_id(|(id, _)| id));
    let (uploads, groups) = paged.split(|key, (id, row)| MultipartUpload {
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
        delimiter: paged.delimiter,
        encoding_type: input.encoding_type,
        is_truncated: Some(paged.page.truncated),
        key_marker: Some(paged.naming.show(input.key_marker.unwrap_or_default())),
        max_uploads: Some(paged.limit),
        next_key_marker: paged.naming.show_all(next),
        next_upload_id_marker: next_upload,
        prefix: Some(paged.prefix),
        upload_id_marker: input.upload_id_marker,
        uploads: Some(uploads),
        ..Default::default()
    })
}
