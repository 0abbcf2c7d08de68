//! Buckets are made and removed, objects are put and copied.

use redb::ReadableTable;

use super::commit::ChangeError;
use super::condition::{ReadCondition, WriteCondition};
use super::lookup::{self, Found, Selector};
use super::rows::{BucketRow, Checksum, Headers, VersionRow, Versioning};
use super::tables::Writer;
use super::version_id::VersionId;
use crate::endpoint::events::{ObjectWritten, WriteKind};
use crate::endpoint::refusal::Refusal;
use crate::endpoint::storage::Content;

/// An object to be put.
pub(crate) struct NewObject {
    /// Its bucket.
    pub(crate) bucket: String,
    /// Its key.
    pub(crate) key: String,
    /// What goes with it.
    pub(crate) headers: Headers,
    /// Its ETag, without quotes.
    pub(crate) etag: String,
    /// Its content, durable already.
    pub(crate) content: Content,
    /// Its checksum, found right.
    pub(crate) checksum: Option<Checksum>,
    /// What must hold of what it replaces.
    pub(crate) condition: WriteCondition,
}

/// A copy to be made.
pub(crate) struct CopyPlan {
    /// Bucket, key and version to copy from.
    pub(crate) source: (String, String, Selector),
    /// What must hold of it.
    pub(crate) source_condition: ReadCondition,
    /// Bucket to copy to.
    pub(crate) bucket: String,
    /// Key to copy to.
    pub(crate) key: String,
    /// New headers, or those of the source.
    pub(crate) headers: Option<Headers>,
    /// What must hold of what the copy replaces.
    pub(crate) condition: WriteCondition,
}

/// A version that was written.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    /// The number of the write.
    pub(crate) seq: u64,
    /// The versioning of its bucket.
    pub(crate) versioning: Versioning,
    /// The version.
    pub(crate) row: VersionRow,
}

impl Written {
    /// What `x-amz-version-id` says.
    pub(crate) fn version_header(&self) -> Option<String> {
        lookup::version_header(self.versioning, self.seq, &self.row)
    }

    /// The event of this write.
    pub(crate) fn event(&self, bucket: &str, key: &str, kind: WriteKind) -> ObjectWritten {
        ObjectWritten {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version_id: event_version(self.seq, &self.row),
            etag: self.row.etag.clone(),
            size: self.row.size(),
            last_modified: self.row.modified_ms,
            sequencer: sequencer(self.seq),
            kind,
        }
    }
}

/// The sequencer of a write.
pub(super) fn sequencer(seq: u64) -> String {
    format!("{seq:016X}")
}

/// The version id an event names: none for the version without an id.
pub(super) fn event_version(seq: u64, row: &VersionRow) -> Option<String> {
    (!row.null).then(|| VersionId { seq, modified_ms: row.modified_ms }.to_string())
}

impl Writer<'_> {
    /// Makes a bucket.
    pub(crate) fn create_bucket(&mut self, name: &str) -> Result<(), ChangeError> {
        if self.buckets.get(name)?.is_some() {
            return Err(Refusal::BucketExists.into());
        }
        let row =
            BucketRow { id: self.next_sequence(), created_ms: self.now_ms(), versioning: Versioning::Never };
        self.buckets.insert(name, row.encode().as_slice())?;
        Ok(())
    }

    /// Removes an empty bucket; uploads that are under way in it are given up.
    pub(crate) fn delete_bucket(&mut self, name: &str) -> Result<(), ChangeError> {
        let bucket = self.bucket(name)?;
        let Some(next) = bucket.id.checked_add(1) else { return Err(Refusal::NoSuchBucket.into()) };
        let all = (bucket.id, [].as_slice(), 0)..(next, [].as_slice(), 0);
        if self.versions.range(all.clone())?.next().is_some() {
            return Err(Refusal::BucketNotEmpty.into());
        }
        let uploads = self
            .uploads
            .range(all.clone())?
            .map(|entry| {
                let (found, _) = entry?;
                let (_, key, seq) = found.value();
                Ok((key.to_vec(), seq))
            })
            .collect::<Result<Vec<_>, redb::StorageError>>();
        for (key, seq) in uploads? {
            self.drop_upload(bucket.id, &key, seq)?;
        }
        self.finished.retain_in(all, |_, _| false)?;
        self.next_sequence();
        self.buckets.remove(name)?;
        Ok(())
    }

    /// Switches versioning on or suspends it.
    pub(crate) fn set_versioning(&mut self, name: &str, versioning: Versioning) -> Result<(), ChangeError> {
        let row = BucketRow { versioning, ..self.bucket(name)? };
        self.next_sequence();
        self.buckets.insert(name, row.encode().as_slice())?;
        Ok(())
    }

    /// Stores an object if its condition holds.
    pub(crate) fn put(&mut self, object: NewObject) -> Result<Written, ChangeError> {
        let bucket = self.bucket(&object.bucket)?;
        let key = object.key.as_bytes();
        self.judge(&bucket, key, &object.condition)?;
        let segments = self.adopt(object.content)?;
        let row = VersionRow {
            null: false,
            marker: false,
            modified_ms: self.now_ms(),
            etag: object.etag,
            segments,
            headers: object.headers,
            checksum: object.checksum,
        };
        self.insert_version(&bucket, key, row)
    }

    /// Copies an object by reference if both conditions hold; gives also what was copied.
    pub(crate) fn copy(&mut self, plan: CopyPlan) -> Result<(Found, Written), ChangeError> {
        let (source_bucket, source_key, selector) = &plan.source;
        let source_bucket = self.bucket(source_bucket)?;
        let source = lookup::readable(&self.versions, &source_bucket, source_key.as_bytes(), selector)?;
        plan.source_condition.judge_source(&source.row)?;
        let bucket = self.bucket(&plan.bucket)?;
        let key = plan.key.as_bytes();
        self.judge(&bucket, key, &plan.condition)?;
        self.share(&source.row.segments)?;
        let row = VersionRow {
            null: false,
            marker: false,
            modified_ms: self.now_ms(),
            etag: source.row.etag.clone(),
            segments: source.row.segments.clone(),
            headers: plan.headers.unwrap_or_else(|| source.row.headers.clone()),
            checksum: source.row.checksum.clone(),
        };
        let written = self.insert_version(&bucket, key, row)?;
        Ok((source, written))
    }

    pub(super) fn judge(
        &self,
        bucket: &BucketRow,
        key: &[u8],
        condition: &WriteCondition,
    ) -> Result<(), ChangeError> {
        if condition.is_none() {
            return Ok(());
        }
        let newest = self.newest(bucket.id, key)?;
        Ok(condition.judge(newest.as_ref().map(|(_, row)| row))?)
    }

    /// Adds a version; in a bucket without versioning it takes the place of the one without an id.
    pub(super) fn insert_version(
        &mut self,
        bucket: &BucketRow,
        key: &[u8],
        mut row: VersionRow,
    ) -> Result<Written, ChangeError> {
        row.null = bucket.versioning != Versioning::Enabled;
        if row.null {
            let selector =
                if bucket.versioning == Versioning::Never { Selector::Newest } else { Selector::Null };
            if let Some((old, replaced)) = lookup::version(&self.versions, bucket.id, key, &selector)? {
                self.versions.remove((bucket.id, key, !old))?;
                self.release(&replaced.segments)?;
            }
        }
        let seq = self.next_sequence();
        self.versions.insert((bucket.id, key, !seq), row.encode().as_slice())?;
        Ok(Written { seq, versioning: bucket.versioning, row })
    }
}
