//! `landfall tickets adopt` (specs: tickets 12).

mod folder;
mod input;
mod late;
mod shown;

use std::path::{Path, PathBuf};

use clap::Args;
use landfall_store::tickets::adopt::{AdoptReport, Adoption};
use landfall_tickets::adopt::{SourceMap, Table};
use serde_json::{Value, json};

use super::Context;
use crate::{Console, Exit, Failure};
use input::Input;
use late::Late;
use shown::Source;

/// Take over tickets, history, places and watermarks of the system before.
///
/// Reads the tables `import_meta`, `inc`, `crq`, `closure_events`, `inc_daily_snapshot`, `crq_daily_snapshot`,
/// `geo_clusters`, `geo_locations` and `geo_budget`: files of these names with `.csv` in a folder, or tables or views of
/// the schema `tickets` in a Postgres database, which is only read. All is written in one transaction or, with a single
/// conflict, nothing. Stop the schedule of the system before first.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  landfall tickets adopt --from ./export --dry-run\n  \
landfall tickets adopt --from postgres://reader@old-db/automations --map names.json\n\n\
names.json says what the source calls things, ours before theirs:\n  \
{\"schema\": \"service\", \"tables\": {\"inc\": \"incidents\"}, \"columns\": {\"inc\": {\"raw\": \"payload\"}}}\n\n\
docs/tickets.md has the columns, and how to go about it.\n\n\
Exit codes: 0 all is taken over or was there; 2 the input does not read; 3 conflicts, nothing is written.")]
pub(crate) struct AdoptTickets {
    /// A Postgres database by its URL, or a folder with CSV files.
    #[arg(long, value_name = "DSN|DIR")]
    from: String,
    /// A JSON file with the names of the source's schema, tables and columns.
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Only say what would be taken over.
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl AdoptTickets {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let map = self.map.as_deref().map(read_map).transpose()?.unwrap_or_default();
        let mut input = Input::open(&self.from, &map).await?;
        let place = context.place()?;
        let (store, objects) = (place.store().await?, place.objects().await?);
        let mut adoption = Adoption::begin(&store, context.now()).await?;
        let mut late = Late::default();
        let bar = console.count_bar(0);
        let mut found = false;
        for table in Table::ALL {
            bar.set_message(table.name());
            found |= input.hand_over((table, &map), &mut adoption, &bar).await?;
            if table == Table::ImportMeta {
                // Before the long work: it fails here if the bucket cannot be listed.
                late = Late::below(&adoption.watermarks().await?, &objects, &place.bucket).await?;
            }
        }
        if !found {
            let names: Vec<String> = Table::ALL.iter().map(|table| input.place(*table, &map)).collect();
            let text = format!("{} has none of {}", input.name(), names.join(", "));
            return Err(Failure::new(Exit::Arguments, text));
        }
        input.end().await?;
        bar.set_message("checking and writing");
        let report = adoption.finish(self.dry_run).await?;
        bar.finish_and_clear();
        if self.json {
            console.json(&self.document(&report, &late, &input)?)?;
        } else {
            Source { input: &input, map: &map, late: &late }.show(console, &report, self.dry_run)?;
        }
        Ok(if report.conflict() == 0 { Exit::Ok } else { Exit::Rejected })
    }

    fn document(&self, report: &AdoptReport, late: &Late, input: &Input) -> Result<Value, Failure> {
        let told = |error| Failure::of(Exit::Unexpected, error);
        let mut document = serde_json::to_value(report).map_err(told)?;
        if let Some(members) = document.as_object_mut() {
            members.insert("from".into(), json!(input.name()));
            members.insert("dry_run".into(), json!(self.dry_run));
            members.insert("written".into(), json!(!self.dry_run && report.conflict() == 0));
            members.insert("late".into(), json!(late));
        }
        Ok(document)
    }
}

fn read_map(path: &Path) -> Result<SourceMap, Failure> {
    let doing = || format!("cannot read {}", path.display());
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::of(Exit::Arguments, error).while_doing(doing()))?;
    SourceMap::read(&text).map_err(|error| Failure::of(Exit::Arguments, error).while_doing(doing()))
}
