//! `landfall tickets`.

mod capture_history;
mod drain;
mod geocode;
mod map;
mod open;
mod status;

use clap::Subcommand;

use super::Context;
use crate::{Console, Exit, Failure};
use capture_history::CaptureTickets;
use drain::DrainTickets;
pub(crate) use drain::files_table;
use geocode::GeocodePlaces;
use map::MapTickets;
use open::OpenTickets;
use status::TicketsStatus;

/// Tickets: drain their change files, find their places, look at what is open.
#[derive(Debug, Subcommand)]
pub(crate) enum TicketsCommand {
    /// Apply the change files that have come, oldest first; without --apply only count.
    Drain(DrainTickets),
    /// Ask the geocoder where tickets are.
    Geocode(GeocodePlaces),
    /// Capture closures and the snapshot of the day.
    CaptureHistory(CaptureTickets),
    /// Show how far each dataset is, how fresh, and what waits for somebody.
    Status(TicketsStatus),
    /// List open tickets, those with the least time left first.
    Open(OpenTickets),
    /// Print tickets as GeoJSON.
    Map(MapTickets),
}

impl TicketsCommand {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        match self {
            Self::Drain(drain) => drain.run(context, console).await,
            Self::Geocode(geocode) => geocode.run(context, console).await,
            Self::CaptureHistory(capture) => capture.run(context, console).await,
            Self::Status(status) => status.run(context, console).await,
            Self::Open(open) => open.run(context, console).await,
            Self::Map(map) => map.run(context, console).await,
        }
    }
}
