//! `landfall replay`.

use chrono::{DateTime, Utc};
use clap::Args;
use landfall_domain::{ObjectId, PlanArchive, Reason, Route, Run, Stage, State, check_transition, route};
use landfall_store::object::{self, Move, ObjectDetail, ObjectRow};
use landfall_store::{NewMessage, Store, StoreError, outbox, retrying, tickets};
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
        let goes = Goes::of(&object)?;
        goes.check(&object)?;
        let run = if self.dry_run {
            object.run.saturating_add(1)
        } else {
            replay(&store, ObjectId(object.object_id), goes, context.now()).await?.0
        };
        let stage = goes.stage();
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

/// Where a replayed object goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goes {
    /// To a stage, at once.
    To(Stage),
    /// To the next drain: a change file that failed is read again in its turn.
    ToItsTurn,
}

impl Goes {
    /// Keys that no feed takes go nowhere.
    fn of(object: &ObjectDetail) -> Result<Self, Failure> {
        match route(&object.key) {
            Route::Stage { stage, .. } => Ok(Self::To(stage)),
            Route::Wait { .. } => Ok(Self::ToItsTurn),
            Route::Ignore { reason, .. } => {
                let text = format!(
                    "object {} ({}) is worked on by no stage: {reason}",
                    object.object_id, object.key
                );
                Err(Failure::new(Exit::Rejected, text))
            }
        }
    }

    fn state(self) -> State {
        match self {
            Self::To(_) => State::Dispatched,
            Self::ToItsTurn => State::Waiting,
        }
    }

    fn stage(self) -> Stage {
        match self {
            Self::To(stage) => stage,
            Self::ToItsTurn => Stage::DrainChanges,
        }
    }

    fn check(self, object: &ObjectDetail) -> Result<(), Failure> {
        let state: State =
            object.state.parse().map_err(|error| Failure::of(Exit::Unexpected, Box::new(error)))?;
        if state.is_final() && check_transition(Some(state), self.state()).is_ok() {
            return Ok(());
        }
        let id = object.object_id;
        if self == Self::ToItsTurn && state.is_final() {
            let text =
                format!("object {id} is {state}: of change files only those that failed are read again");
            return Err(Failure::new(Exit::Rejected, text).advise(
                "`landfall tickets drain --apply-late KEY` applies one that came late or was uploaded again",
            ));
        }
        let text = format!("object {id} is {state}: it is still being worked on");
        Err(Failure::new(Exit::Rejected, text).advise("`landfall explain` shows what it waits for"))
    }
}

/// New run, new state and the message in one transaction.
async fn replay(store: &Store, id: ObjectId, goes: Goes, now: DateTime<Utc>) -> Result<Run, Failure> {
    let run = retrying("replay", || async {
        let mut tx = store.begin().await?;
        let Some(object) = object::lock(&mut tx, id).await? else {
            return Err(StoreError::Unreadable { what: format!("object {id} is gone from the books") });
        };
        if !object.state.is_final() {
            // Somebody else was faster: the table of transitions says no in its own words.
            let source = landfall_domain::TransitionError { from: Some(object.state), to: goes.state() };
            return Err(StoreError::Transition { object_id: id.0, source });
        }
        let run = Run(object.run.0.saturating_add(1));
        let code = if goes == Goes::ToItsTurn { "turn" } else { goes.stage().as_str() };
        let reason = Reason::new(code).with_text("replayed by an operator");
        object::transition(&mut tx, &object, &Move { to: goes.state(), reason, run }, now).await?;
        match goes {
            Goes::To(stage) => outbox::send(&mut tx, &[message(&object, run, stage, now)?], now).await?,
            Goes::ToItsTurn => tickets::forget_failure(&mut tx, id).await?,
        }
        tx.commit().await?;
        Ok(run)
    });
    Ok(run.await?)
}

fn message(object: &ObjectRow, run: Run, stage: Stage, now: DateTime<Utc>) -> Result<NewMessage, StoreError> {
    let body = PlanArchive::of(object.object_id, run);
    NewMessage::of(stage, object.key.as_str(), body, now)
}
