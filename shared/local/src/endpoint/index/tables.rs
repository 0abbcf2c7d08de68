//! The tables, and the open write transaction that changes them.

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, Table, TableDefinition, WriteTransaction};

use super::commit::{ChangeError, IndexError};
use super::rows::{Place, Segment};
use crate::endpoint::storage::{Content, PendingBlob};

/// The number of a blob. Never used twice while anything refers to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct BlobId(pub(crate) u64);

/// Bucket, key, and the write's number inverted, so that the newest version comes first.
pub(super) type VersionKey = (u64, &'static [u8], u64);
/// Bucket, key, upload number.
pub(super) type UploadKey = (u64, &'static [u8], u64);
/// Upload number, part number.
pub(super) type PartKey = (u64, u16);

const COUNTERS: TableDefinition<'_, &str, u64> = TableDefinition::new("counters");
const BUCKETS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("buckets");
const VERSIONS: TableDefinition<'_, VersionKey, &[u8]> = TableDefinition::new("versions");
const INLINE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("inline");
const FILES: TableDefinition<'_, u64, u64> = TableDefinition::new("files");
const SHARES: TableDefinition<'_, u64, u64> = TableDefinition::new("shares");
const UPLOADS: TableDefinition<'_, UploadKey, &[u8]> = TableDefinition::new("uploads");
const PARTS: TableDefinition<'_, PartKey, &[u8]> = TableDefinition::new("parts");
const FINISHED: TableDefinition<'_, UploadKey, u64> = TableDefinition::new("finished");

/// The counter of writes, buckets and uploads.
const SEQUENCE: &str = "sequence";

/// The tables as one moment saw them.
pub(crate) struct Tables(ReadTransaction);

impl Tables {
    pub(super) fn new(transaction: ReadTransaction) -> Self {
        Self(transaction)
    }

    pub(super) fn buckets(&self) -> Result<ReadOnlyTable<&'static str, &'static [u8]>, IndexError> {
        Ok(self.0.open_table(BUCKETS)?)
    }

    pub(super) fn versions(&self) -> Result<ReadOnlyTable<VersionKey, &'static [u8]>, IndexError> {
        Ok(self.0.open_table(VERSIONS)?)
    }

    pub(super) fn uploads(&self) -> Result<ReadOnlyTable<UploadKey, &'static [u8]>, IndexError> {
        Ok(self.0.open_table(UPLOADS)?)
    }

    pub(super) fn parts(&self) -> Result<ReadOnlyTable<PartKey, &'static [u8]>, IndexError> {
        Ok(self.0.open_table(PARTS)?)
    }

    /// The bytes of a small blob; `None` if there is no such blob.
    pub(crate) fn inline(&self, blob: BlobId) -> Result<Option<Vec<u8>>, IndexError> {
        Ok(self.0.open_table(INLINE)?.get(blob.0)?.map(|bytes| bytes.value().to_vec()))
    }

    /// Whether a blob file is referred to.
    pub(crate) fn has_file(&self, blob: BlobId) -> Result<bool, IndexError> {
        Ok(self.0.open_table(FILES)?.get(blob.0)?.is_some())
    }

    /// The largest blob number that is referred to.
    pub(crate) fn last_blob(&self) -> Result<u64, IndexError> {
        let file = self
            .0
            .open_table(FILES)?
            .range::<u64>(..)?
            .next_back()
            .transpose()?
            .map_or(0, |(k, _)| k.value());
        let inline = self
            .0
            .open_table(INLINE)?
            .range::<u64>(..)?
            .next_back()
            .transpose()?
            .map_or(0, |(k, _)| k.value());
        Ok(file.max(inline))
    }
}

/// The tables in the one write transaction that is open.
pub(crate) struct Writer<'t> {
    counters: Table<'t, &'static str, u64>,
    pub(super) buckets: Table<'t, &'static str, &'static [u8]>,
    pub(super) versions: Table<'t, VersionKey, &'static [u8]>,
    inline: Table<'t, u64, &'static [u8]>,
    files: Table<'t, u64, u64>,
    shares: Table<'t, u64, u64>,
    pub(super) uploads: Table<'t, UploadKey, &'static [u8]>,
    pub(super) parts: Table<'t, PartKey, &'static [u8]>,
    /// Completed uploads by bucket, key and number, with the number of the version they became.
    pub(super) finished: Table<'t, UploadKey, u64>,
    sequence: u64,
    now_ms: i64,
    outcome: BatchOutcome,
}

/// What a batch did to blobs, acted on after its commit.
#[derive(Default)]
pub(super) struct BatchOutcome {
    /// Something was written.
    pub(super) dirty: bool,
    /// Files that are referred to from now on.
    pub(super) kept: Vec<PendingBlob>,
    /// Files that nothing refers to any more.
    pub(super) dead: Vec<BlobId>,
}

impl<'t> Writer<'t> {
    pub(super) fn open(transaction: &'t WriteTransaction, now_ms: i64) -> Result<Self, IndexError> {
        let counters = transaction.open_table(COUNTERS)?;
        let sequence = counters.get(SEQUENCE)?.map_or(0, |value| value.value());
        Ok(Self {
            counters,
            buckets: transaction.open_table(BUCKETS)?,
            versions: transaction.open_table(VERSIONS)?,
            inline: transaction.open_table(INLINE)?,
            files: transaction.open_table(FILES)?,
            shares: transaction.open_table(SHARES)?,
            uploads: transaction.open_table(UPLOADS)?,
            parts: transaction.open_table(PARTS)?,
            finished: transaction.open_table(FINISHED)?,
            sequence,
            now_ms,
            outcome: BatchOutcome::default(),
        })
    }

    /// Ends the batch: writes the counter if anything changed.
    pub(super) fn close(mut self) -> Result<BatchOutcome, IndexError> {
        if self.outcome.dirty {
            self.counters.insert(SEQUENCE, self.sequence)?;
        }
        Ok(self.outcome)
    }

    /// The time of the change at hand, milliseconds since 1970.
    pub(super) fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// Sets the time for the next change.
    pub(super) fn set_now(&mut self, now_ms: i64) {
        self.now_ms = now_ms;
    }

    /// The next number; marks the batch as changed.
    pub(super) fn next_sequence(&mut self) -> u64 {
        self.sequence = self.sequence.saturating_add(1);
        self.outcome.dirty = true;
        self.sequence
    }

    /// Makes new content part of the index and gives its segments.
    pub(super) fn adopt(&mut self, content: Content) -> Result<Vec<Segment>, ChangeError> {
        self.outcome.dirty = true;
        match content {
            Content::Empty => Ok(Vec::new()),
            Content::Small { blob, bytes } => {
                self.inline.insert(blob.0, bytes.as_slice())?;
                let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                Ok(vec![Segment { blob, place: Place::Index, offset: 0, len }])
            }
            Content::File(pending) => {
                let (blob, len) = (pending.id(), pending.len());
                self.files.insert(blob.0, len)?;
                self.outcome.kept.push(pending);
                Ok(vec![Segment { blob, place: Place::File, offset: 0, len }])
            }
        }
    }

    /// Counts one more reference for each segment.
    pub(super) fn share(&mut self, segments: &[Segment]) -> Result<(), ChangeError> {
        self.outcome.dirty = true;
        for segment in segments {
            let extra = self.shares.get(segment.blob.0)?.map_or(0, |count| count.value());
            self.shares.insert(segment.blob.0, extra.saturating_add(1))?;
        }
        Ok(())
    }

    /// Counts one reference less for each segment; what nothing refers to is removed.
    pub(super) fn release(&mut self, segments: &[Segment]) -> Result<(), ChangeError> {
        self.outcome.dirty = true;
        for segment in segments {
            let blob = segment.blob;
            let extra = self.shares.get(blob.0)?.map(|count| count.value());
            match (extra, segment.place) {
                (Some(0 | 1), _) => {
                    self.shares.remove(blob.0)?;
                }
                (Some(more), _) => {
                    self.shares.insert(blob.0, more.saturating_sub(1))?;
                }
                (None, Place::Index) => {
                    self.inline.remove(blob.0)?;
                }
                (None, Place::File) => {
                    self.files.remove(blob.0)?;
                    self.outcome.dead.push(blob);
                }
            }
        }
        Ok(())
    }
}
