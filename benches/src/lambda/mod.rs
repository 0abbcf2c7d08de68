//! The functions as Lambda runs them: starts, warm batches, packages.

mod bare;
mod package;
mod parts;
mod scene;
mod starts;
mod warm;

use std::sync::Arc;

use landfall_local::endpoint::NoEvents;
use landfall_objects::Versioning;

pub use bare::serve as serve_bare;

use crate::cluster::Cluster;
use crate::figure::{Report, say};
use crate::machine;
use crate::scale::Scale;
use crate::site::Site;
use scene::Scene;

/// Measures every function.
pub async fn run(scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    say(&format!("lambda: load averages {}", machine::load()))?;
    let cluster = Cluster::start().await?;
    let site = Site::start(Versioning::Enabled, Arc::new(NoEvents)).await?;
    let mut scene = Scene::new(&cluster, &site).await?;
    starts::run(&mut scene, scale, report).await?;
    parts::run(&scene, scale, report).await?;
    warm::run(&scene, scale, report).await?;
    package::run(report).await?;
    say(&format!("lambda: load averages {}", machine::load()))?;
    drop(scene);
    site.stop().await;
    cluster.stop().await
}

/// The least and the most of some milliseconds, for people.
fn range(runs: &[f64]) -> String {
    let least = runs.iter().copied().fold(f64::INFINITY, f64::min);
    let most = runs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{least:.1} to {most:.1} in {} runs", runs.len())
}

/// Milliseconds.
fn ms(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
