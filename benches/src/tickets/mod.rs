//! Tickets: change files through the drain and parts of it, the SQL that applies them and the SQL that reads, beside what
//! somebody would write in Python.

mod apply;
mod backend;
mod changes;
mod columns;
mod files;
mod idle;
mod loader;
mod memory;
mod peers;
mod reading;
mod scene;

use std::path::Path;

use crate::cluster::Cluster;
use crate::figure::{Report, say};
use crate::machine;
use crate::scale::Scale;

/// Rows of a change file.
const ROWS: u32 = 20_000;

/// A part that can run alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The drain, and what it is compared with.
    Changes,
    /// The SQL that applies and reads.
    Sql,
}

impl Part {
    /// Both, in the order of the page.
    pub const ALL: &[Self] = &[Self::Changes, Self::Sql];
}

/// Measures some parts, one after the other. `python`: one with pandas and psycopg; without it the rows beside Python are
/// left out.
pub async fn run(
    parts: &[Part],
    python: Option<&Path>,
    scale: Scale,
    report: &mut Report,
) -> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    for part in parts {
        say(&format!("{part:?}: load averages {}", machine::load()))?;
        match part {
            Part::Changes => changes(&cluster, python, scale, report).await?,
            Part::Sql => {
                apply::run(&cluster, scale, report).await?;
                columns::run(&cluster, scale, report).await?;
                reading::run(&cluster, scale, report).await?;
            }
        }
    }
    say(&format!("tickets: load averages {}", machine::load()))?;
    cluster.stop().await
}

async fn changes(
    cluster: &Cluster,
    python: Option<&Path>,
    scale: Scale,
    report: &mut Report,
) -> anyhow::Result<()> {
    if python.is_none() {
        say("change files: there is no Python with pandas and psycopg: what is beside them is left out")?;
    }
    changes::run(cluster, python, scale, report).await?;
    if let Some(python) = python {
        loader::run(cluster, python, scale, report).await?;
    }
    memory::run(cluster, scale, report).await?;
    idle::run(cluster, report).await
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2^52")]
fn number(count: u64) -> f64 {
    count as f64
}
