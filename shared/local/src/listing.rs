//! What a bucket holds, told as landings: to find what events missed, and to check the books.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use landfall_domain::notification::{Change, ObjectEvent, WrittenEvent, to_json};
use landfall_domain::{ObjectVersion, Stage};
use landfall_objects::{ListPages, ListVersionPages, ObjectError, ObjectStore, Versioning};
use landfall_store::object::PresentVersion;
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

/// Lists a bucket and mends what lost or overtaken notifications left behind: sends an event for each version that
/// the books do not know, and records as absent what is not there any more. Gives how many events were sent.
pub async fn heal(
    objects: &ObjectStore,
    store: &Store,
    (bucket, prefix): (&str, &str),
    now: DateTime<Utc>,
) -> Result<u64, ListingError> {
    let mut landings = Landings::of(objects, bucket, prefix).await?;
    let mut sent = 0_u64;
    let mut absent = Absent::default();
    while let Some(page) = landings.next().await? {
        absent.compare((objects, store), (bucket, prefix), &page, now).await?;
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
    absent.mend((objects, store), (bucket, prefix), None, now).await?;
    Ok(sent)
}

/// Looks, page by page, for versions that count as present and are not listed. Listings and the books go by the
/// bytes of keys, so that only one page and what the books know beside it are in memory.
#[derive(Debug, Default)]
struct Absent {
    /// The first key that was not compared yet.
    from: String,
    /// What was listed of it and of the keys after it.
    listed: BTreeSet<(String, String)>,
}

impl Absent {
    async fn compare(
        &mut self,
        stores: (&ObjectStore, &Store),
        place: (&str, &str),
        page: &[ListedLanding],
        now: DateTime<Utc>,
    ) -> Result<(), ListingError> {
        self.listed.extend(page.iter().map(|l| (l.key.clone(), l.version.as_str().to_owned())));
        let Some(last) = page.last() else { return Ok(()) };
        // The next page may go on with further versions of the last key.
        self.mend(stores, place, Some(&last.key), now).await
    }

    /// Compares all keys before `to`, or all that are left.
    async fn mend(
        &mut self,
        (objects, store): (&ObjectStore, &Store),
        (bucket, prefix): (&str, &str),
        to: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), ListingError> {
        let present =
            object::present_versions(store.pool(), (bucket, prefix), (self.from.as_str(), to)).await?;
        let mut gone = Vec::new();
        for version in present {
            let listed = self.listed.contains(&(version.key.clone(), version.version.clone()));
            if !listed && !is_there(objects, bucket, &version).await? {
                gone.push(version.object_id);
            }
        }
        if !gone.is_empty() {
            object::mark_absent(store.pool(), &gone, now).await?;
            tracing::info!(
                absent = gone.len(),
                "{} versions are not there that no event told of",
                gone.len()
            );
        }
        if let Some(to) = to {
            to.clone_into(&mut self.from);
            self.listed.retain(|(key, _)| key.as_str() >= to);
        }
        Ok(())
    }
}

/// One HEAD: a version may have landed after its page was listed.
async fn is_there(
    objects: &ObjectStore,
    bucket: &str,
    version: &PresentVersion,
) -> Result<bool, ObjectError> {
    match objects.head(bucket, &version.key, version.version_id.as_deref()).await {
        Ok(head) => {
            let current = ObjectVersion::new(head.version_id.as_deref(), &head.etag, head.last_modified);
            Ok(version.version_id.is_some() || current.as_str() == version.version)
        }
        Err(ObjectError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
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
        tenant: String::new(),
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
