//! `landfall up`.

use std::time::Duration;

use clap::Args;
use landfall_domain::{Finding, Level};
use landfall_local::functions::FunctionsUrl;
use landfall_local::platform::{Platform, PlatformConfig};
use landfall_objects::probe::Told;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Context, doctor};
use crate::place::{Announcement, FunctionsFile, Running};
use crate::{Console, Exit, Failure, shown};

/// Start the whole platform in this process, until it is interrupted.
///
/// What the environment does not name is embedded: an S3 endpoint and a private Postgres in the data folder.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  landfall up --data ./.landfall --auto-create-customer
  landfall up --functions http://127.0.0.1:9000")]
pub(crate) struct Up {
    /// Let uploads name customers that are not stored yet.
    #[arg(long)]
    auto_create_customer: bool,
    /// Send the work to functions that run under `cargo lambda watch` at this place, instead of doing it here.
    /// The file functions.env of the data folder is for its option --env-file.
    #[arg(long, value_name = "URL")]
    functions: Option<FunctionsUrl>,
}

impl Up {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let mut config = PlatformConfig::from_env(&context.data, &context.env)?;
        config.rules.auto_create_customer |= self.auto_create_customer;
        config.functions.clone_from(&self.functions);
        let mut stop = Stop::listen()?;
        let (storage, database) = (config.storage.clone(), config.database.clone());
        // Interrupted while it starts, it is stopped right after.
        let platform = Platform::start(config).await?;
        let running = Running::of(&platform, (&storage, &database), context.now());
        match self.announce(&platform, (context, &running), console).await {
            Ok(announced) => {
                stop.asked().await;
                console.say(
                    "stopping: what is being handled is finished first; interrupt again to stop at once",
                );
                tokio::select! {
                    () = platform.shutdown() => {}
                    () = stop.asked() => return Err(Failure::new(Exit::Unexpected, "stopped at once")),
                }
                drop(announced);
                Ok(Exit::Ok)
            }
            Err(failure) => {
                platform.shutdown().await;
                Err(failure)
            }
        }
    }

    async fn announce(
        self,
        platform: &Platform,
        (context, running): (&Context, &Running),
        console: &mut Console,
    ) -> Result<(Announcement, Option<FunctionsFile>), Failure> {
        let functions = FunctionsFile::write(&context.data, self.functions, platform)?;
        let announced = Announcement::write(&context.data, running)?;
        let store = look(platform, running).await;
        show(console, (running, functions.as_ref(), &store), context)?;
        Ok((announced, functions))
    }
}

/// SIGINT and SIGTERM.
pub(super) struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    pub fn listen() -> Result<Self, Failure> {
        let failed =
            |error| Failure::of(Exit::Unexpected, error).while_doing("signals cannot be listened to");
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
        })
    }

    /// Waits for either.
    pub async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// How long the store may be tried out before it is told where everything is.
const PATIENCE: Duration = Duration::from_secs(5);

/// What trying out the store has shown, in a line.
async fn look(platform: &Platform, running: &Running) -> String {
    let clients = platform.clients();
    let told = if running.access_key.is_some() { Told::ByItsOwnStore } else { Told::ByListing };
    let buckets = (running.bucket.as_str(), running.work_bucket.as_str());
    // Boxed: the requests of the SDK are large.
    let seen =
        Box::pin(doctor::look(&clients.objects, buckets, &told, (clients.clock.clone(), PATIENCE))).await;
    summary(&seen)
}

fn summary(seen: &[Finding]) -> String {
    let doubts: Vec<String> = seen
        .iter()
        .filter(|finding| matches!(finding.level, Level::Warning | Level::Problem))
        .map(|finding| format!("{} ({})", finding.name, finding.level.as_str()))
        .collect();
    if doubts.is_empty() {
        return format!("as it should be, by {}", shown::counted(seen.len(), "check"));
    }
    format!("look at {}: `landfall doctor` tells more", doubts.join(", "))
}

fn show(
    console: &mut Console,
    (running, functions, store): (&Running, Option<&FunctionsFile>, &str),
    context: &Context,
) -> Result<(), Failure> {
    let data = context.data.display();
    let keys = match (&running.access_key, &running.secret_key_file) {
        (Some(access), Some(file)) => format!("access key {access}, secret key in {}", file.display()),
        _ => "as the environment says".to_owned(),
    };
    console.line("landfall is up")?;
    console.line(format_args!("  endpoint   {}", running.endpoint.as_deref().unwrap_or("AWS")))?;
    console.line(format_args!("  store      {store}"))?;
    console.line(format_args!("  bucket     {}", running.bucket))?;
    console.line(format_args!("  keys       {keys}"))?;
    console.line(format_args!("  database   {}", running.shown_database()))?;
    if running.private_database {
        console.line(format_args!("             with its password: {data}/running.json"))?;
    }
    console.line(format_args!("  data       {data}"))?;
    if let Some(functions) = functions {
        console.line(format_args!("  functions  {}", functions.url))?;
        console.line(format_args!("             with their variables: {}", functions.path.display()))?;
    }
    console.line("\nPut a file:")?;
    console.line(format_args!(
        "  landfall put dump.tgz --data {data} --customer acme --network core --ticket CHG-1 --wait"
    ))?;
    console.line(format_args!("See what became of it:\n  landfall status --data {data}"))?;
    console.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_what_of_the_store_wants_a_look() {
        let well = [Finding::ok("store.ranges", ""), Finding::skipped("store.checksums", "")];
        insta::assert_snapshot!(summary(&well), @"as it should be, by 2 checks");
        let doubts = [
            Finding::ok("store.ranges", ""),
            Finding::warning("store.versioning", "", ""),
            Finding::problem("store.create-once", "", ""),
        ];
        insta::assert_snapshot!(
            summary(&doubts),
            @"look at store.versioning (warning), store.create-once (problem): `landfall doctor` tells more"
        );
    }
}
