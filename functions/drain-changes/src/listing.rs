//! What lies below the prefix of a dataset: its change files with their versions, and keys to ignore.

use chrono::{DateTime, Utc};
use landfall_domain::{ChangeKey, Dataset, ObjectVersion, Pin};
use landfall_objects::{Listed, ListedVersion, ObjectError, ObjectStore, Versioning};

/// A listing of one dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    /// Change files, oldest name first.
    pub files: Vec<ListedFile>,
    /// Keys that are no change files.
    pub ignored: Vec<String>,
}

/// A key, and the versions of it that are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedFile {
    /// The key.
    pub key: ChangeKey,
    /// Oldest first; the last one is what the key names. Never empty.
    pub versions: Vec<Found>,
}

/// A version of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// As the books name it.
    pub version: ObjectVersion,
    /// What reads are pinned to.
    pub pin: Pin,
    /// Size in bytes.
    pub size: u64,
    /// When it was written, to the second.
    pub last_modified: DateTime<Utc>,
}

impl Listing {
    /// Lists a dataset: all versions where the bucket has them.
    pub(crate) async fn of(
        objects: &ObjectStore,
        bucket: &str,
        dataset: Dataset,
    ) -> Result<Self, ObjectError> {
        let prefix = dataset.changes_prefix();
        let mut listing = Self::default();
        match objects.versioning(bucket).await? {
            Versioning::Unversioned => {
                let mut pages = objects.list(bucket, prefix, None);
                while let Some(page) = pages.next().await? {
                    for object in page {
                        listing.add_current(object);
                    }
                }
            }
            Versioning::Enabled | Versioning::Suspended => {
                let mut pages = objects.list_versions(bucket, prefix, None);
                let mut all = Vec::new();
                while let Some(page) = pages.next().await? {
                    all.extend(page);
                }
                listing.add_versions(&all);
            }
        }
        listing.files.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(listing)
    }

    fn add_current(&mut self, object: Listed) {
        let found = Found::of(None, object.etag, (object.size, object.last_modified));
        self.add(object.key, vec![found]);
    }

    /// Versions come by key, newest first. A key whose newest is a delete marker was taken away.
    fn add_versions(&mut self, all: &[ListedVersion]) {
        for of_key in all.chunk_by(|a, b| a.key == b.key) {
            let Some(newest) = of_key.first().filter(|newest| !newest.delete_marker) else { continue };
            let found = of_key.iter().rev().filter_map(|version| {
                let size = (version.size, version.last_modified);
                Some(Found::of(version.version_id.clone(), version.etag.clone()?, size))
            });
            self.add(newest.key.clone(), found.collect());
        }
    }

    fn add(&mut self, key: String, versions: Vec<Found>) {
        match ChangeKey::parse(&key) {
            Some(key) => self.files.push(ListedFile { key, versions }),
            None => self.ignored.push(key),
        }
    }
}

impl ListedFile {
    /// What the key names.
    pub(crate) fn is_current(&self, found: &Found) -> bool {
        self.versions.last() == Some(found)
    }
}

impl Found {
    pub(crate) fn of(version_id: Option<String>, etag: String, (size, time): (u64, DateTime<Utc>)) -> Self {
        let last_modified = DateTime::from_timestamp(time.timestamp(), 0).unwrap_or(time);
        let version = ObjectVersion::new(version_id.as_deref(), &etag, last_modified);
        Self { version, pin: Pin { version_id, etag: Some(etag) }, size, last_modified }
    }
}
