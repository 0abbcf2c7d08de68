//! `landfall dumps show`.

use clap::Args;
use landfall_store::dump::{self, DumpDetail, DumpNe, LoadSummary};

use super::Context;
use super::warnings;
use crate::ledger::{self, LedgerRow};
use crate::{Console, Exit, Failure, shown};

/// Ledger rows that are shown; `--json` has all.
const SHOWN: usize = 200;

/// Show a dump: source, links, loads, network elements, plugins, rows and warnings.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  landfall dumps show 7\n\n`landfall dumps list` tells which dumps there are."
)]
pub(crate) struct ShowDump {
    /// The dump's number.
    dump: i64,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl ShowDump {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let store = context.place()?.store().await?;
        let found = dump::dump_detail(store.pool(), self.dump).await?.ok_or_else(|| {
            Failure::new(Exit::Arguments, format!("there is no dump {}", self.dump))
                .advise("`landfall dumps list` lists what is there")
        })?;
        if self.json {
            console.json(&found)?;
        } else {
            show(console, &found)?;
        }
        Ok(Exit::Ok)
    }
}

fn show(console: &mut Console, dump: &DumpDetail) -> Result<(), Failure> {
    show_head(console, dump)?;
    show_links(console, dump)?;
    show_loads(console, &dump.loads)?;
    show_nes(console, &dump.nes)?;
    show_plugins(console, &dump.nes)?;
    if !dump.rows.is_empty() {
        console.heading("Rows")?;
        let mut table = console.table(["TABLE", "ROWS"]);
        for (name, count) in &dump.rows {
            table.add_row(vec![name.as_str().into(), shown::number(*count)]);
        }
        console.show(&table)?;
    }
    if !dump.warnings.is_empty() {
        console.heading("Warnings")?;
        warnings::show(console, &dump.warnings)?;
    }
    Ok(())
}

fn show_head(console: &mut Console, dump: &DumpDetail) -> Result<(), Failure> {
    let head = &dump.head;
    let country = head.country.as_deref().map(|country| format!(" ({country})")).unwrap_or_default();
    let (captured, created) = (shown::time(head.capture_ts), shown::time(head.created_at));
    console.line(format_args!("dump {} of {}/{}{country}", head.dump_id, head.customer, head.network))?;
    console.line(format_args!("  status    {}", head.status))?;
    let precision = &head.capture_precision;
    console
        .line(format_args!("  captured  {captured}, to the {precision}, from {}", head.capture_ts_source))?;
    console.line(format_args!("  origin    {}, snapshot {} of its day", head.origin, head.snapshot_seq))?;
    console.line(format_args!("  sha256    {}", head.sha256))?;
    console.line(format_args!("  made      {created}, row version {}", head.row_version))?;
    let counts = dump.loads.iter().find(|load| Some(load.load_id) == dump.shown_load);
    let Some(load) = counts else { return Ok(()) };
    let size = shown::stored_bytes(load.source_size);
    console.line(format_args!("  source    {}/{} ({size})", load.source_bucket, load.source_key))?;
    console.line(format_args!("  version   {}", load.source_version))
}

fn show_links(console: &mut Console, dump: &DumpDetail) -> Result<(), Failure> {
    console.heading("Links")?;
    let mut table = console.table(["TICKET", "HEALTH CHECK", "OBJECT", "SINCE"]);
    for link in &dump.links {
        table.add_row(vec![
            link.ticket.as_str().into(),
            link.hc_id.as_str().into(),
            shown::number(link.object_id.map(|id| id.to_string()).unwrap_or_default()),
            shown::time(link.created_at).into(),
        ]);
    }
    console.show(&table)
}

fn show_loads(console: &mut Console, loads: &[LoadSummary]) -> Result<(), Failure> {
    console.heading("Loads")?;
    let mut table =
        console.table(["LOAD", "STATUS", "SEEN", "OBJECT", "RUN", "OPEN", "MADE", "ENDED", "NOTE"]);
    for load in loads {
        let adopted = load.adopted.then(|| "adopted: it has no records".to_owned());
        let replaces = load.replaces.map(|load| format!("replaces load {load}"));
        let note: Vec<String> = adopted.into_iter().chain(replaces).collect();
        table.add_row(vec![
            shown::number(load.load_id),
            load.status.as_str().into(),
            if load.visible { "visible" } else { "" }.into(),
            shown::number(load.object_id.map(|id| id.to_string()).unwrap_or_default()),
            shown::number(load.run),
            shown::number(load.open_units),
            shown::time(load.created_at).into(),
            load.ended_at.map(shown::time).unwrap_or_default().into(),
            note.join(", ").into(),
        ]);
    }
    console.show(&table)
}

fn show_nes(console: &mut Console, nes: &[DumpNe]) -> Result<(), Failure> {
    if nes.is_empty() {
        return Ok(());
    }
    console.heading("Network elements")?;
    let mut table = console.table(["NE", "KEY", "TYPE", "VERSION", "ROUTER ID", "MGMT IP"]);
    for ne in nes {
        let cell = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        table.add_row(vec![
            ne.ne.clone(),
            cell(&ne.ne_key),
            cell(&ne.ne_type),
            cell(&ne.version),
            cell(&ne.router_id),
            cell(&ne.mgmt_ip),
        ]);
    }
    console.show(&table)
}

/// The ledger without what was not there to be read.
fn show_plugins(console: &mut Console, nes: &[DumpNe]) -> Result<(), Failure> {
    let all: Vec<LedgerRow> = nes.iter().flat_map(|ne| LedgerRow::read_of(&ne.ne, &ne.plugins)).collect();
    let there: Vec<&LedgerRow> = all.iter().filter(|row| !row.is_missing()).collect();
    if all.is_empty() {
        return Ok(());
    }
    let missing = all.len().saturating_sub(there.len());
    console.heading(format_args!("Plugins ({missing} without a file are left out)"))?;
    let table = ledger::table(console, there.iter().take(SHOWN).copied());
    console.show(&table)?;
    match there.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => console.line(format_args!("  {more} more: --json has them")),
    }
}
