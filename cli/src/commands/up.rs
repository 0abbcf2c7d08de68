//! `landfall up`.

use clap::Args;
use landfall_local::platform::{Platform, PlatformConfig};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Context;
use crate::place::{Announcement, Running};
use crate::{Console, Exit, Failure};

/// Start the whole platform in this process, until it is interrupted.
///
/// What the environment does not name is embedded: an S3 endpoint and a private Postgres in the data folder.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  landfall up --data ./.landfall --auto-create-customer")]
pub(crate) struct Up {
    /// Let uploads name customers that are not stored yet.
    #[arg(long)]
    auto_create_customer: bool,
}

impl Up {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let mut config = PlatformConfig::from_env(&context.data, &context.env)?;
        config.rules.auto_create_customer |= self.auto_create_customer;
        let mut stop = Stop::listen()?;
        let (storage, database) = (config.storage.clone(), config.database.clone());
        // Interrupted while it starts, it is stopped right after.
        let platform = Platform::start(config).await?;
        let running = Running::of(&platform, (&storage, &database), context.now());
        let announced = Announcement::write(&context.data, &running);
        let shown = announced.and_then(|announced| show(console, &running, context).map(|()| announced));
        match shown {
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

fn show(console: &mut Console, running: &Running, context: &Context) -> Result<(), Failure> {
    let data = context.data.display();
    let keys = match (&running.access_key, &running.secret_key_file) {
        (Some(access), Some(file)) => format!("access key {access}, secret key in {}", file.display()),
        _ => "as the environment says".to_owned(),
    };
    console.line("landfall is up")?;
    console.line(format_args!("  endpoint   {}", running.endpoint.as_deref().unwrap_or("AWS")))?;
    console.line(format_args!("  bucket     {}", running.bucket))?;
    console.line(format_args!("  keys       {keys}"))?;
    console.line(format_args!("  database   {}", running.shown_database()))?;
    if running.private_database {
        console.line(format_args!("             with its password: {data}/running.json"))?;
    }
    console.line(format_args!("  data       {data}"))?;
    console.line("\nPut a file:")?;
    console.line(format_args!(
        "  landfall put dump.tgz --data {data} --customer acme --network core --ticket CHG-1 --wait"
    ))?;
    console.line(format_args!("See what became of it:\n  landfall status --data {data}"))?;
    console.flush()
}
