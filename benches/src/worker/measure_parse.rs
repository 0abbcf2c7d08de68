//! One parser over one file, in a process that does nothing else.

use std::time::Instant;

use anyhow::Context;
use landfall_dumps::plugins::{KnownKeys, ParseContext, Reading, Registry};
use landfall_dumps::records::Record;

use super::{Done, ParseDone, ParseJob, ready};
use crate::machine;

/// Parses the file's bytes, which are in memory before the time begins: parse-member has them from an archive. The records
/// are counted and dropped, a few at a time as they come: parse-member stores them so.
pub(super) fn serve(job: &ParseJob) -> anyhow::Result<ParseDone> {
    let registry = Registry::production()?;
    let plugin = registry.plugin(&job.plugin).context("there is no such plugin")?;
    let context = ParseContext { basename: job.basename.clone(), ..ParseContext::default() };
    let memory_before = machine::peak_memory()?;
    let input = std::fs::read(&job.path)?;
    ready()?;
    let (begun, cpu) = (Instant::now(), machine::own_seconds());
    let mut records = 0;
    let (mut known, mut count) =
        (KnownKeys::default(), |some: &mut Vec<Record>| records += some.len() as u64);
    let end = plugin.read(&input, Reading::new(&context, &mut known, &mut count));
    let done = Done {
        seconds: begun.elapsed().as_secs_f64(),
        cpu_seconds: machine::own_seconds() - cpu,
        received: input.len() as u64,
        memory_before,
        memory_peak: machine::peak_memory()?,
    };
    Ok(ParseDone { done, records, outcome: end.outcome.to_string() })
}
