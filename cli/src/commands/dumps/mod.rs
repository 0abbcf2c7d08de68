//! `landfall dumps`.

mod adopt;
mod archive;
mod backfill;
mod cat;
mod dry_run;
mod element;
mod plan;
mod reach;
mod source;
mod sync_customers;
mod upload_as;
mod workbook;

use clap::Subcommand;

use super::Context;
use crate::{Console, Exit, Failure};
use adopt::Adopt;
use backfill::BackfillDumps;
use cat::CatMember;
use dry_run::DryRun;
use plan::PlanDump;
use sync_customers::SyncCustomers;

/// Node dump archives: plan one, or parse one without storing anything.
#[derive(Debug, Subcommand)]
pub(crate) enum DumpsCommand {
    /// Read an archive once and show what would be parsed.
    Plan(PlanDump),
    /// Plan and parse a local archive and print its records; nothing is stored.
    DryRun(DryRun),
    /// Print any member of an archive, however deeply it is nested.
    Cat(CatMember),
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
            Self::SyncCustomers(sync) => sync.run(context, console).await,
            Self::Adopt(adopt) => adopt.run(context, console).await,
            Self::Backfill(backfill) => backfill.run(context, console).await,
        }
    }
}
