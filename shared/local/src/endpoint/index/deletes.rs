//! Objects, versions and markers are removed.

use super::commit::ChangeError;
use super::condition::{EtagTest, WriteCondition};
use super::lookup::{self, Selector};
use super::objects::{event_version, sequencer};
use super::rows::{BucketRow, Headers, VersionRow, Versioning};
use super::tables::Writer;
use crate::endpoint::events::{ObjectWritten, WriteKind};
use crate::endpoint::refusal::Refusal;

/// One key, or one version of it, to be removed.
#[derive(Debug, Clone)]
pub(crate) struct Deletion {
    /// The key.
    pub(crate) key: String,
    /// What of it.
    pub(crate) selector: Selector,
    /// The version id as the client wrote it.
    pub(crate) version_text: Option<String>,
    /// What the newest version must be.
    pub(crate) if_match: Option<EtagTest>,
}

/// What a deletion did.
#[derive(Debug, Clone, Default)]
pub(crate) struct Removed {
    /// The version id of the marker that was made, or of the version that was removed.
    pub(crate) version_id: Option<String>,
    /// A marker was made or removed.
    pub(crate) marker: bool,
    /// The event, if there was an effect.
    pub(crate) event: Option<ObjectWritten>,
}

impl Writer<'_> {
    /// Removes what each deletion names. A refusal concerns one key only.
    pub(crate) fn delete(
        &mut self,
        bucket_name: &str,
        deletions: &[Deletion],
    ) -> Result<Vec<Result<Removed, Refusal>>, ChangeError> {
        let bucket = self.bucket(bucket_name)?;
        let mut results = Vec::with_capacity(deletions.len());
        for deletion in deletions {
            results.push(match self.delete_one(bucket_name, &bucket, deletion) {
                Ok(removed) => Ok(removed),
                Err(ChangeError::Refused(refusal)) => Err(refusal),
                Err(broken) => return Err(broken),
            });
        }
        Ok(results)
    }

    fn delete_one(
        &mut self,
        bucket_name: &str,
        bucket: &BucketRow,
        deletion: &Deletion,
    ) -> Result<Removed, ChangeError> {
        let key = deletion.key.as_bytes();
        self.judge(bucket, key, &WriteCondition { if_match: deletion.if_match.clone(), if_absent: false })?;
        if deletion.selector == Selector::Newest && bucket.versioning != Versioning::Never {
            return self.add_marker(bucket_name, bucket, &deletion.key);
        }
        let mut removed = Removed { version_id: deletion.version_text.clone(), ..Removed::default() };
        let found = lookup::version(&self.versions, bucket.id, key, &deletion.selector)?;
        let Some((seq, row)) = found else { return Ok(removed) };
        self.versions.remove((bucket.id, key, !seq))?;
        self.release(&row.segments)?;
        removed.marker = row.marker;
        removed.event = Some(ObjectWritten {
            bucket: bucket_name.to_owned(),
            key: deletion.key.clone(),
            version_id: event_version(seq, &row),
            size: row.size(),
            etag: row.etag,
            last_modified: self.now_ms(),
            sequencer: sequencer(self.next_sequence()),
            kind: WriteKind::Delete,
        });
        Ok(removed)
    }

    fn add_marker(
        &mut self,
        bucket_name: &str,
        bucket: &BucketRow,
        key: &str,
    ) -> Result<Removed, ChangeError> {
        let marker = VersionRow {
            null: false,
            marker: true,
            modified_ms: self.now_ms(),
            etag: String::new(),
            segments: Vec::new(),
            headers: Headers::default(),
            checksum: None,
        };
        let written = self.insert_version(bucket, key.as_bytes(), marker)?;
        Ok(Removed {
            version_id: written.version_header(),
            marker: true,
            event: Some(written.event(bucket_name, key, WriteKind::DeleteMarkerCreated)),
        })
    }
}
