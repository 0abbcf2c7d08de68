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

/// Measures everything about tickets. `python`: one with pandas and psycopg; without it the rows beside Python are left
/// out.
pub async fn run(python: Option<&Path>, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    say(&format!("tickets: load averages {}", machine::load()))?;
    if python.is_none() {
        say("tickets: there is no Python with pandas and psycopg: what is beside them is left out")?;
    }
    changes::run(&cluster, python, scale, report).await?;
    if let Some(python) = python {
        loader::run(&cluster, python, scale, report).await?;
    }
    memory::run(&cluster, scale, report).await?;
    idle::run(&cluster, report).await?;
    apply::run(&cluster, scale, report).await?;
    columns::run(&cluster, scale, report).await?;
    reading::run(&cluster, scale, report).await?;
    say(&format!("tickets: load averages {}", machine::load()))?;
    cluster.stop().await
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2^52")]
fn number(count: u64) -> f64 {
    count as f64
}
