//! A million changed rows through the drain, half of them of tickets that are stored; how much of it is reading, and how
//! long pandas takes to read and clean the same files.

use std::path::{Path, PathBuf};

use landfall_domain::Dataset;
use uuid::Uuid;

use super::files::File;
use super::peers::{self, PeerDone};
use super::scene::{Measured, Scene};
use super::{ROWS, number};
use crate::cluster::Cluster;
use crate::figure::{Figure, Goal, Report, median, say};
use crate::scale::Scale;
use crate::worker::TicketsTask;

/// Files of a run.
const FILES: u32 = 50;
/// Of 1000 tickets so many are open.
const OPEN: u32 = 50;

/// What was measured.
struct Run {
    all_new: Measured,
    half_new: Measured,
    staged: Measured,
    cleaned: Vec<Measured>,
    pandas: Vec<PeerDone>,
}

/// Measures the drain, reading alone, and pandas.
pub async fn run(
    cluster: &Cluster,
    python: Option<&Path>,
    scale: Scale,
    report: &mut Report,
) -> anyhow::Result<()> {
    let (stored, changed) = files(scale.of(FILES), ROWS);
    let scene = Scene::new(cluster).await?;
    say("drain: new tickets")?;
    let all_new = scene.drain(cluster, &stored).await?;
    scene.execute(&["vacuum analyze tickets.inc"]).await?;
    say("drain: half new, half stored")?;
    let half_new = scene.drain(cluster, &changed).await?;
    let (inserted, rows) = (half_new.told.inserted, half_new.told.rows);
    anyhow::ensure!(
        inserted * 2 == rows,
        "the run does not count: {inserted} tickets of {rows} rows were new"
    );
    say("drain: the same files up to the stage")?;
    let keys = changed.iter().map(File::processed).collect();
    let staged = scene.run(cluster, TicketsTask::Stage(Uuid::now_v7(), keys)).await?;
    anyhow::ensure!(staged.told.rows == rows, "the run does not count: {} rows staged", staged.told.rows);
    let folder = tempfile::Builder::new().prefix("landfall-bench-changes-").tempdir()?;
    let local = written(folder.path(), &changed)?;
    let mut run = Run { all_new, half_new, staged, cleaned: Vec::new(), pandas: Vec::new() };
    for _ in 0..scale.runs() {
        say("drain: reading and cleaning alone, pandas")?;
        run.cleaned.push(scene.run(cluster, TicketsTask::Clean(local.clone())).await?);
        if let Some(python) = python {
            let done = peers::clean(python, &local).await?;
            anyhow::ensure!(done.rows == rows, "the run does not count: pandas has {} rows", done.rows);
            run.pandas.push(done);
        }
    }
    scene.site.stop().await;
    figures(report, &run)?;
    report.table(&format!("Change files: {rows} rows in files of {ROWS}"))
}

/// Files of stored tickets, and as many again of changes: every other row is of a stored ticket.
pub fn files(count: u32, rows: u32) -> (Vec<File>, Vec<File>) {
    let file =
        |number, first, other| File { dataset: Dataset::Inc, number, rows, first, other, open_in_1000: OPEN };
    let (before, half) = (count.div_ceil(2), rows / 2);
    let stored = (0..before).map(|n| file(n, n * rows, None)).collect();
    let new = before * rows;
    let changed = (0..count).map(|n| file(count + n, n * half, Some(new + n * half))).collect();
    (stored, changed)
}

/// The same files in a folder.
pub fn written(folder: &Path, files: &[File]) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for file in files {
        let path = folder.join(format!("{:04}.csv", file.number));
        std::fs::write(&path, file.text())?;
        paths.push(path);
    }
    Ok(paths)
}

fn figures(report: &mut Report, run: &Run) -> anyhow::Result<()> {
    for (name, drained) in [("all new", &run.all_new), ("half new, half stored", &run.half_new)] {
        let rows = number(drained.told.rows);
        let figure = Figure::new(format!("drain, {name}"), "rows/s", rows / drained.told.done.seconds);
        let cpu = format!("{:.0} us of processor time a row", 1e6 * drained.cpu() / rows);
        report.add(figure.beside(&[drained.usage]).peer(cpu).limit(drained.shares()))?;
    }
    let share = 100.0 * run.staged.cpu() / run.half_new.cpu();
    let wall = 100.0 * run.staged.told.done.seconds / run.half_new.told.done.seconds;
    let name = "of the drain: reading, cleaning, COPY into the stage";
    let figure = Figure::new(name, "% of processor time", share).goal(Goal::AtMost(15.0));
    let told = format!("{wall:.1} % by the clock; without Postgres's part {:.1} %", own_share(run));
    report.add(figure.beside(&[run.staged.usage]).peer(told).limit(run.staged.shares()))?;
    let usages: Vec<_> = run.cleaned.iter().map(|one| one.usage).collect();
    let rows = number(run.half_new.told.rows);
    let speeds = run.cleaned.iter().map(|one| rows / one.told.done.cpu_seconds).collect();
    report.add(
        Figure::median("reading and cleaning alone", "rows/s of processor time", speeds).beside(&usages),
    )?;
    let pairs = || run.cleaned.iter().zip(&run.pandas);
    let ratios: Vec<f64> = pairs().map(|(ours, pandas)| pandas.cpu_s / ours.told.done.cpu_seconds).collect();
    if ratios.is_empty() {
        return Ok(());
    }
    let walls: Vec<f64> = pairs().map(|(ours, pandas)| pandas.wall_s / ours.told.done.seconds).collect();
    let pandas = median(&run.pandas.iter().map(|done| done.cpu_s).collect::<Vec<_>>());
    let memory = run.pandas.iter().map(|done| done.rss_mib).fold(0.0, f64::max);
    let told =
        format!("by the clock {:.1}; pandas {pandas:.1} s, peak memory {memory:.0} MiB", median(&walls));
    let figure = Figure::median("reading and cleaning, less than pandas", "times", ratios).beside(&usages);
    report.add(figure.goal(Goal::AtLeast(5.0)).peer(told))
}

fn own_share(run: &Run) -> f64 {
    100.0 * run.staged.told.done.cpu_seconds / run.half_new.cpu()
}
