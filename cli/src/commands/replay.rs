//! `landfall replay`.

use chrono::{DateTime, Utc};
use clap::Args;
use landfall_domain::{ObjectId, PlanArchive, Reason, Route, Run, Stage, State, check_transition, route};
use landfall_store::object::{self, Move, ObjectDetail, ObjectRow};
use landfall_store::{NewMessage, Store, StoreError, outbox, retrying};
use serde_json::json;

use super::Context;
use crate::{Console, Exit, Failure, reference};

/// Work on an object once more, from the start, as a new run.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  landfall replay dumps/acme/core/CHG-1/dump.tgz --dry-run")]
pub(crate) struct Replay {
    /// Its id, its key, or the start of its key.
    object: String,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Replay {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let store = context.place()?.store().await?;
        let object = reference::find(store.pool(), &self.object).await?;
        let stage = stage_of(&object)?;
        check(&object)?;
        let run = if self.dry_run {
            object.run.saturating_add(1)
        } else {
            replay(&store, ObjectId(object.object_id), stage, context.now()).await?.0
        };
        if self.json {
            let ObjectDetail { object_id, key, .. } = &object;
            console.json(&json!({ "object_id": object_id, "key": key, "run": run, "stage": stage, "done": !self.dry_run }))?;
            return Ok(Exit::Ok);
        }
        let verb = if self.dry_run { "would go" } else { "goes" };
        let (id, key, state) = (object.object_id, &object.key, &object.state);
        console.line(format_args!("object {id} ({key}) {verb} from {state} to {stage} as run {run}"))?;
        Ok(Exit::Ok)
    }
}

/// Where the object goes; keys that no feed takes go nowhere.
fn stage_of(object: &ObjectDetail) -> Result<Stage, Failure> {
    match route(&object.key) {
        Route::Stage { stage, .. } => Ok(stage),
        Route::Ignore { reason, .. } => {
            let text =
                format!("object {} ({}) is worked on by no stage: {reason}", object.object_id, object.key);
            Err(Failure::new(Exit::Rejected, text))
        }
    }
}

fn check(object: &ObjectDetail) -> Result<(), Failure> {
    let state: State =
        object.state.parse().map_err(|error| Failure::of(Exit::Unexpected, Box::new(error)))?;
    if state.is_final() && check_transition(Some(state), State::Dispatched).is_ok() {
        return Ok(());
    }
    let text = format!("object {} is {state}: it is still being worked on", object.object_id);
    Err(Failure::new(Exit::Rejected, text).advise("`landfall explain` shows what it waits for"))
}

/// New run, new state and the message in one transaction.
async fn replay(store: &Store, id: ObjectId, stage: Stage, now: DateTime<Utc>) -> Result<Run, Failure> {
    let run = retrying("replay", || async {
        let mut tx = store.begin().await?;
        let Some(object) = object::lock(&mut tx, id).await? else {
            return Err(StoreError::Unreadable { what: format!("object {id} is gone from the books") });
        };
        if !object.state.is_final() {
            // Somebody else was faster: the table of transitions says no in its own words.
            let source = landfall_domain::TransitionError { from: Some(object.state), to: State::Dispatched };
            return Err(StoreError::Transition { object_id: id.0, source });
        }
        let run = Run(object.run.0.saturating_add(1));
        let reason = Reason::new(stage.as_str()).with_text("replayed by an operator");
        object::transition(&mut tx, &object, &Move { to: State::Dispatched, reason, run }, now).await?;
        outbox::send(&mut tx, &[message(&object, run, stage, now)?], now).await?;
        tx.commit().await?;
        Ok(run)
    });
    Ok(run.await?)
}

fn message(object: &ObjectRow, run: Run, stage: Stage, now: DateTime<Utc>) -> Result<NewMessage, StoreError> {
    let body = PlanArchive::of(object.object_id, run);
    NewMessage::of(stage, object.key.as_str(), body, now)
}
