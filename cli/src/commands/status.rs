//! `landfall status`.

use clap::Args;
use landfall_local::listing::{self, Verification};
use landfall_store::object::Accounting;
use landfall_store::{Store, dead_letter, object, outbox};
use serde::Serialize;

use super::Context;
use crate::place::Place;
use crate::{Console, Exit, Failure, shown};

/// Show how many objects are in which state, the backlog and the dead letters.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  landfall status --verify\n\nExit code 1 if --verify finds a difference.")]
pub(crate) struct Status {
    /// List the bucket and compare it with the books, version by version.
    #[arg(long)]
    verify: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// The backlog of one stage.
#[derive(Debug, Serialize)]
struct StageBacklog {
    stage: String,
    messages: i64,
    oldest_age_seconds: i64,
}

/// All that the command shows.
#[derive(Debug, Serialize)]
struct Shown {
    bucket: String,
    total: i64,
    states: Accounting,
    backlog: Vec<StageBacklog>,
    dead_letters_open: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<Verification>,
}

impl Status {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let place = context.place()?;
        let store = place.store().await?;
        let shown = self.gather(context, &place, &store).await?;
        if self.json {
            console.json(&shown)?;
        } else {
            shown.show(console)?;
        }
        let closed = shown.verification.is_none_or(|verification| verification.closed);
        Ok(if closed { Exit::Ok } else { Exit::Unexpected })
    }

    async fn gather(&self, context: &Context, place: &Place, store: &Store) -> Result<Shown, Failure> {
        let verification = if self.verify {
            let objects = place.objects().await?;
            Some(listing::verify(&objects, store, (&place.bucket, "")).await?)
        } else {
            None
        };
        let now = context.now();
        let backlog = outbox::backlog(store.pool()).await?.into_iter().map(|stage| StageBacklog {
            stage: stage.stage,
            messages: stage.messages,
            oldest_age_seconds: stage.oldest.map_or(0, |oldest| (now - oldest).num_seconds()),
        });
        let backlog = backlog.collect();
        let states = object::accounting(store.pool(), Some(&place.bucket)).await?;
        Ok(Shown {
            bucket: place.bucket.clone(),
            total: states.total(),
            states,
            backlog,
            dead_letters_open: dead_letter::count_open(store.pool()).await?,
            verification,
        })
    }
}

impl Shown {
    fn show(&self, console: &mut Console) -> Result<(), Failure> {
        console.line(format_args!("{} objects of bucket {}", self.total, self.bucket))?;
        show_states(console, &self.states)?;
        if self.backlog.is_empty() {
            console.line("\nno message waits")?;
        } else {
            let mut table = console.table(["STAGE", "MESSAGES", "OLDEST"]);
            for stage in &self.backlog {
                let age = shown::age(chrono::TimeDelta::seconds(stage.oldest_age_seconds));
                table.add_row(vec![
                    stage.stage.as_str().into(),
                    shown::number(stage.messages),
                    shown::number(age),
                ]);
            }
            console.heading("Backlog")?;
            console.show(&table)?;
        }
        match self.dead_letters_open {
            0 => console.line("no dead letter is open")?,
            open => console.line(format_args!("{open} dead letters are open: landfall dead list"))?,
        }
        match &self.verification {
            Some(verification) => show_verification(console, verification),
            None => Ok(()),
        }
    }
}

/// States and reasons as a table.
pub(super) fn show_states(console: &mut Console, states: &Accounting) -> Result<(), Failure> {
    let mut table = console.table(["STATE", "REASON", "OBJECTS"]);
    for row in &states.rows {
        table.add_row(vec![shown::state(&row.state), row.reason.as_str().into(), shown::number(row.objects)]);
    }
    console.show(&table)
}

/// The books beside the bucket.
pub(super) fn show_verification(console: &mut Console, found: &Verification) -> Result<(), Failure> {
    console.line(format_args!(
        "\nlanded {} = listed {} + removed {}; in states {}",
        found.landed, found.listed, found.removed, found.in_states
    ))?;
    for (key, version) in &found.unseen {
        console.line(format_args!("unseen   {key} {version}: in the bucket, in no state"))?;
    }
    for (key, version) in &found.unknown {
        console.line(format_args!("unknown  {key} {version}: in a state, not in the bucket"))?;
    }
    console.line(if found.closed { "closed: both name the same versions" } else { "NOT closed" })
}
