//! `landfall explain`.

mod shown;

use clap::Args;
use landfall_domain::{Envelope, ObjectId, ParseMember, PlanArchive, State};
use landfall_store::attempt::{self, AttemptRow};
use landfall_store::dead_letter::{self, DeadLetter};
use landfall_store::dump::sidecar::{self, SidecarRow};
use landfall_store::dump::{self, DumpSummary, WarningRow};
use landfall_store::object::{self, EventRow, ObjectDetail};
use landfall_store::outbox::{self, QueuedMessage};
use landfall_store::{PgPool, StoreError};
use serde::Serialize;

use super::Context;
use crate::{Console, Exit, Failure, outcome, reference};

/// Warnings that are read.
const WARNINGS: i64 = 1_000;

/// Tell all about one object: its life, tries, dumps and warnings, and what can be done.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  landfall explain dumps/acme/core/CHG-1/dump.tgz")]
pub(crate) struct Explain {
    /// Its id, its key, or the start of its key.
    object: String,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// All that is known of an object.
#[derive(Debug, Serialize)]
struct Life {
    object: ObjectDetail,
    events: Vec<EventRow>,
    attempts: Vec<AttemptRow>,
    /// What counted of the metadata beside it, and what came too late.
    sidecars: Vec<SidecarRow>,
    dumps: Vec<DumpSummary>,
    warnings: Vec<WarningRow>,
    /// Messages that are on their way.
    pending: Vec<QueuedMessage>,
    dead_letters: Vec<DeadLetter>,
    advice: String,
}

impl Explain {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let store = context.place()?.store().await?;
        let object = reference::find(store.pool(), &self.object).await?;
        let life = Life::read(store.pool(), object).await?;
        if self.json {
            console.json(&life)?;
        } else {
            life.show(console, context.now())?;
        }
        Ok(Exit::Ok)
    }
}

impl Life {
    async fn read(pool: &PgPool, object: ObjectDetail) -> Result<Self, StoreError> {
        let id = ObjectId(object.object_id);
        let dumps = dump::dumps_of_object(pool, id).await?;
        let loads: Vec<i64> = dumps.iter().map(|dump| dump.load_id).collect();
        let of_load = loads.iter().map(|load| format!("\"load_id\":{load}"));
        let texts: Vec<String> = std::iter::once(format!("\"object_id\":{id}")).chain(of_load).collect();
        let mut pending = outbox::mentioning(pool, &texts).await?;
        pending.retain(|message| is_about(&message.body, id, &loads));
        let mut dead_letters = dead_letter::mentioning(pool, &texts).await?;
        dead_letters.retain(|letter| is_about(&letter.body, id, &loads));
        let advice = match object.state.parse::<State>() {
            Ok(state) => outcome::advice(state, &object.reason, object.object_id),
            Err(error) => error.to_string(),
        };
        let sidecars = sidecar::of_archive(pool, id, (&object.bucket, &object.key)).await?;
        Ok(Self {
            sidecars,
            events: object::events(pool, id).await?,
            attempts: attempt::of_object(pool, id).await?,
            warnings: dump::warnings_of_object(pool, id, WARNINGS).await?,
            object,
            dumps,
            pending,
            dead_letters,
            advice,
        })
    }
}

/// Whether a message is about the object or one of its loads.
fn is_about(body: &str, id: ObjectId, loads: &[i64]) -> bool {
    let plans = Envelope::<PlanArchive>::decode(body).is_ok_and(|message| message.body.object_id == id);
    let parses =
        Envelope::<ParseMember>::decode(body).is_ok_and(|message| loads.contains(&message.body.load_id.0));
    plans || parses
}
