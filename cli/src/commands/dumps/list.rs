//! `landfall dumps list`.

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use landfall_dumps::metadata::{CustomerName, HcId, NetworkKey, Ticket};
use landfall_store::dump::{self, DumpFilter, DumpRow};

use super::Context;
use super::archive;
use crate::{Console, Exit, Failure, shown};

/// List dumps, newest capture first.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  landfall dumps list --customer acme --status partial\n  \
    landfall dumps list --from 2025-01-18T00:00:00Z --to 2025-01-19T00:00:00Z --json")]
pub(crate) struct ListDumps {
    /// Only those of this customer: key, name or alias.
    #[arg(long)]
    customer: Option<CustomerName>,
    /// Only those of this network.
    #[arg(long)]
    network: Option<NetworkKey>,
    /// Only those linked to this ticket.
    #[arg(long)]
    ticket: Option<Ticket>,
    /// Only those linked to this health check.
    #[arg(long)]
    hc_id: Option<HcId>,
    /// Only those captured at this time or later.
    #[arg(long, value_name = "TIME", value_parser = archive::capture_time)]
    from: Option<DateTime<Utc>>,
    /// Only those captured before this time.
    #[arg(long, value_name = "TIME", value_parser = archive::capture_time)]
    to: Option<DateTime<Utc>>,
    /// Only those in this status.
    #[arg(long, value_enum, ignore_case = true)]
    status: Option<Status>,
    /// Only those of this origin.
    #[arg(long)]
    origin: Option<String>,
    /// Go on after this dump, the last one of a list before.
    #[arg(long, value_name = "DUMP")]
    after: Option<i64>,
    /// At most this many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..))]
    limit: i64,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// The status of a dump.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Status {
    /// Its first load is at work.
    Running,
    /// All of it was read.
    Complete,
    /// Some of it was read.
    Partial,
    /// Nothing of it was read.
    Failed,
}

impl Status {
    /// As stored.
    fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Complete => "COMPLETE",
            Self::Partial => "PARTIAL",
            Self::Failed => "FAILED",
        }
    }
}

impl ListDumps {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let store = context.place()?.store().await?;
        let (limit, as_json) = (self.limit, self.json);
        let found = dump::list_dumps(store.pool(), &self.filter(), limit).await?;
        if as_json {
            console.json(&found)?;
            return Ok(Exit::Ok);
        }
        show(console, &found)?;
        if let Some(last) = found.last()
            && i64::try_from(found.len()).is_ok_and(|n| n == limit)
        {
            console.say(format_args!("the first {limit} are shown: --after {} goes on", last.dump_id));
        }
        Ok(Exit::Ok)
    }

    fn filter(self) -> DumpFilter {
        DumpFilter {
            customer: self.customer.map(|name| (name.key().to_string(), name.alias())),
            network: self.network.map(|network| network.to_string()),
            ticket: self.ticket.map(|ticket| ticket.to_string()),
            hc_id: self.hc_id.map(|hc_id| hc_id.to_string()),
            origin: self.origin.map(|origin| origin.trim().to_lowercase()),
            status: self.status.map(|status| status.as_str().to_owned()),
            from: self.from,
            to: self.to,
            after: self.after,
        }
    }
}

fn show(console: &mut Console, dumps: &[DumpRow]) -> Result<(), Failure> {
    if dumps.is_empty() {
        return console.line("no dumps");
    }
    let mut table = console.table([
        "DUMP", "STATUS", "CUSTOMER", "NETWORK", "CAPTURED", "ORIGIN", "TICKETS", "NES", "RECORDS",
        "WARNINGS",
    ]);
    for dump in dumps {
        let status = if dump.adopted { format!("{} (adopted)", dump.status) } else { dump.status.clone() };
        table.add_row(vec![
            shown::number(dump.dump_id),
            status.into(),
            dump.customer.as_str().into(),
            dump.network.as_str().into(),
            shown::time(dump.capture_ts).into(),
            dump.origin.as_str().into(),
            dump.links.join(", ").into(),
            shown::number(dump.nes),
            shown::number(dump.records),
            shown::number(dump.warnings),
        ]);
    }
    console.show(&table)
}
