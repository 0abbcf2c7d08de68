//! `landfall tickets capture-history`.

use clap::Args;
use landfall_domain::Dataset;
use landfall_store::{StoreError, tickets};

use super::Context;
use crate::{Console, Exit, Failure};

/// Capture closures and the snapshot of the day, as after each drain. A second time on the same day brings it up to date.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  landfall tickets capture-history inc")]
pub(crate) struct CaptureTickets {
    /// inc or crq.
    dataset: Dataset,
    /// Only say what would be captured.
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl CaptureTickets {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let store = context.place()?.store().await?;
        let mut tx = store.begin().await?;
        let captured = tickets::capture_history(&mut tx, self.dataset, context.now()).await?;
        if !self.dry_run {
            tx.commit().await.map_err(StoreError::from)?;
        }
        if self.json {
            console.json(&captured)?;
            return Ok(Exit::Ok);
        }
        let number = |name: &str| captured.get(name).map(ToString::to_string).unwrap_or_default();
        let end = if self.dry_run { " (dry run: nothing is written)" } else { "" };
        console.line(format_args!(
            "{}: {} new closures, {} open tickets{end}",
            self.dataset,
            number("new_closures"),
            number("open_total")
        ))?;
        Ok(Exit::Ok)
    }
}
