//! Uploads that wait for their sidecar, and what their commits say of sidecars (specs: dumps 6.1).

use chrono::{DateTime, Utc};
use landfall_domain::{Look, PlanArchive as Message, Reason, Stage, State};
use landfall_store::dump::sidecar;
use landfall_store::object::{self, Move, ObjectRow};
use landfall_store::{NewMessage, PgConnection, StoreError, outbox, step};

use crate::commit::{end, enter};
use crate::handler::{Decision, Judged, PlanArchive};

impl PlanArchive {
    /// The commit of a look that found a needed field nowhere: the object waits, or has waited long enough.
    ///
    /// A sidecar that arrived between the look and this commit is looked at once more, at once; who sent its event
    /// found nobody waiting. False if this look was committed before, or the object has gone on.
    pub(crate) async fn wait_or_reject(
        &self,
        conn: &mut PgConnection,
        decision: &Decision,
        reason: &Reason,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let look = decision.look;
        let archive = &decision.object;
        sidecar::lock(conn, &[(&archive.bucket, &archive.key)]).await?;
        let again = sidecar::unseen(conn, archive, decision.looked.version(), look).await?;
        let again = again.filter(|again| *again != look);
        let is_over = again.is_none() && look.is_last;
        let outcome = if is_over { &reason.code } else { step::WAITING };
        let Some(object) = enter(conn, decision, outcome, now).await? else { return Ok(false) };
        if is_over {
            end(conn, &object, State::Rejected, reason.clone(), now).await?;
            return Ok(true);
        }
        let mut messages = Vec::new();
        if let Some(again) = again {
            messages.push(message(&object, again, now)?);
        }
        // Who waits already has a message for the end of it on its way.
        if object.state == State::Dispatched && !look.is_last {
            let until = now.checked_add_signed(self.rules.sidecar_wait).unwrap_or(now);
            messages.push(message(&object, Look::at_end(), until)?);
        }
        let to = Move { to: State::Waiting, reason: reason.clone(), run: object.run };
        object::transition(conn, &object, &to, now).await?;
        outbox::send(conn, &messages, now).await?;
        Ok(true)
    }
}

fn message(object: &ObjectRow, look: Look, visible_at: DateTime<Utc>) -> Result<NewMessage, StoreError> {
    let body = Message::again(object.object_id, object.run, look);
    NewMessage::of(Stage::PlanArchive, object.key.as_str(), body, visible_at)
}

/// Whether this look may still decide about an object. One that failed and was sent to work again is open as before;
/// one about which a look of this run has decided is not.
pub(crate) async fn is_open(
    conn: &mut PgConnection,
    object: &ObjectRow,
    look: Look,
) -> Result<bool, StoreError> {
    match object.state {
        State::Dispatched => {
            let run = (object.object_id, Stage::PlanArchive, object.run);
            Ok(!step::is_decided(conn, run).await?)
        }
        State::Waiting => Ok(!look.is_first()),
        _ => Ok(false),
    }
}

/// A waiting object whose metadata is complete goes back to work.
pub(crate) async fn dispatched(
    conn: &mut PgConnection,
    object: ObjectRow,
    now: DateTime<Utc>,
) -> Result<ObjectRow, StoreError> {
    if object.state != State::Waiting {
        return Ok(object);
    }
    let reason = Reason::new(Stage::PlanArchive.as_str()).with_text("its sidecar has what was missing");
    let to = Move { to: State::Dispatched, reason, run: object.run };
    object::transition(conn, &object, &to, now).await?;
    Ok(ObjectRow { state: State::Dispatched, ..object })
}

/// Stores which sidecar counted, and says of the others whether they came too late.
pub(crate) async fn note_sidecars(
    conn: &mut PgConnection,
    decision: &Decision,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let object = &decision.object;
    if matches!(decision.judged, Judged::Flip(_)) {
        return Ok(());
    }
    if let Some(used) = decision.looked.used() {
        sidecar::record_use(conn, object, &used).await?;
    }
    sidecar::tell_late(conn, (&object.bucket, &object.key), now).await
}
