//! Sidecars among the landings of a batch: who waits for one is looked at again at once (specs: dumps 6.1).

use chrono::{DateTime, Utc};
use landfall_domain::{KeyKind, Look, PlanArchive, Stage, State};
use landfall_store::dump::sidecar;
use landfall_store::object::{NewObject, Registered};
use landfall_store::{NewMessage, PgConnection, StoreError, outbox};

/// Bucket and key of the archive that a landing is the sidecar of.
fn archive_of(landed: &NewObject) -> Option<(&str, &str)> {
    let landing = &landed.landing;
    match KeyKind::of(&landing.key) {
        // Only what lies in the feed: a sidecar elsewhere is ignored for another reason.
        KeyKind::Sidecar { archive } if landed.feed.is_some() && landed.state == State::Ignored => {
            Some((&landing.bucket, archive))
        }
        _ => None,
    }
}

/// Takes the locks of the archives whose sidecars are in the batch; before its rows are written.
pub(crate) async fn lock(conn: &mut PgConnection, landed: &[NewObject]) -> Result<(), StoreError> {
    let archives: Vec<_> = landed.iter().filter_map(archive_of).collect();
    if archives.is_empty() { Ok(()) } else { sidecar::lock(conn, &archives).await }
}

/// For each new sidecar: sends the archives that wait for it to be looked at again, and tells whether it came too
/// late.
pub(crate) async fn arrived(
    conn: &mut PgConnection,
    landed: &[NewObject],
    new: &[Registered],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for registered in new {
        let Some(archive) = landed.get(registered.index).and_then(archive_of) else { continue };
        let mut messages = Vec::new();
        for (object_id, run) in sidecar::waiting_archives(conn, archive).await? {
            let look = Look::at_sidecar(registered.object_id);
            let body = PlanArchive::again(object_id, run, look);
            messages.push(NewMessage::of(Stage::PlanArchive, archive.1, body, now)?);
        }
        outbox::send(conn, &messages, now).await?;
        sidecar::tell_late(conn, archive, now).await?;
    }
    Ok(())
}
