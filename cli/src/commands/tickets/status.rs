//! `landfall tickets status`.

use clap::Args;
use landfall_store::tickets::{self, DatasetStatus, SlaCount};
use serde_json::json;

use super::Context;
use crate::{Console, Exit, Failure, shown};

/// Show how far each dataset is, how fresh, and what waits for somebody.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  landfall tickets status --json")]
pub(crate) struct TicketsStatus {
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl TicketsStatus {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let store = context.place()?.store().await?;
        let now = context.now();
        let datasets = tickets::status(store.pool(), now).await?;
        let sla = tickets::sla_counts(&store, now).await?;
        let used = tickets::budget_used(store.pool(), now).await?;
        if self.json {
            console.json(&json!({ "datasets": datasets, "open": sla, "geocoder_requests_today": used }))?;
            return Ok(Exit::Ok);
        }
        show_datasets(console, &datasets)?;
        show_open(console, &sla)?;
        console.line(format_args!("{used} requests to the geocoder today (UTC)"))?;
        for caveat in CAVEATS {
            console.say(caveat);
        }
        Ok(Exit::Ok)
    }
}

/// What the figures are not (specs: tickets 10).
const CAVEATS: [&str; 3] = [
    "the target of an open ticket is counted here, never taken from the source",
    "the content of the feed is about two days behind, and about 30 % lack their time of creation",
    "a ticket that became an alarm is not followed any more, and may stay open",
];

fn show_datasets(console: &mut Console, datasets: &[DatasetStatus]) -> Result<(), Failure> {
    let mut table = console.table([
        "DATASET",
        "APPLIED UP TO",
        "LAST RUN",
        "ENDED",
        "LAG",
        "FILES",
        "FAILED",
        "LATE",
        "AGAIN",
        "REJECTED",
    ]);
    for one in datasets {
        let key = one.source_max_key.as_deref().and_then(|key| key.rsplit('/').next());
        let lag = one.lag_minutes.map(|minutes| shown::age(chrono::TimeDelta::minutes(minutes.into())));
        let rejected = one.reject_rate().map(|share| format!("{:.1} %", share * 100.0));
        table.add_row(vec![
            one.dataset.as_str().into(),
            key.unwrap_or("-").into(),
            one.last_run_at.map(shown::time).unwrap_or_default().into(),
            one.last_status.as_deref().unwrap_or("-").into(),
            lag.unwrap_or_default().into(),
            shown::number(one.applied),
            shown::number(one.failed),
            shown::number(one.late),
            shown::number(one.reuploaded),
            rejected.unwrap_or_default().into(),
        ]);
    }
    console.show(&table)
}

fn show_open(console: &mut Console, counts: &[SlaCount]) -> Result<(), Failure> {
    if counts.is_empty() {
        return console.line("no open tickets");
    }
    let mut table = console.table(["OPEN", "TARGET", "TICKETS"]);
    for count in counts {
        let state = count.sla_state.as_str();
        table.add_row(vec![count.dataset.as_str().into(), state.into(), shown::number(count.tickets)]);
    }
    console.show(&table)
}
