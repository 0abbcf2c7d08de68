//! Multipart uploads: begun, filled, completed by reference, aborted.

use std::collections::BTreeMap;

use md5::{Digest, Md5};
use redb::ReadableTable;

use super::commit::ChangeError;
use super::condition::WriteCondition;
use super::lookup;
use super::objects::Written;
use super::rows::{BucketRow, Checksum, Headers, PartRow, Segment, UploadRow, VersionRow, total_len};
use super::tables::Writer;
use super::version_id::VersionId;
use crate::endpoint::refusal::Refusal;
use crate::endpoint::storage::{Content, composite_checksum};

/// A part to be stored.
pub(crate) struct NewPart {
    /// Bucket, key and id of the upload.
    pub(crate) upload: (String, String, String),
    /// Its number, 1 to 10,000.
    pub(crate) number: u16,
    /// Its MD5.
    pub(crate) md5: [u8; 16],
    /// Its content, durable already, or bytes that another version holds.
    pub(crate) content: PartContent,
    /// Its checksum, found right.
    pub(crate) checksum: Option<Checksum>,
}

/// Where a part's content comes from.
pub(crate) enum PartContent {
    /// Sent by the client.
    New(Content),
    /// Part of an existing version, which must still be there: bucket, key, number of its write, and the segments.
    Of(String, String, u64, Vec<Segment>),
}

/// A part as the completing client names it.
#[derive(Debug, Clone)]
pub(crate) struct PartClaim {
    /// Its number.
    pub(crate) number: u16,
    /// Its ETag without quotes.
    pub(crate) etag: Option<String>,
    /// Its checksum.
    pub(crate) checksum: Option<Checksum>,
}

/// A completion to be made.
pub(crate) struct CompletePlan {
    /// Bucket, key and id of the upload.
    pub(crate) upload: (String, String, String),
    /// The parts of the object.
    pub(crate) parts: Vec<PartClaim>,
    /// What must hold of what it replaces.
    pub(crate) condition: WriteCondition,
    /// Smallest size of all parts but the last.
    pub(crate) min_part_bytes: u64,
    /// The size the client expects.
    pub(crate) size: Option<u64>,
    /// The checksum of checksums the client expects.
    pub(crate) checksum: Option<Checksum>,
}

impl Writer<'_> {
    /// Begins an upload and gives its id.
    pub(crate) fn begin_upload(
        &mut self,
        bucket: &str,
        key: &str,
        headers: Headers,
        algorithm: Option<String>,
    ) -> Result<String, ChangeError> {
        let bucket = self.bucket(bucket)?;
        let (seq, initiated_ms) = (self.next_sequence(), self.now_ms());
        let row = UploadRow { initiated_ms, headers, algorithm };
        self.uploads.insert((bucket.id, key.as_bytes(), seq), row.encode().as_slice())?;
        Ok(VersionId { seq, modified_ms: initiated_ms }.to_string())
    }

    /// Stores a part; an earlier one of that number goes.
    pub(crate) fn put_part(&mut self, part: NewPart) -> Result<PartRow, ChangeError> {
        let (bucket, key, id) = &part.upload;
        let bucket = self.bucket(bucket)?;
        let (seq, _) = lookup::upload(&self.uploads, bucket.id, key.as_bytes(), id)?;
        let segments = match part.content {
            PartContent::New(content) => self.adopt(content)?,
            PartContent::Of(bucket, key, source, segments) => {
                let source_bucket = self.bucket(&bucket)?;
                if self.versions.get((source_bucket.id, key.as_bytes(), !source))?.is_none() {
                    return Err(Refusal::Busy.into());
                }
                self.share(&segments)?;
                segments
            }
        };
        let row = PartRow { md5: part.md5, modified_ms: self.now_ms(), segments, checksum: part.checksum };
        let replaced = self.parts.insert((seq, part.number), row.encode().as_slice())?;
        let replaced = replaced.map(|old| PartRow::decode(old.value())).transpose()?;
        if let Some(old) = replaced {
            self.release(&old.segments)?;
        }
        Ok(row)
    }

    /// Makes the object of an upload's parts. Completing a completed upload again gives the same answer.
    pub(crate) fn complete_upload(&mut self, plan: &CompletePlan) -> Result<Written, ChangeError> {
        let (bucket, key, id) = &plan.upload;
        let bucket = self.bucket(bucket)?;
        let key = key.as_bytes();
        let (seq, upload) = match lookup::upload(&self.uploads, bucket.id, key, id) {
            Err(ChangeError::Refused(refusal)) => {
                return self.completed_before(&bucket, key, id)?.ok_or(refusal.into());
            }
            found => found?,
        };
        let stored: BTreeMap<u16, PartRow> =
            lookup::parts(&self.parts, seq, None, usize::MAX)?.into_iter().collect();
        check_parts(plan, &stored)?;
        let checksum = check_checksum(plan, &stored, upload.algorithm.as_deref())?;
        self.judge(&bucket, key, &plan.condition)?;

        let (mut md5s, mut segments) = (Md5::new(), Vec::new());
        for claim in &plan.parts {
            if let Some(part) = stored.get(&claim.number) {
                md5s.update(part.md5);
                segments.extend_from_slice(&part.segments);
            }
        }
        let etag = format!("{}-{}", hex::encode(md5s.finalize()), plan.parts.len());
        // The named parts' references pass on to the object; the others' end with the upload.
        self.share(&segments)?;
        self.drop_upload(bucket.id, key, seq)?;
        let row = VersionRow {
            null: false,
            marker: false,
            modified_ms: self.now_ms(),
            etag,
            segments,
            headers: upload.headers,
            checksum,
        };
        let written = self.insert_version(&bucket, key, row)?;
        self.finished.insert((bucket.id, key, seq), written.seq)?;
        Ok(written)
    }

    /// Gives an upload up.
    pub(crate) fn abort_upload(&mut self, bucket: &str, key: &str, id: &str) -> Result<(), ChangeError> {
        let bucket = self.bucket(bucket)?;
        let (seq, _) = lookup::upload(&self.uploads, bucket.id, key.as_bytes(), id)?;
        self.drop_upload(bucket.id, key.as_bytes(), seq)
    }

    /// Removes an upload with its parts.
    pub(super) fn drop_upload(&mut self, bucket: u64, key: &[u8], seq: u64) -> Result<(), ChangeError> {
        for (number, part) in lookup::parts(&self.parts, seq, None, usize::MAX)? {
            self.parts.remove((seq, number))?;
            self.release(&part.segments)?;
        }
        self.next_sequence();
        self.uploads.remove((bucket, key, seq))?;
        Ok(())
    }

    /// Forgets completions whose upload began before `before_ms`.
    pub(crate) fn forget_completions(&mut self, before_ms: i64) -> Result<(), ChangeError> {
        let old = self
            .finished
            .iter()?
            .map(|entry| {
                let (key, version) = entry?;
                let (bucket, name, seq) = key.value();
                Ok(((bucket, name.to_vec(), seq), version.value()))
            })
            .collect::<Result<Vec<_>, redb::StorageError>>()?;
        for ((bucket, key, seq), version) in old {
            let row = self.versions.get((bucket, key.as_slice(), !version))?;
            let row = row.map(|value| VersionRow::decode(value.value())).transpose()?;
            if row.is_none_or(|row| row.modified_ms < before_ms) {
                self.next_sequence();
                self.finished.remove((bucket, key.as_slice(), seq))?;
            }
        }
        Ok(())
    }

    /// The version that an upload became, if it was completed and the version is still there.
    fn completed_before(
        &self,
        bucket: &BucketRow,
        key: &[u8],
        id: &str,
    ) -> Result<Option<Written>, ChangeError> {
        let Some(id) = VersionId::parse(id) else { return Ok(None) };
        let Some(version) = self.finished.get((bucket.id, key, id.seq))? else { return Ok(None) };
        let seq = version.value();
        let Some(value) = self.versions.get((bucket.id, key, !seq))? else { return Ok(None) };
        let row = VersionRow::decode(value.value())?;
        Ok(Some(Written { seq, versioning: bucket.versioning, row }))
    }
}

/// The parts the client names are those that were uploaded, in order and large enough.
fn check_parts(plan: &CompletePlan, stored: &BTreeMap<u16, PartRow>) -> Result<(), Refusal> {
    let Some(last) = plan.parts.last() else {
        return Err(Refusal::InvalidRequest("a completion names at least one part"));
    };
    let mut previous = 0;
    let mut size = 0_u64;
    for claim in &plan.parts {
        if claim.number <= previous {
            return Err(Refusal::InvalidPartOrder);
        }
        previous = claim.number;
        let part = stored.get(&claim.number).ok_or(Refusal::InvalidPart(claim.number))?;
        let same_etag = claim.etag.as_deref().is_some_and(|etag| etag == hex::encode(part.md5));
        let same_checksum = claim.checksum.is_none() || claim.checksum == part.checksum;
        if !same_etag || !same_checksum {
            return Err(Refusal::InvalidPart(claim.number));
        }
        let len = total_len(&part.segments);
        if len < plan.min_part_bytes && claim.number != last.number {
            return Err(Refusal::PartTooSmall { part: claim.number, size: len });
        }
        size = size.saturating_add(len);
    }
    match plan.size {
        Some(expected) if expected != size => {
            Err(Refusal::InvalidRequest("the parts do not add up to x-amz-mp-object-size"))
        }
        _ => Ok(()),
    }
}

/// The checksum of the parts' checksums, if all have one of the announced algorithm.
fn check_checksum(
    plan: &CompletePlan,
    stored: &BTreeMap<u16, PartRow>,
    algorithm: Option<&str>,
) -> Result<Option<Checksum>, Refusal> {
    let sums: Option<Vec<&str>> = plan
        .parts
        .iter()
        .map(|claim| stored.get(&claim.number)?.checksum.as_ref())
        .map(|sum| sum.filter(|sum| Some(sum.algorithm.as_str()) == algorithm).map(|sum| sum.value.as_str()))
        .collect();
    let made = sums.zip(algorithm).and_then(|(sums, algorithm)| composite_checksum(algorithm, &sums));
    match (&plan.checksum, made) {
        (None, made) => Ok(made),
        (Some(_), None) => Err(Refusal::NotSupported("a checksum of the full object at completion")),
        (Some(expected), Some(made)) if expected.algorithm != made.algorithm => {
            Err(Refusal::InvalidRequest("the checksum is of another algorithm than the upload's"))
        }
        (Some(expected), Some(made)) => {
            // The count of parts may be left out by the client.
            let bare = made.value.split_once('-').map_or(made.value.as_str(), |(sum, _)| sum);
            if expected.value == made.value || expected.value == bare {
                Ok(Some(made))
            } else {
                Err(Refusal::BadDigest("the object's checksum"))
            }
        }
    }
}
