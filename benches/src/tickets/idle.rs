//! A tick that finds nothing new.

use landfall_domain::Dataset;

use super::ROWS;
use super::files::File;
use super::scene::Scene;
use crate::cluster::Cluster;
use crate::figure::{Figure, Goal, Report, say};
use crate::worker::TicketsTask;

/// Counts what a new process does that finds one applied file, as the function does when it starts.
pub async fn run(cluster: &Cluster, report: &mut Report) -> anyhow::Result<()> {
    say("an idle tick")?;
    let scene = Scene::new(cluster).await?;
    let file = File { dataset: Dataset::Inc, number: 0, rows: ROWS, first: 0, other: None, open_in_1000: 50 };
    scene.drain(cluster, &[file]).await?;
    scene.run(cluster, TicketsTask::Tick(Dataset::Inc)).await?;
    let (requests, before) = (scene.site.requests(), cluster.counts(&scene.database).await?);
    let tick = scene.run(cluster, TicketsTask::Tick(Dataset::Inc)).await?;
    // The worker looks at the bucket before it begins; the tick looks itself.
    let requests = super::number(scene.site.requests() - requests) - 1.0;
    let counts = cluster.counts(&scene.database).await?.since(&before);
    anyhow::ensure!(tick.told.files == 0, "the run does not count: the tick found files");
    scene.site.stop().await;
    report.add(
        Figure::new("an idle tick: requests to the store", "requests", requests).goal(Goal::AtMost(5.0)),
    )?;
    if let Some(statements) = counts.statements {
        let figure = Figure::new("an idle tick: statements", "statements", statements);
        report.add(figure.goal(Goal::AtMost(10.0)).peer("what opening the connection takes included"))?;
    }
    let figure = Figure::new("an idle tick: wall time", "ms", 1000.0 * tick.told.done.seconds);
    report.add(figure.beside(&[tick.usage]).peer(format!("history of {ROWS} tickets included")))?;
    report.table("An idle tick")
}
