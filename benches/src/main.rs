//! Workloads, peers and the comparison tables they print: `landfall-benches NAME [--quick] [--json]`.
//!
//! A bench starts what it measures itself, on loopback, in a temporary folder, and removes it. The program runs
//! itself again for the client that puts objects and for the process whose memory is measured.

mod cluster;
mod disk;
mod endpoint;
mod figure;
mod front_door;
mod machine;
mod planning;
mod scale;
mod site;
mod worker;

use std::io::Write;

use clap::{Parser, Subcommand};

use crate::figure::Report;
use crate::scale::Scale;

/// Measures Landfall on this machine.
#[derive(Debug, Parser)]
#[command(name = "bench", after_help = "Example: ./dev bench front --quick")]
struct Arguments {
    #[command(subcommand)]
    bench: Option<Bench>,
    /// Ten times smaller inputs, and each measurement once
    #[arg(long, global = true)]
    quick: bool,
    /// One JSON object a figure, a line each, instead of tables
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Bench {
    /// All of the next three
    Front,
    /// Objects per second, latency, statements and commits of the front door
    FrontDoor,
    /// Puts and gets of the embedded S3 endpoint
    Endpoint,
    /// Memory and speed of the planning pass
    Planning,
    /// The client or the measured process of a bench
    #[command(hide = true)]
    Worker,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let Some(bench) = arguments.bench else {
        writeln!(std::io::stdout(), "benches: front, front-door, endpoint, planning (--help says more)")?;
        return Ok(());
    };
    let scale = Scale::new(arguments.quick);
    let mut report = Report::new(arguments.quick, arguments.json);
    match bench {
        Bench::Worker => return worker::serve().await,
        Bench::Front => {
            front_door::run(scale, &mut report).await?;
            endpoint::run(scale, &mut report).await?;
            planning::run(scale, &mut report).await?;
        }
        Bench::FrontDoor => front_door::run(scale, &mut report).await?,
        Bench::Endpoint => endpoint::run(scale, &mut report).await?,
        Bench::Planning => planning::run(scale, &mut report).await?,
    }
    report.finish()
}
