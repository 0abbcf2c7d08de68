//! From an event to an identity: which version landed (design: identity and states).

use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::notification::ObjectEvent;
use landfall_domain::{Landing, ObjectVersion, Pin, metadata_digest};
use landfall_objects::{Head, ObjectError, ObjectStore};

/// What an event about a written object comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// This version landed.
    Landed(Landing),
    /// The event's version was overwritten before it was seen; the other one is current.
    Overwritten {
        /// What the event told of.
        lost: Landing,
        /// What is there now.
        current: Landing,
    },
    /// Nothing is there any more.
    Gone(Landing),
}

/// Finds out which version an event tells of; one HEAD where the bucket has no versions.
pub async fn identify(
    objects: &ObjectStore,
    event: &ObjectEvent,
    now: DateTime<Utc>,
) -> Result<Seen, ObjectError> {
    let told = landing_of_event(event, now);
    if event.version_id.is_some() {
        return Ok(Seen::Landed(told));
    }
    match objects.head(&event.bucket, &event.key, None).await {
        Ok(head) => Ok(compare(told, &landing_of_head(event, &head))),
        Err(ObjectError::NotFound { .. }) => Ok(Seen::Gone(told)),
        Err(error) => Err(error),
    }
}

/// An event's time and the object's last-modified time may differ by so much for the same write.
const CLOCK_SLACK: TimeDelta = TimeDelta::seconds(2);

fn compare(told: Landing, current: &Landing) -> Seen {
    let told_etag = told.pin.etag.as_deref();
    let same_bytes = told_etag.is_none() || told_etag == current.pin.etag.as_deref();
    if same_bytes && !is_later(current, &told) {
        Seen::Landed(Landing { sequencer: told.sequencer, ..current.clone() })
    } else {
        Seen::Overwritten { lost: told, current: current.clone() }
    }
}

/// Whether the current version was written after the event: the same bytes, put once more. A version that is older
/// than its event is nothing strange: a multipart upload counts from its beginning.
fn is_later(current: &Landing, told: &Landing) -> bool {
    let (Some(current), Some(told)) = (current.last_modified, told.last_modified) else { return false };
    current.signed_duration_since(told) > CLOCK_SLACK
}

/// The identity as the event alone tells it.
pub fn landing_of_event(event: &ObjectEvent, now: DateTime<Utc>) -> Landing {
    let time = event.time.unwrap_or(now);
    let etag = event.etag.clone();
    let version = ObjectVersion::new(event.version_id.as_deref(), etag.as_deref().unwrap_or("unknown"), time);
    Landing {
        bucket: event.bucket.clone(),
        key: event.key.clone(),
        version,
        pin: Pin { version_id: event.version_id.clone(), etag },
        last_modified: Some(time),
        size: event.size,
        metadata_digest: None,
        sequencer: event.sequencer.clone(),
    }
}

fn landing_of_head(event: &ObjectEvent, head: &Head) -> Landing {
    Landing {
        bucket: event.bucket.clone(),
        key: event.key.clone(),
        version: ObjectVersion::new(head.version_id.as_deref(), &head.etag, head.last_modified),
        pin: Pin { version_id: head.version_id.clone(), etag: Some(head.etag.clone()) },
        last_modified: Some(head.last_modified),
        size: Some(head.size),
        metadata_digest: Some(metadata_digest(&head.metadata)),
        sequencer: None,
    }
}
