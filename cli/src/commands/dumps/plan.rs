//! `landfall dumps plan`.

use chrono::{DateTime, Utc};
use clap::Args;
use landfall_dumps::catalogue::PluginRef;
use landfall_dumps::plan::{Birth, OuterEnd, PlannedNe};
use plan_archive::Rules;
use serde_json::json;

use super::Context;
use super::archive::{self, Planned};
use super::reach;
use super::source::Source;
use crate::{Console, Exit, Failure, shown};

/// Read an archive once and show what would be parsed.
///
/// A file needs no database. An object is named by its id, its key, or the start of its key.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  landfall dumps plan GMRE_DUMP_CORE_20250118-031500.tgz --json")]
pub(crate) struct PlanDump {
    /// A local file, or an object.
    #[arg(value_name = "FILE|OBJECT")]
    archive: String,
    /// The capture time that the upload would state.
    #[arg(long, value_name = "TIME", value_parser = archive::capture_time)]
    capture_ts: Option<DateTime<Utc>>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl PlanDump {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let rules = Rules::from_env(&context.env)?;
        let registry = archive::registry()?;
        let mut source = Source::file_or_object(&self.archive, context).await?;
        let planned = archive::plan(&mut source, self.capture_ts, (&rules, &registry), console).await?;
        if self.json {
            console.json(&document(&source.name, &planned))?;
        } else {
            show(console, &source.name, &planned)?;
        }
        Ok(match planned.plan.outer_end {
            OuterEnd::Whole => Exit::Ok,
            OuterEnd::Broken { .. } => Exit::Partial,
        })
    }
}

fn document(name: &str, planned: &Planned) -> serde_json::Value {
    let catalogue = planned.contents.files().iter().map(|(path, file)| {
        let plugins: Vec<&str> = file.plugins.iter().map(PluginRef::as_str).collect();
        json!({ "path": path, "size": file.size(), "crc32": format!("{:08x}", file.crc32), "plugins": plugins,
            "log_time": file.log_time })
    });
    let catalogue: Vec<_> = catalogue.collect();
    json!({
        "source": name,
        "sha256": planned.sha256.to_string(),
        "bytes_read": planned.stats.consumed,
        "bytes_inflated": planned.stats.inflated,
        "entries": planned.stats.entries,
        "counts": planned.contents.counts(),
        "catalogue": catalogue,
        "index": planned.index.as_ref().map(|index| reach::document(index, planned.plan.nes.as_slice())),
        "plan": planned.plan,
    })
}

fn show(console: &mut Console, name: &str, planned: &Planned) -> Result<(), Failure> {
    let Planned { plan, stats, .. } = planned;
    console.line(name)?;
    console.line(format_args!("  sha256    {}", planned.sha256))?;
    let (read, inflated) = (shown::bytes(stats.consumed), shown::bytes(stats.inflated));
    console.line(format_args!("  bytes     {read} read, {inflated} inflated, {} entries", stats.entries))?;
    let capture = plan.capture;
    let at = shown::time(capture.time);
    console.line(format_args!("  captured  {at}, to the {}, from {}", capture.precision, capture.source))?;
    match &plan.outer_end {
        OuterEnd::Whole => console.line("  end       whole")?,
        OuterEnd::Broken { text } => console.line(format_args!("  end       broken: {text}"))?,
    }
    show_catalogue(console, planned)?;
    for ne in &plan.nes {
        show_ne(console, ne)?;
    }
    if let Some(index) = &planned.index {
        reach::show(console, index, &plan.nes)?;
    }
    show_warnings(console, planned)?;
    let totals = plan.totals;
    console.heading("Totals")?;
    console.line(format_args!(
        "  {} files, {} targets, {} lost to damage; {} to be read, {}",
        totals.files,
        totals.target_files,
        totals.broken_targets,
        totals.planned_files,
        shown::bytes(totals.planned_bytes)
    ))?;
    console.line(format_args!(
        "  ledger rows: {} open, {} missing, {} over the spool limit",
        totals.open_units, totals.missing_units, totals.spool_limit_units
    ))
}

fn show_catalogue(console: &mut Console, planned: &Planned) -> Result<(), Failure> {
    let mut table = console.table(["SIZE", "CRC", "PLUGINS", "TARGET FILE"]);
    for (path, file) in planned.contents.files() {
        let plugins: Vec<&str> = file.plugins.iter().map(PluginRef::as_str).collect();
        table.add_row(vec![
            shown::number(file.size()),
            format!("{:08x}", file.crc32).into(),
            plugins.join(",").into(),
            path.into(),
        ]);
    }
    console.heading("Catalogue")?;
    console.show(&table)
}

fn show_ne(console: &mut Console, ne: &PlannedNe) -> Result<(), Failure> {
    console.heading(format_args!("{}: chain {}", ne.ne, ne.chain.path))?;
    for extra in &ne.extra_chains {
        console.line(format_args!("  extra chain {}", extra.path))?;
    }
    let mut table = console.table(["PLUGIN", "BORN", "FILE"]);
    for plugin in &ne.plugins {
        let born = match &plugin.birth {
            Birth::Open => "PENDING".to_owned(),
            Birth::Missing => "DONE (missing)".to_owned(),
            Birth::SpoolLimit { .. } => "FAILED (E_SPOOL_LIMIT)".to_owned(),
        };
        let mut files = plugin.files.iter().map(|file| file.chain_path.clone());
        let first = files.next().unwrap_or_default();
        table.add_row(vec![plugin.plugin.as_str().to_owned(), born, first]);
        for file in files {
            table.add_row(vec![String::new(), String::new(), file]);
        }
    }
    console.show(&table)
}

fn show_warnings(console: &mut Console, planned: &Planned) -> Result<(), Failure> {
    let warnings = &planned.plan.warnings;
    if warnings.kept().is_empty() {
        return Ok(());
    }
    let counts: Vec<String> =
        warnings.counts().iter().map(|(code, count)| format!("{code} {count}")).collect();
    console.heading(format_args!("Warnings: {}", counts.join(", ")))?;
    for warning in warnings.kept() {
        let offset = warning.offset.map(|offset| format!(" (byte {offset})")).unwrap_or_default();
        console.line(format_args!("  {} {}: {}{offset}", warning.code, warning.chain_path, warning.text))?;
    }
    Ok(())
}
