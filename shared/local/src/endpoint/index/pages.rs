//! The listings: objects, versions, uploads.

use std::ops::Bound;

use redb::ReadOnlyTable;

use super::commit::ChangeError;
use super::lookup::{self, Selector, version_header};
use super::page::{Collector, ListQuery, Page, Step, past};
use super::rows::{UploadRow, VersionRow};
use super::tables::{Tables, VersionKey};
use super::version_id::VersionId;

/// Rows of one key that are passed one by one before the walk jumps: most keys have few versions, and a jump costs
/// more than a step.
const STEPS: u32 = 4;

/// A version in a listing of versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedVersion {
    /// Its id, `null` if it has none.
    pub(crate) version_id: String,
    /// It is the newest of its key.
    pub(crate) latest: bool,
    /// The version.
    pub(crate) row: VersionRow,
}

/// Walks rows of one bucket in order; `visit` says where to go on.
fn walk(
    table: &ReadOnlyTable<VersionKey, &'static [u8]>,
    bucket: u64,
    from: (Vec<u8>, u64),
    mut visit: impl FnMut(&[u8], u64, &[u8]) -> Result<Step, ChangeError>,
) -> Result<(), ChangeError> {
    let Some(end) = bucket.checked_add(1) else { return Ok(()) };
    let (mut key, mut order) = from;
    'seek: loop {
        let start = Bound::Included((bucket, key.as_slice(), order));
        let rows = table.range((start, Bound::Excluded((end, [].as_slice(), 0))))?;
        for row in rows {
            let (found, value) = row?;
            let (_, name, at) = found.value();
            match visit(name, at, value.value())? {
                Step::Next => {}
                Step::Stop => return Ok(()),
                Step::Seek(next) => {
                    (key, order) = (next, 0);
                    continue 'seek;
                }
            }
        }
        return Ok(());
    }
}

impl Tables {
    /// The newest versions with content, by key.
    pub(crate) fn list_objects(
        &self,
        bucket: &str,
        query: &ListQuery,
    ) -> Result<Page<VersionRow>, ChangeError> {
        let bucket = self.bucket(bucket)?.id;
        let grouping = query.grouping();
        let Some(start) = grouping.resume(query.marker.as_deref().map(str::as_bytes)) else {
            return Ok(Page::default());
        };
        let mut page = Collector::new(grouping, query.limit);
        let (mut last, mut steps) = (None::<Vec<u8>>, 0_u32);
        walk(&self.versions()?, bucket, (start, 0), |key, _, value| {
            if last.as_deref() == Some(key) {
                // An older version.
                steps = steps.saturating_add(1);
                return Ok(if steps < STEPS { Step::Next } else { past(key) });
            }
            if page.is_past(key) {
                return Ok(Step::Stop);
            }
            let seen = last.get_or_insert_default();
            seen.clear();
            seen.extend_from_slice(key);
            steps = 0;
            let row = VersionRow::decode(value)?;
            Ok(if row.marker { Step::Next } else { page.take(key, row) })
        })?;
        Ok(page.finish())
    }

    /// All versions and markers, by key, newest first; goes on after `version` of the marker's key if given.
    pub(crate) fn list_versions(
        &self,
        bucket: &str,
        query: &ListQuery,
        version: Option<&str>,
    ) -> Result<Page<ListedVersion>, ChangeError> {
        let bucket = self.bucket(bucket)?;
        let table = self.versions()?;
        let grouping = query.grouping();
        let marker = query.marker.as_deref().map(str::as_bytes);
        let Some(mut start) = grouping.resume(marker).map(|key| (key, 0)) else { return Ok(Page::default()) };
        let mut last: Option<Vec<u8>> = None;
        if let (Some(key), Some(version)) = (marker, version) {
            let found = lookup::version(&table, bucket.id, key, &Selector::of(Some(version)))?;
            // A removed version left its number in its id, so the listing can still go on behind it.
            let seq = found.map(|(seq, _)| seq).or_else(|| VersionId::parse(version).map(|id| id.seq));
            if let (Some(seq), None) = (seq, grouping.group(key))
                && key >= grouping.prefix.as_slice()
            {
                start = (key.to_vec(), (!seq).saturating_add(1));
                last = Some(key.to_vec());
            }
        }
        let mut page = Collector::new(grouping, query.limit);
        walk(&table, bucket.id, start, |key, order, value| {
            let row = VersionRow::decode(value)?;
            let latest = last.as_deref() != Some(key);
            last = Some(key.to_vec());
            let version_id =
                version_header(bucket.versioning, !order, &row).unwrap_or_else(|| "null".to_owned());
            Ok(page.take(key, ListedVersion { version_id, latest, row }))
        })?;
        Ok(page.finish())
    }

    /// The uploads under way, by key, oldest first; goes on after `upload` of the marker's key if given.
    pub(crate) fn list_uploads(
        &self,
        bucket: &str,
        query: &ListQuery,
        upload: Option<&str>,
    ) -> Result<Page<(String, UploadRow)>, ChangeError> {
        let bucket = self.bucket(bucket)?.id;
        let grouping = query.grouping();
        let marker = query.marker.as_deref().map(str::as_bytes);
        let Some(mut start) = grouping.resume(marker).map(|key| (key, 0)) else { return Ok(Page::default()) };
        if let (Some(key), Some(id)) = (marker, upload.and_then(VersionId::parse))
            && grouping.group(key).is_none()
            && key >= grouping.prefix.as_slice()
        {
            start = (key.to_vec(), id.seq.saturating_add(1));
        }
        let mut page = Collector::new(grouping, query.limit);
        walk(&self.uploads()?, bucket, start, |key, seq, value| {
            let row = UploadRow::decode(value)?;
            let id = VersionId { seq, modified_ms: row.initiated_ms }.to_string();
            Ok(page.take(key, (id, row)))
        })?;
        Ok(page.finish())
    }
}
