//! The drain beside a loader in Python: pandas, and psycopg's executemany of an upsert into the same tables.

use std::path::Path;

use super::peers::{self, PeerDone};
use super::scene::{Measured, Scene};
use super::{ROWS, changes, number};
use crate::cluster::Cluster;
use crate::figure::{Figure, Goal, Report, median, say};
use crate::machine::{Meter, Usage};
use crate::scale::Scale;

/// Files of a run.
const FILES: u32 = 4;

/// One round.
struct Round {
    ours: Measured,
    theirs: PeerDone,
    /// Theirs: `client` is Python.
    usage: Usage,
}

/// Measures both on databases of their own with the same tickets.
pub async fn run(cluster: &Cluster, python: &Path, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let mut rounds = Vec::new();
    for _ in 0..scale.runs() {
        say("a loader in Python")?;
        rounds.push(round(cluster, python, scale.either(ROWS, ROWS / 10)).await?);
    }
    let rows = number(rounds.first().map_or(0, |round| round.theirs.rows));
    let usages: Vec<Usage> = rounds.iter().map(|round| round.usage).collect();
    let of = |value: &dyn Fn(&Round) -> f64| rounds.iter().map(value).collect::<Vec<f64>>();
    let theirs = |round: &Round| round.theirs.cpu_s + round.usage.postgres;
    let speed = Figure::median("pandas and executemany", "rows/s", of(&|round| rows / round.theirs.wall_s));
    let cpu = 1e6 * median(&of(&theirs)) / rows;
    let python_cpu = 1e6 * median(&of(&|round| round.theirs.cpu_s)) / rows;
    let told = format!("{cpu:.0} us of processor time a row, {python_cpu:.0} of them Python's");
    report.add(speed.beside(&usages).peer(told))?;
    let speed = of(&|round| rows / round.ours.told.done.seconds);
    let cpu = 1e6 * median(&of(&|round| round.ours.cpu())) / rows;
    let figure = Figure::median("the drain of the same files", "rows/s", speed);
    report.add(figure.peer(format!("{cpu:.0} us of processor time a row")))?;
    let ratio = of(&|round| theirs(round) / round.ours.cpu());
    let wall = median(&of(&|round| round.theirs.wall_s / round.ours.told.done.seconds));
    let figure = Figure::median("the drain, less than that", "times", ratio).goal(Goal::AtLeast(3.0));
    report.add(figure.beside(&usages).peer(format!("by processor time; by the clock {wall:.1}")))?;
    report.table(&format!("Beside a loader in Python: {rows:.0} rows, half new, half stored"))
}

async fn round(cluster: &Cluster, python: &Path, rows: u32) -> anyhow::Result<Round> {
    let (stored, changed) = changes::files(FILES, rows);
    let drained = Scene::new(cluster).await?;
    drained.drain(cluster, &stored).await?;
    let ours = drained.drain(cluster, &changed).await?;
    let loaded = Scene::new(cluster).await?;
    loaded.drain(cluster, &stored).await?;
    let folder = tempfile::Builder::new().prefix("landfall-bench-changes-").tempdir()?;
    let files = changes::written(folder.path(), &changed)?;
    cluster.checkpoint().await?;
    let meter = Meter::start(cluster.processes())?;
    let theirs = peers::load(python, &loaded.url, &files).await?;
    let usage = meter.stop()?.with_client(theirs.cpu_s);
    let (a, b) = (tickets(&drained).await?, tickets(&loaded).await?);
    anyhow::ensure!(a == b, "the run does not count: the tables differ");
    for scene in [drained, loaded] {
        scene.site.stop().await;
    }
    Ok(Round { ours, theirs, usage })
}

/// Number of tickets, and a digest of what they are.
async fn tickets(scene: &Scene) -> anyhow::Result<(i64, Option<String>)> {
    let select =
        "select count(*), md5(string_agg(md5((to_jsonb(t) - array['ingested_at', 'source_key'])::text), ''
        order by ticket_id)) from tickets.inc as t";
    Ok(sqlx::query_as(select).fetch_one(&mut scene.connect().await?).await?)
}
