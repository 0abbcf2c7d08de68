//! What a bucket holds, told as landings: to find what events missed, and to check the books.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use landfall_domain::notification::{Change, ObjectEvent, WrittenEvent, to_json};
use landfall_domain::{ObjectVersion, Stage};
use landfall_objects::{ListPages, ListVersionPages, ObjectError, ObjectStore, Versioning};
use landfall_store::{NewMessage, Store, StoreError, object, outbox};

/// A version that a listing names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedLanding {
    /// The key.
    pub key: String,
    /// Its version, as the books name it.
    pub version: ObjectVersion,
    /// The version id, in a versioned bucket.
    pub version_id: Option<String>,
    /// The ETag without quotes.
    pub etag: String,
    /// Size in bytes.
    pub size: u64,
    /// When it was written.
    pub last_modified: DateTime<Utc>,
}

/// Why a bucket could not be compared with the books.
#[derive(Debug, thiserror::Error)]
pub enum ListingError {
    /// The bucket could not be listed.
    #[error("bucket could not be listed")]
    Objects(#[from] ObjectError),
    /// The books could not be read or written.
    #[error("the books could not be read")]
    Store(#[from] StoreError),
}

/// The landings of a bucket below a prefix, page by page: all versions where the bucket has them.
#[derive(Debug)]
pub struct Landings {
    pages: Pages,
}

#[derive(Debug)]
enum Pages {
    Current(ListPages),
    Versions(ListVersionPages),
}

impl Landings {
    /// Begins a listing.
    pub async fn of(objects: &ObjectStore, bucket: &str, prefix: &str) -> Result<Self, ObjectError> {
        let pages = match objects.versioning(bucket).await? {
            Versioning::Unversioned => Pages::Current(objects.list(bucket, prefix, None)),
            Versioning::Enabled | Versioning::Suspended => {
                Pages::Versions(objects.list_versions(bucket, prefix, None))
            }
        };
        Ok(Self { pages })
    }

    /// The next page; none at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<ListedLanding>>, ObjectError> {
        match &mut self.pages {
            Pages::Current(pages) => {
                let page = pages.next().await?;
                let landing = |l: landfall_objects::Listed| ListedLanding {
                    version: ObjectVersion::from_etag(&l.etag, l.last_modified),
                    key: l.key,
                    version_id: None,
                    etag: l.etag,
                    size: l.size,
                    last_modified: l.last_modified,
                };
                Ok(page.map(|page| page.into_iter().map(landing).collect()))
            }
            Pages::Versions(pages) => {
                let page = pages.next().await?;
                let landing = |l: landfall_objects::ListedVersion| {
                    let etag = l.etag.filter(|_| !l.delete_marker)?;
                    let version = ObjectVersion::new(l.version_id.as_deref(), &etag, l.last_modified);
                    let (size, last_modified) = (l.size, l.last_modified);
                    Some(ListedLanding {
                        key: l.key,
                        version,
                        version_id: l.version_id,
                        etag,
                        size,
                        last_modified,
                    })
                };
                Ok(page.map(|page| page.into_iter().filter_map(landing).collect()))
            }
        }
    }
}

/// Lists a bucket and sends an event for each version that the books do not know: what a lost notification
/// left behind. Gives how many were sent.
pub async fn heal(
    objects: &ObjectStore,
    store: &Store,
    (bucket, prefix): (&str, &str),
    now: DateTime<Utc>,
) -> Result<u64, ListingError> {
    let mut landings = Landings::of(objects, bucket, prefix).await?;
    let mut sent = 0_u64;
    while let Some(page) = landings.next().await? {
        let names: Vec<(String, String)> =
            page.iter().map(|l| (l.key.clone(), l.version.as_str().to_owned())).collect();
        let unknown = object::unknown_versions(store.pool(), bucket, &names).await?;
        let messages: Vec<NewMessage> = page
            .iter()
            .filter(|l| unknown.contains(&(l.key.clone(), l.version.as_str().to_owned())))
            .map(|l| listed_event(bucket, l, now))
            .collect();
        let mut conn = store.pool().acquire().await.map_err(StoreError::from)?;
        outbox::send(&mut conn, &messages, now).await?;
        sent = sent.saturating_add(u64::try_from(messages.len()).unwrap_or(u64::MAX));
    }
    Ok(sent)
}

fn listed_event(bucket: &str, landing: &ListedLanding, now: DateTime<Utc>) -> NewMessage {
    let event = ObjectEvent {
        change: Change::Created,
        bucket: bucket.to_owned(),
        key: landing.key.clone(),
        version_id: landing.version_id.clone(),
        etag: Some(landing.etag.clone()),
        size: Some(landing.size),
        time: Some(landing.last_modified),
        sequencer: None,
    };
    NewMessage {
        stage: Stage::ReceiveObject,
        subject: landing.key.clone(),
        body: to_json(&[WrittenEvent { event, name: "Listed" }]),
        visible_at: now,
    }
}

/// The books beside the bucket. Closed means that both name the same versions.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Verification {
    /// Versions that landed: those listed and those recorded as removed or overwritten.
    pub landed: u64,
    /// Versions that the listing names.
    pub listed: u64,
    /// Versions that are recorded as removed or overwritten.
    pub removed: u64,
    /// Versions in all states.
    pub in_states: u64,
    /// Listed, but in no state: key and version, at most 100 of them.
    pub unseen: Vec<(String, String)>,
    /// Said to be present, but not listed: key and version, at most 100 of them.
    pub unknown: Vec<(String, String)>,
    /// Whether nothing is unseen and nothing unknown.
    pub closed: bool,
}

/// Differences that a [`Verification`] names.
const NAMED_DIFFERENCES: usize = 100;

/// Lists a bucket and compares it with the books, version by version.
pub async fn verify(
    objects: &ObjectStore,
    store: &Store,
    (bucket, prefix): (&str, &str),
) -> Result<Verification, ListingError> {
    let mut listed = BTreeSet::new();
    let mut landings = Landings::of(objects, bucket, prefix).await?;
    while let Some(page) = landings.next().await? {
        listed.extend(page.into_iter().map(|l| (l.key, l.version.as_str().to_owned())));
    }
    let known = object::known_versions(store.pool(), bucket, prefix).await?;
    let removed = object::recorded_removals(store.pool(), bucket, prefix).await?;
    let unseen: Vec<_> = listed.difference(&known).cloned().collect();
    let unknown: Vec<_> = known.difference(&listed).cloned().collect();
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let removed = u64::try_from(removed).unwrap_or(0);
    Ok(Verification {
        landed: count(listed.len()).saturating_add(removed),
        listed: count(listed.len()),
        removed,
        in_states: count(known.len()).saturating_add(removed),
        closed: unseen.is_empty() && unknown.is_empty(),
        unseen: unseen.into_iter().take(NAMED_DIFFERENCES).collect(),
        unknown: unknown.into_iter().take(NAMED_DIFFERENCES).collect(),
    })
}
