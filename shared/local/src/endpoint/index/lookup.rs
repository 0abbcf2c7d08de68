//! Finding one bucket, version, upload or part.

use redb::ReadableTable;

use super::commit::{ChangeError, IndexError};
use super::rows::{BucketRow, PartRow, UploadRow, VersionRow, Versioning};
use super::tables::{PartKey, Tables, UploadKey, VersionKey, Writer};
use super::version_id::VersionId;
use crate::endpoint::refusal::Refusal;

/// Which version of a key is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Selector {
    /// The newest.
    Newest,
    /// The one without an id.
    Null,
    /// The one with this id.
    Id(VersionId),
    /// An id that was never given out.
    Unknown,
}

impl Selector {
    /// Reads the `versionId` of a request.
    pub(crate) fn of(version_id: Option<&str>) -> Self {
        match version_id {
            None => Self::Newest,
            Some("null") => Self::Null,
            Some(text) => VersionId::parse(text).map_or(Self::Unknown, Self::Id),
        }
    }
}

/// A version that was found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The number of the write that made it.
    pub(crate) seq: u64,
    /// The versioning of its bucket.
    pub(crate) versioning: Versioning,
    /// The version.
    pub(crate) row: VersionRow,
}

impl Found {
    /// What `x-amz-version-id` says: nothing if the bucket never had versions.
    pub(crate) fn version_header(&self) -> Option<String> {
        version_header(self.versioning, self.seq, &self.row)
    }
}

/// What `x-amz-version-id` says of a version.
pub(super) fn version_header(versioning: Versioning, seq: u64, row: &VersionRow) -> Option<String> {
    match (row.null, versioning) {
        (true, Versioning::Never) => None,
        (true, _) => Some("null".to_owned()),
        (false, _) => Some(VersionId { seq, modified_ms: row.modified_ms }.to_string()),
    }
}

/// The bucket's row.
pub(super) fn bucket(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
    name: &str,
) -> Result<BucketRow, ChangeError> {
    match table.get(name)? {
        Some(value) => Ok(BucketRow::decode(value.value())?),
        None => Err(Refusal::NoSuchBucket.into()),
    }
}

/// The newest version of a key, markers included, with the number of its write.
pub(super) fn newest(
    table: &impl ReadableTable<VersionKey, &'static [u8]>,
    bucket: u64,
    key: &[u8],
) -> Result<Option<(u64, VersionRow)>, IndexError> {
    let mut versions = table.range((bucket, key, 0)..=(bucket, key, u64::MAX))?;
    let Some(entry) = versions.next() else { return Ok(None) };
    let (found, value) = entry?;
    Ok(Some((!found.value().2, VersionRow::decode(value.value())?)))
}

/// The version that `selector` names, markers included.
pub(super) fn version(
    table: &impl ReadableTable<VersionKey, &'static [u8]>,
    bucket: u64,
    key: &[u8],
    selector: &Selector,
) -> Result<Option<(u64, VersionRow)>, IndexError> {
    match selector {
        Selector::Newest => newest(table, bucket, key),
        Selector::Unknown => Ok(None),
        Selector::Id(id) => {
            let Some(value) = table.get((bucket, key, !id.seq))? else { return Ok(None) };
            let row = VersionRow::decode(value.value())?;
            // The version without an id has a number too, but that is not its name.
            Ok((row.modified_ms == id.modified_ms && !row.null).then_some((id.seq, row)))
        }
        Selector::Null => {
            for entry in table.range((bucket, key, 0)..=(bucket, key, u64::MAX))? {
                let (found, value) = entry?;
                let row = VersionRow::decode(value.value())?;
                if row.null {
                    return Ok(Some((!found.value().2, row)));
                }
            }
            Ok(None)
        }
    }
}

/// The version that `selector` names, if it has content.
pub(super) fn readable(
    table: &impl ReadableTable<VersionKey, &'static [u8]>,
    bucket: &BucketRow,
    key: &[u8],
    selector: &Selector,
) -> Result<Found, ChangeError> {
    let versioning = bucket.versioning;
    let absent = if *selector == Selector::Newest {
        Refusal::NoSuchKey { marker: None }
    } else {
        Refusal::NoSuchVersion
    };
    let (seq, row) = version(table, bucket.id, key, selector)?.ok_or(absent)?;
    if !row.marker {
        return Ok(Found { seq, versioning, row });
    }
    let id = version_header(versioning, seq, &row).unwrap_or_else(|| "null".to_owned());
    Err(match selector {
        Selector::Newest => Refusal::NoSuchKey { marker: Some(id) },
        _ => Refusal::VersionIsMarker { version: id, modified_ms: row.modified_ms },
    }
    .into())
}

/// The upload with this id, if it is under way, and its number.
pub(super) fn upload(
    table: &impl ReadableTable<UploadKey, &'static [u8]>,
    bucket: u64,
    key: &[u8],
    id: &str,
) -> Result<(u64, UploadRow), ChangeError> {
    let Some(id) = VersionId::parse(id) else { return Err(Refusal::NoSuchUpload.into()) };
    let Some(value) = table.get((bucket, key, id.seq))? else { return Err(Refusal::NoSuchUpload.into()) };
    let row = UploadRow::decode(value.value())?;
    if row.initiated_ms == id.modified_ms { Ok((id.seq, row)) } else { Err(Refusal::NoSuchUpload.into()) }
}

/// The parts of an upload above `after`, in order of number, at most `limit`.
pub(super) fn parts(
    table: &impl ReadableTable<PartKey, &'static [u8]>,
    upload: u64,
    after: Option<u16>,
    limit: usize,
) -> Result<Vec<(u16, PartRow)>, IndexError> {
    let Some(first) = after.map_or(Some(0), |part| part.checked_add(1)) else { return Ok(Vec::new()) };
    table
        .range((upload, first)..=(upload, u16::MAX))?
        .take(limit)
        .map(|entry| {
            let (key, value) = entry?;
            Ok((key.value().1, PartRow::decode(value.value())?))
        })
        .collect()
}

impl Tables {
    /// The bucket of that name.
    pub(crate) fn bucket(&self, name: &str) -> Result<BucketRow, ChangeError> {
        bucket(&self.buckets()?, name)
    }

    /// All buckets by name.
    pub(crate) fn all_buckets(&self) -> Result<Vec<(String, BucketRow)>, ChangeError> {
        let table = self.buckets()?;
        let rows = table.range::<&str>(..)?;
        rows.map(|entry| {
            let (name, value) = entry?;
            Ok((name.value().to_owned(), BucketRow::decode(value.value())?))
        })
        .collect()
    }

    /// The version to read.
    pub(crate) fn find(&self, bucket: &str, key: &str, selector: &Selector) -> Result<Found, ChangeError> {
        readable(&self.versions()?, &self.bucket(bucket)?, key.as_bytes(), selector)
    }

    /// The upload with this id.
    pub(crate) fn upload(&self, bucket: &str, key: &str, id: &str) -> Result<UploadRow, ChangeError> {
        Ok(upload(&self.uploads()?, self.bucket(bucket)?.id, key.as_bytes(), id)?.1)
    }

    /// Its parts above `after`, at most `limit`.
    pub(crate) fn upload_parts(
        &self,
        bucket: &str,
        key: &str,
        id: &str,
        page: (Option<u16>, usize),
    ) -> Result<Vec<(u16, PartRow)>, ChangeError> {
        let (seq, _) = upload(&self.uploads()?, self.bucket(bucket)?.id, key.as_bytes(), id)?;
        Ok(parts(&self.parts()?, seq, page.0, page.1)?)
    }
}

impl Writer<'_> {
    pub(super) fn bucket(&self, name: &str) -> Result<BucketRow, ChangeError> {
        bucket(&self.buckets, name)
    }

    pub(super) fn newest(&self, bucket: u64, key: &[u8]) -> Result<Option<(u64, VersionRow)>, IndexError> {
        newest(&self.versions, bucket, key)
    }
}
