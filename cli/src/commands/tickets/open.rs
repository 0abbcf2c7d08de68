//! `landfall tickets open`.

use chrono::TimeDelta;
use clap::Args;
use landfall_domain::Dataset;
use landfall_store::tickets::{self, OpenTicket};

use super::Context;
use crate::{Console, Exit, Failure, shown};

/// List open tickets, those with the least time left first.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  landfall tickets open inc --limit 20")]
pub(crate) struct OpenTickets {
    /// inc or crq.
    dataset: Dataset,
    /// At most this many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..))]
    limit: i64,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl OpenTickets {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let store = context.place()?.store().await?;
        let open = tickets::open_tickets(&store, self.dataset, self.limit, context.now()).await?;
        if self.json {
            console.json(&open)?;
        } else {
            show(console, &open)?;
        }
        Ok(Exit::Ok)
    }
}

fn show(console: &mut Console, open: &[OpenTicket]) -> Result<(), Failure> {
    if open.is_empty() {
        return console.line("no open tickets");
    }
    let mut table =
        console.table(["TICKET", "STATUS", "TARGET", "OPEN FOR", "LEFT", "AREA", "TEAM", "PLACE BY"]);
    let age =
        |minutes: Option<i32>| minutes.map(|m| shown::age(TimeDelta::minutes(m.into()))).unwrap_or_default();
    for ticket in open {
        let left = match ticket.remaining_minutes {
            Some(minutes) if minutes < 0 => format!("-{}", age(minutes.checked_neg())),
            minutes => age(minutes),
        };
        table.add_row(vec![
            ticket.ticket_id.clone(),
            ticket.status.clone().unwrap_or_default(),
            ticket.sla_state.clone(),
            age(ticket.age_minutes),
            left,
            ticket.cluster.clone().unwrap_or_default(),
            ticket.team.clone().unwrap_or_default(),
            ticket.geo_source.clone().unwrap_or_default(),
        ]);
    }
    console.show(&table)
}
