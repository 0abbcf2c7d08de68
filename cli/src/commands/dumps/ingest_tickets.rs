//! `landfall dumps ingest-tickets`.

use std::path::PathBuf;

use clap::Args;
use landfall_dumps::metadata::Field;

use super::Context;
use super::batch::{BatchArgs, walk_tickets};
use crate::{Console, Exit, Failure};

/// Upload every archive below a folder whose own folders are tickets.
///
/// The first folder below DIR is the ticket; otherwise as `landfall dumps ingest-tree`. A folder whose name is no
/// ticket is reported and left out, and so is an archive outside the ticket folders; both count as exit code 2.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  landfall dumps ingest-tickets /srv/tickets --customer acme --network core --dry-run"
)]
pub(crate) struct IngestTickets {
    /// The folder.
    dir: PathBuf,
    #[command(flatten)]
    batch: BatchArgs,
}

impl IngestTickets {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let needed = [Field::Customer, Field::Network];
        let answers = self.batch.answers(None, &needed, (context, console)).await?;
        let items = walk_tickets(&self.dir, &answers)?;
        self.batch.ship(items, (context, console)).await
    }
}
