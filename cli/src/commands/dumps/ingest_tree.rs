//! `landfall dumps ingest-tree`.

use std::path::PathBuf;

use clap::Args;
use landfall_dumps::metadata::Field;

use super::Context;
use super::batch::{BatchArgs, walk};
use crate::{Console, Exit, Failure};

/// Upload every archive below a folder and follow each to its end.
///
/// Taken are files that end in .tgz or .tar.gz, in any case and at any depth, in byte order of their paths; hidden
/// folders and symlinks are passed over. A bad archive does not stop the others. The keys are
/// dumps/CUSTOMER/NETWORK/TICKET/ and the path below the folder.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    landfall dumps ingest-tree /srv/dumps --customer acme --network core --ticket CHG-1 --dry-run\n\n\
The exit code is the worst one of all archives: 0, 6 in part, 3 rejected, 4 bad archive, 2 bad name or metadata,\n\
5 database or storage, 1 unexpected.")]
pub(crate) struct IngestTree {
    /// The folder.
    dir: PathBuf,
    /// The ticket that all of them were taken for.
    #[arg(long)]
    ticket: Option<String>,
    #[command(flatten)]
    batch: BatchArgs,
}

impl IngestTree {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let found = walk(&self.dir)?;
        let ticket = self.ticket.as_deref();
        let answers = self.batch.answers(ticket, &Field::NEEDED, (context, console)).await?;
        let items = found.items(&self.dir, &answers);
        self.batch.ship(items, (context, console)).await
    }
}
