//! The flip: a load that was filled beside the one that readers see takes its place, in one transaction
//! (specs: dumps 7.6).

use chrono::{DateTime, Utc};
use landfall_domain::{LoadId, PlanArchive as Message, Stage, State};
use landfall_dumps::guard::{Judgement, LinkChange, Verdict, judge};
use landfall_store::dump::{self, GuardData, LockedDump, Replacement};
use landfall_store::object::{self, ObjectRow};
use landfall_store::{NewMessage, PgConnection, StoreError, outbox, step};

use crate::commit::{end, skip};
use crate::handler::Decision;

/// Flips, or follows another verdict; false if the load is gone or has taken its place already.
pub(crate) async fn commit_flip(
    conn: &mut PgConnection,
    decision: &Decision,
    load_id: LoadId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let Some(found) = dump::find_replacement(conn, load_id).await? else { return Ok(false) };
    let upload = &found.replacing.upload;
    dump::lock_network(conn, &upload.customer.to_string(), &upload.network.to_string()).await?;
    let Some(shown) = dump::lock_dump(conn, found.load.dump_id).await? else { return Ok(false) };
    if !dump::lock_load(conn, found.load.dump_id, load_id).await? {
        return Ok(false);
    }
    // What was read before the locks may have gone on.
    let Some(replacement) = dump::find_replacement(conn, load_id).await? else { return Ok(false) };
    if shown.row_version == replacement.base_version {
        let link = replacement.replacing.link.clone();
        flip(conn, shown, &replacement, link.as_ref(), now).await?;
        return Ok(true);
    }
    judge_again(conn, decision, (shown, &replacement), now).await?;
    Ok(true)
}

async fn flip(
    conn: &mut PgConnection,
    shown: LockedDump,
    replacement: &Replacement,
    link: Option<&LinkChange>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tracing::info!(dump = shown.dump_id, load = %replacement.load.load_id, "load {} replaces load {}",
        replacement.load.load_id, shown.load_id);
    dump::flip(conn, shown, replacement, link, now).await
}

/// The dump has changed since the verdict: it is found anew, the load and its digest left out.
async fn judge_again(
    conn: &mut PgConnection,
    decision: &Decision,
    (shown, replacement): (LockedDump, &Replacement),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (load, upload) = (&replacement.load, &replacement.replacing.upload);
    let object = decision.object.object_id;
    let data = dump::guard_data(conn, upload, &load.sha256, Some(object), Some(load.load_id)).await?;
    let Judgement { verdict, row } = judge(data.facts(upload));
    tracing::info!(verdict = verdict.name(), row = %row, "judged again: {} by {row}", verdict.name());
    if let Verdict::Overwrite { dump, link } = &verdict
        && dump.0 == shown.dump_id
    {
        return flip(conn, shown, replacement, link.as_ref(), now).await;
    }
    dump::drop_replacement(conn, load.load_id).await?;
    follow(conn, decision, (&data, verdict), now).await
}

/// Follows a verdict that needs no load of ours; any other plans the object again.
async fn follow(
    conn: &mut PgConnection,
    decision: &Decision,
    (data, verdict): (&GuardData, Verdict),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(object) = object::lock(conn, decision.object.object_id).await? else { return Ok(()) };
    if object.state != State::Dispatched || object.run != decision.object.run {
        return Ok(());
    }
    let (state, reason) = verdict.object_state();
    match verdict {
        Verdict::Reject { .. } => end(conn, &object, state, reason, now).await,
        Verdict::Skip { .. } => skip(conn, &object, data, reason, now).await,
        Verdict::Link { dump, change } => {
            dump::change_link(conn, dump.0, &change, object.object_id, now).await?;
            end(conn, &object, state, reason, now).await
        }
        Verdict::Create { .. } | Verdict::Resume { .. } | Verdict::Overwrite { .. } => {
            plan_again(conn, &object, now).await
        }
    }
}

/// The object's planning step is opened again: its next plan is judged against what is stored then.
async fn plan_again(
    conn: &mut PgConnection,
    object: &ObjectRow,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    step::reopen(conn, (object.object_id, Stage::PlanArchive, object.run)).await?;
    let body = Message::of(object.object_id, object.run);
    let subject = format!("object {}", object.object_id);
    let message = NewMessage::of(Stage::PlanArchive, subject, body, now)?;
    outbox::send(conn, &[message], now).await
}
