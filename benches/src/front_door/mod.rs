//! The front door: from a put to a state, and from a queued notification to a state.

mod drain;
pub mod flow;
mod rows;

use landfall_objects::Versioning;

use crate::cluster::Cluster;
use crate::disk;
use crate::figure::{Figure, Goal, Report, median, say};
use crate::machine::{self, Usage, shares};
use crate::scale::Scale;
use crate::worker::{Body, Keys, Sender};
use drain::Drained;
use flow::{Flow, Flowed};

/// Objects of a run.
const OBJECTS: u32 = 10_000;
/// Dump archives of a run.
const ARCHIVES: u32 = 2_000;
/// Connections of the client.
const CONNECTIONS: u32 = 16;
/// A steady stream that leaves room.
const STEADY: u32 = 200;

/// Measures everything about the front door.
pub async fn run(scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    say(&format!("front door: load averages {}", machine::load()))?;
    let sync = disk::sync_ms(cluster.dir())?;
    report.add(Figure::new("one durable write of 8 KiB, nothing else running of ours", "ms", sync))?;
    let flow = Flow {
        sender: Sender::Bare,
        connections: CONNECTIONS,
        objects: scale.of(OBJECTS),
        body: Body::Small,
        keys: Keys::Suffix,
        versioning: Versioning::Enabled,
        per_second: None,
    };
    through(&cluster, scale, report, flow).await?;
    report.table("Front door, 4 KiB objects through endpoint, queue and dispatcher")?;
    queued(&cluster, scale, report).await?;
    report.table("Front door alone, notifications queued before")?;
    say(&format!("front door: load averages {}", machine::load()))?;
    cluster.stop().await
}

/// Objects from the first put to the last state.
async fn through(cluster: &Cluster, scale: Scale, report: &mut Report, flow: Flow) -> anyhow::Result<()> {
    let goal = Some(Goal::AtLeast(1000.0));
    let runs = [
        ("put to state, ignored by suffix", flow, goal),
        ("put to state, of no feed", Flow { keys: Keys::NoFeed, ..flow }, goal),
        ("put to state, client on the AWS SDK", Flow { sender: Sender::Sdk, ..flow }, goal),
        ("put to state, bucket without versions", Flow { versioning: Versioning::Unversioned, ..flow }, None),
    ];
    for (name, flow, goal) in runs {
        say(name)?;
        let runs = repeat(scale, || flow.run(cluster)).await?;
        flow_figures(report, name, &runs, goal)?;
    }
    let name = "put to state, commits that do not wait for the disk";
    say(name)?;
    cluster.set_synchronous(false).await?;
    let runs = repeat(scale, || flow.run(cluster)).await;
    cluster.set_synchronous(true).await?;
    flow_figures(report, name, &runs?, None)?;

    let name = format!("{STEADY} objects/s");
    say(&name)?;
    let steady = Flow { per_second: Some(STEADY), objects: flow.objects / 5, ..flow };
    let runs = repeat(scale, || steady.run(cluster)).await?;
    latency_figures(report, &name, &runs)
}

/// Notifications that are queued already.
async fn queued(cluster: &Cluster, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let objects = scale.of(OBJECTS);
    let cases = [
        ("queued to state, versions", Versioning::Enabled, Keys::Suffix),
        ("queued to state, no versions: one HEAD each", Versioning::Unversioned, Keys::Suffix),
        ("queued to handed on, dump archives", Versioning::Enabled, Keys::Dumps),
    ];
    for (name, versioning, keys) in cases {
        say(name)?;
        let runs = repeat(scale, || drain::run(cluster, versioning, keys, objects)).await?;
        drain_figures(report, name, &runs)?;
    }
    say("rows alone")?;
    for at_once in [1, 2] {
        let runs = repeat(scale, || rows::run(cluster, objects, at_once)).await?;
        let name = format!("rows alone: batches of 100, {at_once} at once");
        let speeds: Vec<f64> = runs.iter().map(|r| r.per_second).collect();
        let usages: Vec<Usage> = runs.iter().map(|r| r.usage).collect();
        report.add(Figure::median(name, "objects/s", speeds).beside(&usages).limit(shares(&usages)))?;
    }
    Ok(())
}

/// Dump archives, as small as they get, up to their parsed rows.
pub async fn archives(scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    say(&format!("tiny dump archives: load averages {}", machine::load()))?;
    let flow = Flow {
        sender: Sender::Bare,
        connections: CONNECTIONS,
        objects: scale.of(ARCHIVES),
        body: Body::Archive,
        keys: Keys::Dumps,
        versioning: Versioning::Enabled,
        per_second: None,
    };
    let runs = repeat(scale, || flow.run(&cluster)).await?;
    flow_figures(report, "put to parsed rows, one element each", &runs, None)?;
    let transactions = runs.iter().map(|r| r.counts.transactions / r.objects).collect();
    report.add(Figure::median("transactions, all stages", "per object", transactions))?;
    report.table("Tiny dump archives through the whole flow")?;
    say("statements that took most of the database's time, last run:")?;
    for line in runs.iter().rev().take(1).flat_map(|run| &run.costliest) {
        say(&format!("  {line}"))?;
    }
    say(&format!("tiny dump archives: load averages {}", machine::load()))?;
    cluster.stop().await
}

async fn repeat<T, F>(scale: Scale, mut once: impl FnMut() -> F) -> anyhow::Result<Vec<T>>
where
    F: Future<Output = anyhow::Result<T>>,
{
    let mut runs = Vec::new();
    for _ in 0..scale.runs() {
        runs.push(once().await?);
    }
    Ok(runs)
}

fn flow_figures(report: &mut Report, name: &str, runs: &[Flowed], goal: Option<Goal>) -> anyhow::Result<()> {
    let usages: Vec<Usage> = runs.iter().map(|r| r.usage).collect();
    let puts = median(&runs.iter().map(|r| r.puts_per_second).collect::<Vec<_>>());
    let mut figure = Figure::median(name, "objects/s", runs.iter().map(|r| r.per_second).collect());
    figure = figure.beside(&usages).peer(format!("puts alone end at {puts:.0}/s")).limit(shares(&usages));
    if let Some(goal) = goal {
        figure = figure.goal(goal);
    }
    report.add(figure)?;
    latency_figures(report, name, runs)?;
    let per_object: Vec<f64> = runs.iter().filter_map(|r| Some(r.counts.statements? / r.objects)).collect();
    if !per_object.is_empty() {
        report.add(Figure::median(format!("{name}: statements"), "per object", per_object))?;
    }
    Ok(())
}

fn latency_figures(report: &mut Report, name: &str, runs: &[Flowed]) -> anyhow::Result<()> {
    let usages: Vec<Usage> = runs.iter().map(|r| r.usage).collect();
    // Without versions the time of landing is that of a HEAD, which has whole seconds.
    let Some(latencies) = runs.iter().map(|r| r.latency_ms).collect::<Option<Vec<_>>>() else {
        return Ok(());
    };
    for (which, of) in [("p50", (|l| l.0) as fn(&(f64, f64)) -> f64), ("p99", |l| l.1)] {
        let values = latencies.iter().map(of).collect();
        let figure = Figure::median(format!("{name}: landing to state, {which}"), "ms", values);
        report.add(figure.beside(&usages))?;
    }
    Ok(())
}

fn drain_figures(report: &mut Report, name: &str, runs: &[Drained]) -> anyhow::Result<()> {
    let usages: Vec<Usage> = runs.iter().map(|r| r.usage).collect();
    let speeds = runs.iter().map(|r| r.per_second).collect();
    report.add(Figure::median(name, "objects/s", speeds).beside(&usages).limit(shares(&usages)))?;
    let counted: Vec<(f64, f64, f64)> = runs
        .iter()
        .filter_map(|r| {
            let (statements, commits, batches) = (r.counts.statements?, r.counts.commits?, r.counts.batches?);
            Some((statements / r.objects, commits / batches, r.objects / batches))
        })
        .collect();
    if !counted.is_empty() {
        let statements = counted.iter().map(|c| c.0).collect();
        report.add(Figure::median(format!("{name}: statements"), "per object", statements))?;
        let commits = counted.iter().map(|c| c.1).collect();
        let size = median(&counted.iter().map(|c| c.2).collect::<Vec<_>>());
        let figure = Figure::median(format!("{name}: commits of the front door"), "per batch", commits);
        report.add(figure.goal(Goal::AtMost(1.0)).peer(format!("{size:.0} objects a batch")))?;
    }
    let transactions = runs.iter().map(|r| r.counts.transactions / r.objects).collect();
    let figure =
        Figure::median(format!("{name}: transactions, the queue's included"), "per object", transactions);
    report.add(figure)
}
