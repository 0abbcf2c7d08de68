//! `landfall demo`.

mod drained;
mod report;
mod samples;
mod settle;
mod tickets;
mod wipe;

use std::time::{Duration, Instant};

use clap::Args;
use landfall_local::functions::FunctionsUrl;
use landfall_local::platform::{Platform, PlatformConfig};
use landfall_runtime::Faults;
use plan_archive::Rules;

use super::Context;
use super::up::Stop;
use crate::place::{Announcement, FunctionsFile, Running};
use crate::{Console, Exit, Failure};
use drained::Drained;
use report::Report;
use tickets::Earlier;

/// Start the platform, upload the sample data and show what landed where.
///
/// The demo has an object store and a database of its own in the data folder, whatever the environment names. The
/// folder is kept: a second run finds everything done already.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  landfall demo --fresh\n\nExit code 0 only if the books are closed, nothing is in flight, and the drains of change files did all they had to."
)]
pub(crate) struct Demo {
    /// Remove what earlier runs left in the folder first.
    #[arg(long)]
    fresh: bool,
    /// How long the work may take, in seconds.
    #[arg(long, default_value_t = 300, value_name = "SECONDS")]
    timeout: u64,
    /// Send the work to functions that run under `cargo lambda watch` at this place, instead of doing it here.
    /// The file functions.env of the data folder is for its option --env-file.
    #[arg(long, value_name = "URL")]
    functions: Option<FunctionsUrl>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Demo {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let mut stop = Stop::listen()?;
        if self.fresh {
            wipe::wipe(&context.data).await?;
        }
        let mut config = PlatformConfig::embedded(&context.data);
        config.rules = Rules::from_env(&context.env)?;
        config.rules.auto_create_customer = true;
        config.functions.clone_from(&self.functions);
        config.faults = context.env.parsed("LANDFALL_FAULTS", Faults::none())?;
        let (storage, database) = (config.storage.clone(), config.database.clone());
        console.say(format_args!("starting the platform on {}", context.data.display()));
        let started = Instant::now();
        let platform = Platform::start(config).await?;
        let startup = started.elapsed();
        let running = Running::of(&platform, (&storage, &database), context.now());
        let worked = tokio::select! {
            worked = self.work(&platform, (context, &running), console) => worked,
            () = stop.asked() => Err(Failure::new(Exit::Unexpected, "interrupted").advise(
                "nothing is lost: the next run on the same folder goes on",
            )),
        };
        platform.shutdown().await;
        let report = worked?.with_startup(startup);
        if self.json {
            console.json(&report)?;
        } else {
            report.show(console, &context.data)?;
        }
        Ok(if report.is_good() { Exit::Ok } else { Exit::Unexpected })
    }

    async fn work(
        &self,
        platform: &Platform,
        (context, running): (&Context, &Running),
        console: &Console,
    ) -> Result<Report, Failure> {
        let _functions = FunctionsFile::write(&context.data, self.functions.clone(), platform)?;
        let _announced = Announcement::write(&context.data, running)?;
        let began = Instant::now();
        let limit = Duration::from_secs(self.timeout);
        let earlier = Earlier::of(platform).await?;
        let uploaded = samples::upload(platform, (&earlier, context.now()), console).await?;
        let upload = began.elapsed();
        settle::settle(platform, limit, console).await?;
        let drains = tickets::drain(platform, limit, console).await?;
        // Files that were moved are new objects.
        settle::settle(platform, limit, console).await?;
        let settled = began.elapsed();
        let drained = Drained::gather(platform, drains).await?;
        Ok(Report::gather(platform, uploaded, drained).await?.with_times(upload, settled))
    }
}
