//! `landfall doctor`.

mod database;
mod queues;
mod report;
mod store;

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use landfall_domain::Level;
use landfall_objects::probe::Told;
use landfall_runtime::{QueueKind, QueueUrls};

use super::Context;
use crate::place::Place;
use crate::{Console, Exit, Failure};
use report::Report;
pub(super) use store::look;

/// What one part may take before the rest of it is given up; the clean-up of the store has as much again.
const PATIENCE: Duration = Duration::from_secs(20);

/// Check that the object store, the queues and the database are as Landfall needs them.
///
/// Database, queues and store are looked at side by side; what cannot be reached costs only its own findings.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct Doctor {
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// The end of `landfall doctor --help`.
const AFTER: &str = "\
The store is tried out with objects below doctor/ in the work bucket. They are removed again, also after a failure;
nothing else is written anywhere. What cannot be reached costs only its own findings.

Examples:
  landfall doctor
  LANDFALL_QUEUE=sqs LANDFALL_QUEUE_URL_PLAN_ARCHIVE=https://.. landfall doctor
  landfall doctor --json | jq '.findings[] | select(.level == \"problem\")'

Exit codes:
  0  no problem, perhaps warnings
  1  at least one problem
  2  bad arguments or configuration";

impl Doctor {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let surroundings = Surroundings::find(context)?;
        let spinner = console.spinner();
        spinner.set_message("looking at store, queues and database");
        let (store, queues, database) = tokio::join!(
            // Boxed: the requests of the SDK are large.
            Box::pin(store::findings(&surroundings)),
            Box::pin(queues::findings(&surroundings)),
            Box::pin(database::findings(&surroundings)),
        );
        spinner.finish_and_clear();
        let report = Report::of([store, queues, database].concat());
        if self.json {
            console.json(&report)?;
        } else {
            report.show(console)?;
        }
        Ok(if report.worst() == Level::Problem { Exit::Unexpected } else { Exit::Ok })
    }
}

/// What is looked at.
struct Surroundings<'a> {
    context: &'a Context,
    place: Place,
    queue: QueueKind,
    /// The connections that one process keeps.
    pool: u32,
}

impl<'a> Surroundings<'a> {
    fn find(context: &'a Context) -> Result<Self, Failure> {
        let place = context.place()?;
        // A platform works from its own outbox, whatever the environment says.
        let queue = match place.platform() {
            Some(_) => QueueKind::Postgres,
            None => QueueKind::from_env(&context.env)?,
        };
        let pool = match queue {
            QueueKind::Postgres => landfall_local::platform::CONNECTIONS,
            QueueKind::Sqs => context.env.parsed("LANDFALL_DB_CONNECTIONS", 2)?,
        };
        Ok(Self { context, place, queue, pool })
    }

    fn clock(&self) -> Arc<dyn landfall_domain::Clock> {
        Arc::new(self.context.clock)
    }

    /// How the platform learns of what lands.
    fn told(&self) -> Told {
        match (self.place.platform(), self.queue) {
            (Some(platform), _) if platform.embedded_store => Told::ByItsOwnStore,
            (Some(_), _) | (None, QueueKind::Postgres) => Told::ByListing,
            (None, QueueKind::Sqs) => {
                let urls = QueueUrls::from_env(&self.context.env).unwrap_or_default();
                let url = urls.get(landfall_domain::Stage::ReceiveObject);
                Told::ByNotifications { queue: url.and_then(|url| url.rsplit('/').next()).map(str::to_owned) }
            }
        }
    }
}
