//! This program, run again: a client or a measured process, told over its standard input what to do.
//!
//! A line of JSON says what to do. The worker prepares it and answers `ready`; on the next line it begins, and
//! prints one line of JSON when it has done it.

mod archive;
mod job;
mod measure_parse;
mod measure_plan;
mod measure_start;
mod parent;
mod requests;
mod sdk;
mod tickets;
mod wire;

pub use archive::{ArchiveDone, ArchiveJob, IndexFacts, Layout, Members, ReadFacts, Task};
pub use job::{
    Body, Done, GetJob, Job, Keys, ParseDone, ParseJob, PlanJob, PutJob, Sender, StartDone, StartJob,
};
pub use parent::Worker;
pub use tickets::{Place, TicketsDone, TicketsJob, TicketsTask};

use std::io::Write;

use anyhow::Context;

/// The worker's side.
pub async fn serve() -> anyhow::Result<()> {
    let job: Job = serde_json::from_str(&line()?).context("the job does not read")?;
    let done = match job {
        Job::Put(job) => match job.sender {
            Sender::Bare => wire::serve(requests::puts(&job).await?, job.connections, job.per_second).await?,
            Sender::Sdk => sdk::serve(job).await?,
        },
        Job::Get(job) => wire::serve(requests::gets(&job).await?, job.connections, None).await?,
        Job::Plan(job) => measure_plan::serve(&job).await?,
        Job::Parse(job) => return answer(&serde_json::to_string(&measure_parse::serve(&job)?)?),
        Job::Start(job) => return answer(&serde_json::to_string(&measure_start::serve(&job).await?)?),
        Job::Tickets(job) => return answer(&serde_json::to_string(&tickets::serve(&job).await?)?),
        Job::Archive(job) => return answer(&serde_json::to_string(&archive::serve(&job)?)?),
    };
    answer(&serde_json::to_string(&done)?)
}

/// Says that the work can begin, and waits for the word.
fn ready() -> anyhow::Result<()> {
    answer("ready")?;
    line().map(drop)
}

fn answer(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

fn line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    anyhow::ensure!(!line.is_empty(), "a worker is started by a bench, not by hand");
    Ok(line)
}
