//! `landfall tickets geocode` (specs: tickets 8).

use std::sync::Arc;

use clap::Args;
use geocode_tickets::{GeocodeTickets, PassReport, Passes, Report, Settings, Status};

use super::Context;
use crate::{Console, Exit, Failure, shown};

/// Ask the geocoder where tickets are, within its budget, and bring tickets to what is known then.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  landfall tickets geocode\n  landfall tickets geocode --clusters\n\n\
LANDFALL_GEOCODER_KEY is the key of the account. Exit codes: 0 done; 2 there is no key; 6 the geocoder fails.")]
pub(crate) struct GeocodePlaces {
    /// Only areas.
    #[arg(long)]
    clusters: bool,
    /// Only places within areas.
    #[arg(long)]
    locations: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl GeocodePlaces {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let store = context.place()?.store().await?;
        let settings = Settings::from_env(&context.env)?;
        let geocoder = GeocodeTickets::new(store, Arc::new(context.clock), settings).map_err(|error| {
            Failure::of(Exit::Arguments, error).while_doing("the geocoder cannot be used")
        })?;
        let both = self.clusters == self.locations;
        let passes = Passes { clusters: both || self.clusters, locations: both || self.locations };
        let report = geocoder.run(passes, context.now()).await?;
        if self.json {
            console.json(&report)?;
        } else {
            show(console, &report)?;
        }
        Ok(match report.status {
            Status::NotConfigured => Exit::Arguments,
            _ if report.is_degraded() => Exit::Partial,
            _ => Exit::Ok,
        })
    }
}

fn show(console: &mut Console, report: &Report) -> Result<(), Failure> {
    match report.status {
        Status::NotConfigured => {
            console.line("there is no key: set LANDFALL_GEOCODER_KEY; nothing was asked")?;
        }
        Status::SkippedLocked => console.line("another run is at it: nothing was asked")?,
        Status::Done => {
            let mut table =
                console.table(["PASS", "REQUESTS", "FOUND", "UNKNOWN", "TOO FAR", "ERRORS", "NO ANCHOR"]);
            for (name, pass) in [("areas", &report.clusters), ("places", &report.locations)] {
                table.add_row(row(name, pass));
            }
            console.show(&table)?;
        }
    }
    if let Some(reason) = report.stopped {
        console.line(format_args!("it stopped before its end: {reason:?}"))?;
    }
    console.line(format_args!("{} tickets have another place now", report.resolved))
}

fn row(name: &str, pass: &PassReport) -> Vec<comfy_table::Cell> {
    vec![
        name.into(),
        shown::number(pass.requests),
        shown::number(pass.ok),
        shown::number(pass.not_found),
        shown::number(pass.rejected_far),
        shown::number(pass.errors),
        shown::number(pass.no_anchor),
    ]
}
