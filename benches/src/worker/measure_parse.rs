//! One parser over one file, in a process that does nothing else.

use std::time::Instant;

use anyhow::Context;
use landfall_dumps::plugins::{ParseContext, Registry};

use super::{Done, ParseDone, ParseJob, ready};
use crate::machine;

/// Reads the file and parses it; the records are kept to the end, as a stage has to store them.
pub(super) fn serve(job: &ParseJob) -> anyhow::Result<ParseDone> {
    let registry = Registry::production()?;
    let plugin = registry.plugin(&job.plugin).context("there is no such plugin")?;
    let context = ParseContext { basename: job.basename.clone(), ..ParseContext::default() };
    let memory_before = machine::peak_memory()?;
    ready()?;
    let (begun, cpu) = (Instant::now(), machine::own_seconds());
    let input = std::fs::read(&job.path)?;
    let parsed = plugin.parse(&input, &context);
    let done = Done {
        seconds: begun.elapsed().as_secs_f64(),
        cpu_seconds: machine::own_seconds() - cpu,
        received: input.len() as u64,
        memory_before,
        memory_peak: machine::peak_memory()?,
    };
    Ok(ParseDone { done, records: parsed.records.len() as u64, outcome: parsed.outcome.to_string() })
}
