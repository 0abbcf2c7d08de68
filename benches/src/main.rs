//! Workloads, peers and the comparison tables they print: `landfall-benches NAME [--quick] [--json]`.
//!
//! A bench starts what it measures itself, on loopback, in a temporary folder, and removes it. The program runs
//! itself again for the client that puts objects and for the process whose memory is measured.

mod archive;
mod cluster;
mod disk;
mod dumps;
mod endpoint;
mod figure;
mod front_door;
mod lambda;
mod machine;
mod model;
mod planning;
mod scale;
mod site;
mod tickets;
mod worker;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

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
    /// A Python with pandas and psycopg, for what `tickets` is compared with
    #[arg(long, global = true, value_name = "PROGRAM")]
    python: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Bench {
    /// All of the next four
    Front,
    /// Objects per second, latency, statements and commits of the front door
    FrontDoor,
    /// Tiny dump archives through the whole flow, to their parsed rows
    Archives,
    /// Puts and gets of the embedded S3 endpoint
    Endpoint,
    /// Memory and speed of the planning pass
    Planning,
    /// The seek index: one pass with it, members read by it, peers in Python; then the planning pass
    Archive,
    /// All of the next three
    Dumps,
    /// Archives with every plugin, to their rows; the rows alone against COPY
    DumpRows,
    /// Parsers alone, and a reader in Python
    Parsers,
    /// The backfill of one plugin
    Backfill,
    /// All of the next two
    Tickets,
    /// Change files of tickets through the drain, beside pandas and a loader in Python
    ChangeFiles,
    /// The SQL that applies and reads tickets
    TicketsSql,
    /// Starts, warm batches and packages of the functions
    Lambda,
    /// A function of Lambda that does nothing
    #[command(hide = true)]
    BareFunction,
    /// What a day of so many objects takes and costs on AWS, by the measured figures; measures nothing itself
    Model,
    /// The client or the measured process of a bench
    #[command(hide = true)]
    Worker,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let Some(bench) = arguments.bench else {
        writeln!(
            std::io::stdout(),
            "benches: front, front-door, archives, endpoint, planning, archive, dumps,\n         dump-rows, parsers, backfill, tickets, change-files, tickets-sql, lambda, model\n         (--help says more)"
        )?;
        return Ok(());
    };
    let mut report = Report::new(arguments.quick, arguments.json);
    // What a bench started ends with it: the servers and folders are dropped here.
    tokio::select! {
        ended = run(bench, arguments.python.as_deref(), Scale::new(arguments.quick), &mut report) => ended,
        stopped = stopped() => stopped.and(Err(anyhow::anyhow!("stopped by a signal"))),
    }
}

async fn run(bench: Bench, python: Option<&Path>, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    match bench {
        Bench::Front => {
            front_door::run(scale, report).await?;
            front_door::archives(scale, report).await?;
            endpoint::run(scale, report).await?;
            planning::run(scale, report).await
        }
        Bench::FrontDoor => front_door::run(scale, report).await,
        Bench::Archives => front_door::archives(scale, report).await,
        Bench::Endpoint => endpoint::run(scale, report).await,
        Bench::Planning => planning::run(scale, report).await,
        Bench::Archive => {
            archive::run(scale, report).await?;
            planning::run(scale, report).await
        }
        Bench::Dumps => dumps::run(dumps::Part::ALL, scale, report).await,
        Bench::DumpRows => dumps::run(&[dumps::Part::Rows], scale, report).await,
        Bench::Parsers => dumps::run(&[dumps::Part::Parsers], scale, report).await,
        Bench::Backfill => dumps::run(&[dumps::Part::Backfill], scale, report).await,
        Bench::Tickets => tickets::run(tickets::Part::ALL, python, scale, report).await,
        Bench::ChangeFiles => tickets::run(&[tickets::Part::Changes], python, scale, report).await,
        Bench::TicketsSql => tickets::run(&[tickets::Part::Sql], python, scale, report).await,
        Bench::Lambda => lambda::run(scale, report).await,
        Bench::BareFunction => lambda::serve_bare().await,
        Bench::Model => model::run(report.is_json()),
        Bench::Worker => worker::serve().await,
    }
}

/// Waits until somebody wants this program to end.
async fn stopped() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        stopped = tokio::signal::ctrl_c() => Ok(stopped?),
        _ = terminate.recv() => Ok(()),
    }
}
