//! What the drain of the sample change files did, and how the tickets stand.

use drain_changes::{DrainReport, DrainStatus};
use landfall_local::platform::Platform;
use landfall_store::tickets::{self, StatusCount};
use serde::Serialize;

use crate::commands::tickets::files_table;
use crate::{Console, Failure, shown};

/// Of the tickets.
#[derive(Debug, Serialize)]
pub(super) struct Drained {
    /// What each drain did.
    drains: Vec<DrainReport>,
    /// Tickets by status; the open ones by their target.
    by_status: Vec<StatusCount>,
}

impl Drained {
    /// Asks the platform how the tickets stand now.
    pub async fn gather(platform: &Platform, drains: Vec<DrainReport>) -> Result<Self, Failure> {
        let clients = platform.clients();
        let by_status = tickets::status_counts(&clients.store, clients.clock.now()).await?;
        Ok(Self { drains, by_status })
    }

    /// Whether all drains did all that they had to.
    pub fn is_good(&self) -> bool {
        self.drains.iter().all(|drain| drain.status == DrainStatus::Success)
    }

    /// Key and version of the files that they moved.
    pub fn moved(&self) -> impl Iterator<Item = (String, String)> {
        let files = self.drains.iter().flat_map(|drain| &drain.files).filter(|file| file.moved);
        files.map(|file| (file.key.clone(), file.version.clone()))
    }

    pub fn show(&self, console: &mut Console) -> Result<(), Failure> {
        console.heading("Change files of tickets")?;
        for drain in self.drains.iter().filter(|drain| !drain.files.is_empty()) {
            console.line(format_args!("{}: {}", drain.dataset, drain.status.as_str()))?;
            let table = files_table(console, drain);
            console.show(&table)?;
        }
        if self.drains.iter().all(|drain| drain.files.is_empty()) {
            console.line("nothing was new")?;
        }
        self.show_tickets(console)
    }

    fn show_tickets(&self, console: &mut Console) -> Result<(), Failure> {
        let header =
            ["DATASET", "STATUS", "TICKETS", "WITHIN", "AT RISK", "BREACHED", "UNKNOWN", "ON THE MAP"];
        let mut table = console.table(header);
        for count in &self.by_status {
            let numbers =
                [count.tickets, count.within, count.at_risk, count.breached, count.unknown, count.mapped];
            let names = [count.dataset.as_str().into(), count.status.as_str().into()];
            table.add_row(names.into_iter().chain(numbers.map(shown::number)));
        }
        console.heading("Tickets by status, the open ones by their target")?;
        console.show(&table)
    }
}
