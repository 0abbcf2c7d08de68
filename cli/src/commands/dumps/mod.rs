//! `landfall dumps`.

mod adopt;
mod archive;
mod backfill;
mod batch;
mod cat;
mod dry_run;
mod element;
mod ingest_tickets;
mod ingest_tree;
mod list;
mod outcome;
mod plan;
mod put;
mod reach;
mod show;
mod source;
mod sync_customers;
mod upload_as;
mod warnings;
mod workbook;

use clap::Subcommand;

use super::Context;
use crate::{Console, Exit, Failure};
use adopt::Adopt;
use backfill::BackfillDumps;
use cat::CatMember;
use dry_run::DryRun;
use ingest_tickets::IngestTickets;
use ingest_tree::IngestTree;
use list::ListDumps;
use plan::PlanDump;
use put::PutDump;
use show::ShowDump;
use sync_customers::SyncCustomers;

/// Node dump archives: upload them one by one or by folders, look at what is stored, try one without storing it.
#[derive(Debug, Subcommand)]
pub(crate) enum DumpsCommand {
    /// Read an archive once and show what would be parsed.
    Plan(PlanDump),
    /// Plan and parse a local archive and print its records; nothing is stored.
    DryRun(DryRun),
    /// Print any member of an archive, however deeply it is nested.
    Cat(CatMember),
    /// Upload a dump and follow it to its end.
    Put(PutDump),
    /// Upload every archive below a folder.
    IngestTree(IngestTree),
    /// Upload every archive below a folder whose own folders are tickets.
    IngestTickets(IngestTickets),
    /// List dumps, newest capture first.
    List(ListDumps),
    /// Show a dump: source, links, loads, network elements, plugins, rows and warnings.
    Show(ShowDump),
    /// Bring the stored customers to what an Excel workbook says.
    SyncCustomers(SyncCustomers),
    /// Take over what the system before knew.
    Adopt(Adopt),
    /// Run one plugin over dumps that are stored already.
    Backfill(BackfillDumps),
}

impl DumpsCommand {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        match self {
            Self::Plan(plan) => plan.run(context, console).await,
            Self::DryRun(dry_run) => dry_run.run(context, console).await,
            Self::Cat(cat) => cat.run(context, console).await,
            Self::Put(put) => put.run(context, console).await,
            Self::IngestTree(ingest) => ingest.run(context, console).await,
            Self::IngestTickets(ingest) => ingest.run(context, console).await,
            Self::List(list) => list.run(context, console).await,
            Self::Show(show) => show.run(context, console).await,
            Self::SyncCustomers(sync) => sync.run(context, console).await,
            Self::Adopt(adopt) => adopt.run(context, console).await,
            Self::Backfill(backfill) => backfill.run(context, console).await,
        }
    }
}
