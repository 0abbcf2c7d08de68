//! `landfall dead redrive`: the message again, and its object back to work, in one transaction.

use chrono::{DateTime, Utc};
use clap::Args;
use landfall_domain::{Envelope, ObjectId, ParseMember, PlanArchive, Reason, Run, Stage, State};
use landfall_store::dead_letter::{self, DeadLetter};
use landfall_store::object::{self, Move};
use landfall_store::{PgConnection, Store, StoreError, dump, retrying};
use serde::Serialize;

use super::{Context, unknown};
use crate::{Console, Exit, Failure};

/// Letters that one call with `--all` takes at the most.
const MOST: i64 = 10_000;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  landfall dead redrive 7 8 --dry-run")]
pub(crate) struct Redrive {
    /// The letters.
    #[arg(required_unless_present = "all", value_name = "ID")]
    ids: Vec<i64>,
    /// All that are open.
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    /// Only say what would be sent.
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// What became of one letter.
#[derive(Debug, Serialize)]
struct Redriven {
    id: i64,
    stage: String,
    /// Whether the message was sent; false if it had been sent again before.
    sent: bool,
    object_id: Option<i64>,
    /// Whether the object went back to `dispatched`.
    reopened: bool,
}

impl Redrive {
    pub(super) async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let store = context.place()?.store().await?;
        let ids = if self.all {
            let mut ids: Vec<i64> =
                dead_letter::list(store.pool(), false, MOST).await?.iter().map(|letter| letter.id).collect();
            ids.sort_unstable();
            ids
        } else {
            self.ids.clone()
        };
        let mut all = Vec::with_capacity(ids.len());
        for id in ids {
            let one = retrying("redrive", || redrive(&store, id, self.dry_run, context.now())).await?;
            let one = one.ok_or_else(|| unknown(id))?;
            if !self.json {
                console.line(told(&one, self.dry_run))?;
            }
            all.push(one);
        }
        if self.json {
            console.json(&all)?;
        } else if all.is_empty() {
            console.line("no dead letter is open")?;
        }
        Ok(Exit::Ok)
    }
}

fn told(one: &Redriven, dry_run: bool) -> String {
    let Redriven { id, stage, .. } = one;
    if !one.sent {
        return format!("{id} was sent again before");
    }
    let verb = if dry_run { "would be sent" } else { "is sent" };
    let object = match (one.object_id, one.reopened) {
        (Some(object), true) => format!(", object {object} goes back to dispatched"),
        (Some(object), false) => {
            format!(", object {object} stays as it is: it did not fail, or has gone on since")
        }
        (None, _) => String::new(),
    };
    format!("{id} {verb} to {stage} again{object}")
}

async fn redrive(
    store: &Store,
    id: i64,
    dry_run: bool,
    now: DateTime<Utc>,
) -> Result<Option<Redriven>, StoreError> {
    let mut tx = store.begin().await?;
    let Some(letter) = dead_letter::find(&mut tx, id).await? else { return Ok(None) };
    let sent = dead_letter::redrive(&mut tx, &letter, now).await?;
    let work = if sent { work_of(&mut tx, &letter).await? } else { None };
    let reopened = match work {
        Some(work) => reopen(&mut tx, work, &letter, now).await?,
        None => false,
    };
    // A dry run is the whole transaction, rolled back.
    if !dry_run {
        tx.commit().await?;
    }
    let object_id = work.map(|(object, _)| object.0).or(letter.object_id);
    Ok(Some(Redriven { id, stage: letter.stage, sent, object_id, reopened }))
}

/// The object and run that a message is about.
async fn work_of(
    conn: &mut PgConnection,
    letter: &DeadLetter,
) -> Result<Option<(ObjectId, Run)>, StoreError> {
    match letter.stage.parse::<Stage>() {
        Ok(Stage::PlanArchive) => {
            let message = Envelope::<PlanArchive>::decode(&letter.body).ok();
            Ok(message.map(|message| (message.body.object_id, message.body.run)))
        }
        Ok(Stage::ParseMember) => {
            let Ok(message) = Envelope::<ParseMember>::decode(&letter.body) else { return Ok(None) };
            let load = dump::find_load(conn, message.body.load_id).await?;
            Ok(load.filter(|load| load.plan_id == message.body.plan_id).and_then(|load| load.object))
        }
        Ok(
            Stage::ReceiveObject
            | Stage::SweepState
            | Stage::RecordDeadLetters
            | Stage::DrainChanges
            | Stage::GeocodeTickets,
        )
        | Err(_) => Ok(None),
    }
}

async fn reopen(
    conn: &mut PgConnection,
    (object_id, run): (ObjectId, Run),
    letter: &DeadLetter,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let Some(object) = object::lock(conn, object_id).await? else { return Ok(false) };
    if object.state != State::Failed || object.run != run {
        return Ok(false);
    }
    let reason = Reason::new(letter.stage.clone()).with_text(format!("dead letter {} sent again", letter.id));
    object::transition(conn, &object, &Move { to: State::Dispatched, reason, run }, now).await?;
    Ok(true)
}
