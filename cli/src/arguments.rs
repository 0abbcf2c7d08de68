//! The command line: its grammar, and the way from it to a command.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use landfall_domain::SystemClock;
use landfall_runtime::{Env, LogFormat, init_tracing};

use crate::commands::{
    Context, DeadCommand, Demo, Doctor, DumpsCommand, Explain, Migrate, Objects, Put, Replay, Status,
    TicketsCommand, Up,
};
use crate::{Console, Exit, Failure};

/// Where a platform keeps its data unless told otherwise.
const DATA: &str = "./.landfall";
/// The same for the demo.
const DEMO_DATA: &str = "./.landfall/demo";

/// Event-driven ingestion for network-operations data.
///
/// A file lands in a bucket; seconds later it is typed rows in Postgres, each effect exactly once.
#[derive(Debug, Parser)]
#[command(name = "landfall", version, after_help = AFTER)]
pub struct Arguments {
    /// Data folder of the platform to start or to talk to [default: ./.landfall; demo: ./.landfall/demo].
    // A script that has chosen a folder lets its caller choose another one: the last one counts.
    #[arg(long, global = true, value_name = "DIR", overrides_with = "data")]
    data: Option<PathBuf>,
    /// How log lines look on standard error [default: text on a terminal, else json].
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    log_format: Option<Format>,
    #[command(subcommand)]
    command: Command,
}

/// The end of `landfall --help`.
const AFTER: &str = "\
Examples:
  landfall demo
  landfall up
  landfall put dump.tgz --customer acme --network core --ticket CHG-1 --wait
  landfall status --verify

Commands find the platform that runs on --data; without one they use DATABASE_URL, LANDFALL_S3_ENDPOINT and
LANDFALL_BUCKET. docs/configuration.md lists all variables. RUST_LOG chooses what is logged.

Exit codes:
  0  done
  1  unexpected error, or a check did not hold
  2  bad arguments, configuration or metadata
  3  rejected by a rule
  4  archive error
  5  database or storage error
  6  done in part";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Plain lines.
    Text,
    /// One JSON object a line.
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the whole platform in this process, until it is interrupted.
    Up(Up),
    /// Start the platform, upload the sample data and show what landed where.
    Demo(Demo),
    /// Bring the database schema up to date.
    Migrate(Migrate),
    /// Check that the object store, the queues and the database are as Landfall needs them.
    Doctor(Doctor),
    /// Upload files with their metadata.
    Put(Put),
    /// Show how many objects are in which state, the backlog and the dead letters.
    Status(Status),
    /// List objects.
    Objects(Objects),
    /// Tell all about one object: its life, tries, dumps and warnings, and what can be done.
    Explain(Explain),
    /// Work on an object once more, from the start.
    Replay(Replay),
    /// Look at dead letters and send them again.
    #[command(subcommand)]
    Dead(DeadCommand),
    /// Node dump archives: upload them one by one or by folders, look at what is stored, try one without storing it.
    #[command(subcommand)]
    Dumps(DumpsCommand),
    /// Tickets: drain their change files, find their places, look at what is open.
    #[command(subcommand)]
    Tickets(TicketsCommand),
}

/// Runs the command that the arguments name.
///
/// # Errors
/// [`Failure`] if it could not do its work; it knows its exit code.
pub fn run(arguments: Arguments, console: &mut Console) -> Result<Exit, Failure> {
    let Arguments { data, log_format, command } = arguments;
    let is_text = log_format.map_or_else(|| std::io::stderr().is_terminal(), |format| format == Format::Text);
    let format = if is_text { LogFormat::Text } else { LogFormat::Json };
    let (default_data, filter) = match &command {
        Command::Up(_) => (DATA, "info,sqlx=warn"),
        Command::Demo(_) => (DEMO_DATA, "warn"),
        // Somebody waits for these and knows that they take their time.
        _ => (DATA, "warn,sqlx::query=error"),
    };
    init_tracing(format, filter);
    let data = data.unwrap_or_else(|| default_data.into());
    let context = Context { data, env: Env::of_process(), clock: SystemClock };
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::of(Exit::Unexpected, error).while_doing("no threads could be started"))?;
    runtime.block_on(dispatch(command, &context, console))
}

async fn dispatch(command: Command, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
    match command {
        Command::Up(up) => up.run(context, console).await,
        Command::Demo(demo) => demo.run(context, console).await,
        Command::Migrate(migrate) => migrate.run(context, console).await,
        Command::Doctor(doctor) => doctor.run(context, console).await,
        Command::Put(put) => put.run(context, console).await,
        Command::Status(status) => status.run(context, console).await,
        Command::Objects(objects) => objects.run(context, console).await,
        Command::Explain(explain) => explain.run(context, console).await,
        Command::Replay(replay) => replay.run(context, console).await,
        Command::Dead(dead) => dead.run(context, console).await,
        Command::Dumps(dumps) => dumps.run(context, console).await,
        Command::Tickets(tickets) => tickets.run(context, console).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Arguments;

    #[test]
    fn the_grammar_is_sound() {
        Arguments::command().debug_assert();
    }
}
