//! `landfall tickets map`.

use clap::{Args, ValueEnum};
use landfall_domain::Dataset;
use landfall_store::tickets::{self, MapFilter};

use super::Context;
use crate::{Console, Exit, Failure};

/// Print tickets as GeoJSON, with a summary of those that have no place.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  landfall tickets map --geojson --dataset inc > incidents.geojson")]
pub(crate) struct MapTickets {
    /// Print the features alone: a file that any map reads.
    #[arg(long)]
    geojson: bool,
    /// Only inc or only crq.
    #[arg(long)]
    dataset: Option<Dataset>,
    /// Which tickets.
    #[arg(long, value_enum, default_value_t = Which::Open)]
    status: Which,
    /// Only those of this area.
    #[arg(long)]
    cluster: Option<String>,
    /// At most this many.
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(i32).range(1..))]
    limit: i32,
    /// Print one JSON document: features and summary. It is the same without this.
    #[arg(long)]
    json: bool,
}

/// Tickets by whether they are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// Open ones.
    Open,
    /// Closed ones.
    Closed,
    /// All.
    All,
}

impl MapTickets {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let store = context.place()?.store().await?;
        let status = match self.status {
            Which::Open => "open",
            Which::Closed => "closed",
            Which::All => "all",
        };
        let cluster = self.cluster.and_then(|name| landfall_tickets::place::cluster_key(&name));
        let filter =
            MapFilter { dataset: self.dataset, status: status.to_owned(), cluster, limit: self.limit };
        let mut map = tickets::map(&store, &filter, context.now()).await?;
        if self.geojson
            && let Some(document) = map.as_object_mut()
        {
            document.remove("summary");
        }
        console.json(&map)?;
        Ok(Exit::Ok)
    }
}
