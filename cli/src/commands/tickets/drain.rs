//! `landfall tickets drain` (specs: tickets 4, 9).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use comfy_table::Table;
use drain_changes::{DrainChanges, DrainReport, DrainSettings, DrainStatus, FileReport, Mode, Order};
use geocode_tickets::Settings;
use landfall_domain::{ChangeKey, Clock, Dataset};
use landfall_local::platform::{GeocodeAfterDrain, drain_of};
use landfall_runtime::{Clients, Deadline, Faults};
use tokio::fs::File;
use tokio::io::AsyncRead;

use super::Context;
use crate::{Console, Exit, Failure, shown};

/// A run that somebody waits for has this long.
const TIME: Duration = Duration::from_hours(6);

/// Apply the change files that have come, oldest first; without --apply only count.
///
/// A platform that runs drains by itself, each 20 minutes from 06:00 to 20:40 in East Africa. Two drains of one dataset
/// do not disturb each other: the second one ends at once.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  landfall tickets drain inc\n  landfall tickets drain inc --apply\n  \
    landfall tickets drain crq --apply-late automations/crq/changes/2026-06-25T08-30-00.csv --apply\n  \
    landfall tickets drain inc --csv export.csv --apply\n\n\
Exit codes: 0 done; 3 the order is refused; 4 a file fails; 6 the time or number of files is used up, or a hook failed.")]
pub(crate) struct DrainTickets {
    /// inc or crq.
    dataset: Dataset,
    /// Write; without it files are read and counted, and nothing is changed.
    #[arg(long)]
    apply: bool,
    /// Take all files, whatever was applied before: once, after a move to another bucket.
    #[arg(long, conflicts_with_all = ["apply_late", "skip_key"])]
    reseed: bool,
    /// Apply this file, which came late or was uploaded again; newer rows win.
    #[arg(long, value_name = "KEY", value_parser = change_key, conflicts_with = "skip_key")]
    apply_late: Option<ChangeKey>,
    /// Pass over this file, which fails.
    #[arg(long, value_name = "KEY", value_parser = change_key)]
    skip_key: Option<ChangeKey>,
    /// Apply this file of this machine: without watermark and move, its rows under the key `local`. For development.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["reseed", "apply_late", "skip_key"])]
    csv: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

fn change_key(text: &str) -> Result<ChangeKey, String> {
    ChangeKey::parse(text).ok_or_else(|| {
        "a change file is named automations/(inc|crq)/changes/YYYY-MM-DDTHH-MM-SS.csv, by a real time"
            .to_owned()
    })
}

impl DrainTickets {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let (as_json, csv, order) = (self.json, self.csv.clone(), self.order()?);
        let drain = drain(context).await?;
        let deadline = Deadline::within(TIME);
        let report = match csv {
            None => drain.run(&order, deadline).await.map_err(refused)?,
            Some(path) => {
                let mut file = open(&path, console).await?;
                let run = drain.run_local(order.dataset, &mut file, order.apply, deadline);
                run.await.map_err(|error| refused(error).while_doing(path.display().to_string()))?
            }
        };
        if as_json {
            console.json(&report)?;
        } else {
            show(console, &report)?;
        }
        Ok(exit_of(&report))
    }

    fn order(self) -> Result<Order, Failure> {
        let mode = match (self.apply_late, self.skip_key) {
            (Some(key), _) => Mode::ApplyLate(key),
            (_, Some(key)) => Mode::SkipKey(key),
            _ if self.reseed => Mode::Reseed,
            _ => Mode::Drain,
        };
        if let Mode::ApplyLate(key) | Mode::SkipKey(key) = &mode
            && key.dataset() != self.dataset
        {
            let text = format!("{key} is a change file of {}, not of {}", key.dataset(), self.dataset);
            return Err(Failure::new(Exit::Arguments, text));
        }
        Ok(Order { dataset: self.dataset, mode, apply: self.apply })
    }
}

/// A drain as the platform makes it, on the place that the command works on.
async fn drain(context: &Context) -> Result<DrainChanges, Failure> {
    let place = context.place()?;
    let clock: Arc<dyn Clock> = Arc::new(context.clock);
    let work_bucket = place.work_bucket.as_str().into();
    let (store, objects) = (place.store().await?, place.objects().await?);
    let clients = Clients { store, objects, work_bucket, clock, faults: Faults::none() };
    let settings = DrainSettings { bucket: place.bucket, ..DrainSettings::from_env(&context.env)? };
    let geocode = GeocodeAfterDrain::configured(&clients, Settings::from_env(&context.env)?)
        .map_err(|error| Failure::of(Exit::Arguments, error).while_doing("the geocoder cannot be used"))?;
    Ok(drain_of(&clients, settings, geocode))
}

/// The file, with a bar of how much of it has been read.
async fn open(path: &Path, console: &Console) -> Result<impl AsyncRead + Send + Unpin + use<>, Failure> {
    let failed =
        |error| Failure::of(Exit::Arguments, error).while_doing(format!("{} cannot be read", path.display()));
    let file = File::open(path).await.map_err(failed)?;
    let length = file.metadata().await.map_err(failed)?.len();
    Ok(console.bytes_bar(length).wrap_async_read(file))
}

fn refused(error: drain_changes::DrainError) -> Failure {
    match error {
        drain_changes::DrainError::File(_) => Failure::of(Exit::Arguments, error),
        drain_changes::DrainError::Order { .. } => Failure::of(Exit::Rejected, error)
            .advise("`landfall tickets status` shows how far the dataset is"),
        drain_changes::DrainError::LeaseLost { .. } => {
            Failure::of(Exit::Partial, error).advise("run it again: the other run may have done it by then")
        }
        other => Failure::of(Exit::Storage, other),
    }
}

fn exit_of(report: &DrainReport) -> Exit {
    match report.status {
        DrainStatus::Success | DrainStatus::SkippedLocked => Exit::Ok,
        DrainStatus::FileFailed => Exit::Archive,
        DrainStatus::Partial | DrainStatus::Degraded => Exit::Partial,
    }
}

fn show(console: &mut Console, report: &DrainReport) -> Result<(), Failure> {
    if report.status == DrainStatus::SkippedLocked {
        return console.line(format_args!("{}: another drain is at work; nothing was done", report.dataset));
    }
    if !report.files.is_empty() {
        let table = files_table(console, report);
        console.show(&table)?;
    }
    for file in report.files.iter().filter(|file| file.error.is_some()) {
        console.line(format_args!("{}: {}", file.key, file.error.as_deref().unwrap_or_default()))?;
    }
    for hook in report.hooks.iter().filter(|hook| hook.error.is_some()) {
        console.line(format_args!("{} failed: {}", hook.name, hook.error.as_deref().unwrap_or_default()))?;
    }
    if !report.ignored_keys.is_empty() {
        console.line(format_args!("ignored: {}", report.ignored_keys.join(", ")))?;
    }
    let (young, behind) = (report.unsettled, report.behind_failed);
    let end = if report.dry_run { " (dry run: nothing is written; --apply applies)" } else { "" };
    console.line(format_args!(
        "{}: {}; {} {}, {} tickets written, {young} too young, {behind} behind one that fails; applied up to {}{end}",
        report.dataset,
        report.status.as_str(),
        report.files.len(),
        if report.files.len() == 1 { "file" } else { "files" },
        report.upserted(),
        report.watermark.as_deref().unwrap_or("nothing"),
    ))
}

/// What became of the files of a run.
pub(crate) fn files_table(console: &Console, report: &DrainReport) -> Table {
    let mut table =
        console.table(["FILE", "STATUS", "ROWS", "NEW", "CHANGED", "ALARMS", "DEDUPED", "REJECTED", "MOVED"]);
    table.add_rows(report.files.iter().map(|file| row(file, report.dry_run)));
    table
}

/// What a dry run cannot know is left open.
fn row(file: &FileReport, dry_run: bool) -> Vec<comfy_table::Cell> {
    let name = file.key.rsplit('/').next().unwrap_or(&file.key);
    let written = |count: u64| if dry_run { shown::number("-") } else { shown::number(count) };
    vec![
        name.into(),
        file.status.as_str().into(),
        shown::number(file.counts.rows_read),
        written(file.inserted),
        written(file.updated),
        shown::number(file.counts.alarm),
        written(file.deduped),
        shown::number(file.counts.rejected),
        if file.moved { "yes" } else { "no" }.into(),
    ]
}
