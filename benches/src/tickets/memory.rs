//! Peak memory of the drain's process, for files of few and of many rows.

use landfall_domain::Dataset;

use super::ROWS;
use super::files::File;
use super::scene::{Measured, Scene};
use crate::cluster::Cluster;
use crate::figure::{Figure, Goal, Report, say};
use crate::scale::Scale;

/// So many times the rows of a usual file.
const TIMES: u32 = 25;

/// Measures the process that drains one file, of each size.
pub async fn run(cluster: &Cluster, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let (few, many) = (ROWS, scale.of(ROWS * TIMES));
    say("memory of a drain")?;
    let (small, large) = (drained(cluster, few).await?, drained(cluster, many).await?);
    for (rows, measured) in [(few, &small), (many, &large)] {
        let name = format!("peak memory of the process, a file of {rows} rows");
        let before = measured.told.done.memory_before;
        let told = format!("{:.0} before it begins", mib(before));
        report.add(Figure::new(name, "MiB", mib(measured.told.done.memory_peak)).peer(told))?;
    }
    let ratio = mib(large.told.done.memory_peak) / mib(small.told.done.memory_peak);
    report.add(Figure::new("the large one, the small one is 1", "times", ratio).goal(Goal::AtMost(1.1)))?;
    report.table("Memory of a drain")
}

async fn drained(cluster: &Cluster, rows: u32) -> anyhow::Result<Measured> {
    let scene = Scene::new(cluster).await?;
    let file = File { dataset: Dataset::Inc, number: 0, rows, first: 0, other: None, open_in_1000: 50 };
    let measured = scene.drain(cluster, &[file]).await?;
    scene.site.stop().await;
    Ok(measured)
}

fn mib(bytes: u64) -> f64 {
    super::number(bytes) / f64::from(1 << 20)
}
