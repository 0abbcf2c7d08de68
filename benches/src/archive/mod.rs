//! The seek index: what it costs in the pass, what it saves afterwards, against peers in Python and the hardware.

mod figures;
mod inputs;
pub mod peers;
mod rounds;

use crate::figure::{Report, say};
use crate::machine;
use crate::scale::Scale;

/// How often everything is measured, at full scale and at the quick one.
const RUNS: (u32, u32) = (5, 2);

/// Measures one archive after the other; all parts in turn, so that they meet the same machine.
pub async fn run(scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    say(&format!("archive: load averages {}", machine::load()))?;
    let has_python = peers::has_python().await;
    if !has_python {
        say("archive: there is no python3 here: the rows against the peers in Python are left out")?;
    }
    let folder = tempfile::Builder::new().prefix("landfall-bench-index-").tempdir()?;
    for archive in inputs::archives(scale, has_python, folder.path()).await? {
        rounds::warm_up(&archive).await?;
        let mut runs = Vec::new();
        for number in 0..scale.either(RUNS.0, RUNS.1) {
            say(&format!("{}: run {}", archive.name, number + 1))?;
            runs.push(rounds::round(&archive, number, has_python).await?);
        }
        let title = figures::add(report, &archive, &runs)?;
        report.table(&title)?;
    }
    say(&format!("archive: load averages {}", machine::load()))
}
