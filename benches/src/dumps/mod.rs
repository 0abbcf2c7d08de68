//! Dumps: parsers alone, archives with every plugin through the whole flow, and the backfill of one plugin.

pub mod archive;
mod backfill;
mod copy;
mod flow;
mod parsers;
mod same_records;
pub mod texts;

use crate::cluster::Cluster;
use crate::figure::{Report, say};
use crate::machine;
use crate::scale::Scale;

/// A part that can run alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Archives to their rows, and the rows alone.
    Rows,
    /// Parsers alone.
    Parsers,
    /// One plugin over dumps that are there.
    Backfill,
}

impl Part {
    /// All, in the order of the page.
    pub const ALL: &[Self] = &[Self::Rows, Self::Parsers, Self::Backfill];
}

/// Measures some parts, one after the other.
pub async fn run(parts: &[Part], scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    for part in parts {
        say(&format!("{part:?}: load averages {}", machine::load()))?;
        match part {
            Part::Rows => flow::run(&cluster, scale, report).await?,
            Part::Parsers => parsers::run(scale, report).await?,
            Part::Backfill => backfill::run(&cluster, scale, report).await?,
        }
    }
    say(&format!("dumps: load averages {}", machine::load()))?;
    cluster.stop().await
}
