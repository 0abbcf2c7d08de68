//! `landfall dumps dry-run` (specs: dumps 7.9).

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use clap::Args;
use landfall_archive::{Flow, Group, GroupReader, Index, PickSink, SeekError, Wanted};
use landfall_dumps::plan::{OuterEnd, Plan, PlannedFile, PlannedNe};
use landfall_dumps::plugins::{Outcome, Registry};
use plan_archive::{Preview, Rules};
use serde_json::json;

use super::Context;
use super::archive::{self, Planned};
use super::element::{self, Findings};
use super::source::Source;
use super::upload_as::UploadAs;
use crate::{Console, Exit, Failure};

/// Bytes of members that are held at once; one network element may need more.
const AT_ONCE: u64 = 128 << 20;
/// Bytes that are read from the file at once.
const BLOCK: u64 = 1 << 20;

/// Plan and parse an archive and print its records; nothing is stored, and no database is needed.
///
/// Standard output has one JSON object per record, ordered by network element, priority and chain path, then one
/// object with the plan, outcomes and warnings. A table of the outcomes goes to standard error. Where a database is
/// at hand and the upload's metadata is named, the verdict that the upload would get now is told, too.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  landfall dumps dry-run dump.tgz --only lsp | head\n  \
landfall dumps dry-run dump.tgz --customer acme --network core --ticket CHG-1001\n\n\
Exit codes: 0 all read, 2 bad arguments or metadata, 3 it would be rejected, 4 archive error, 5 the database does not \
answer, 6 something could not be read.")]
pub(crate) struct DryRun {
    /// A local file, or an object by id or key.
    archive: String,
    #[command(flatten)]
    upload: UploadAs,
    /// Run this plugin alone.
    #[arg(long, value_name = "PLUGIN")]
    only: Option<String>,
    /// Leave out the table on standard error.
    #[arg(long)]
    json: bool,
}

impl DryRun {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let rules = Rules::from_env(&context.env)?;
        let registry = archive::registry()?;
        self.check_plugin(&registry)?;
        let capture_ts = self.upload.capture_ts()?;
        let mut source = Source::file_or_object(&self.archive, context).await?;
        let planned = archive::plan(&mut source, capture_ts, (&rules, &registry), console).await?;
        let preview = self.upload.preview((&source, &planned), &rules, context).await?;
        let mut findings = Findings::default();
        let only = self.only.as_deref();
        let bar = console
            .count_bar(u64::try_from(planned.plan.nes.len()).unwrap_or(0))
            .with_message("network elements");
        let index = planned
            .index
            .as_ref()
            .ok_or_else(|| Failure::new(Exit::Archive, "the archive has too large an index"))?;
        for batch in batches(&planned.plan.nes, only) {
            let contents = read_members(&source, index, batch, only).await?;
            for ne in batch {
                element::run((ne, only), &registry, &contents, &mut findings, console)?;
                bar.inc(1);
            }
        }
        bar.finish_and_clear();
        console.json_line(&summary(&planned, &findings, preview.as_ref()))?;
        if !self.json {
            console.flush()?;
            say_outcomes(console, &findings);
            if let Some(preview) = &preview {
                let text = preview.text.as_deref().unwrap_or_default();
                console.say(format_args!("verdict now: {} ({}) {text}", preview.verdict, preview.reason));
            }
        }
        let rejected = preview.is_some_and(|preview| preview.verdict == "REJECT");
        Ok(exit_of(&planned.plan, &findings).worst(if rejected { Exit::Rejected } else { Exit::Ok }))
    }

    fn check_plugin(&self, registry: &Registry) -> Result<(), Failure> {
        let Some(only) = self.only.as_deref().filter(|name| registry.plugin(name).is_none()) else {
            return Ok(());
        };
        let known: Vec<&str> = registry.plugins().map(landfall_dumps::plugins::Plugin::name).collect();
        Err(Failure::new(Exit::Arguments, format!("there is no plugin {only:?}"))
            .advise(format!("plugins are {}", known.join(", "))))
    }
}

/// Neighbouring network elements whose members fit into memory together.
fn batches<'a>(nes: &'a [PlannedNe], only: Option<&str>) -> Vec<&'a [PlannedNe]> {
    let size = |ne: &PlannedNe| {
        element::files(ne, only).iter().fold(0, |sum: u64, file| sum.saturating_add(file.size))
    };
    let mut batches = Vec::new();
    let mut rest = nes;
    while !rest.is_empty() {
        let mut total = 0_u64;
        let fits = |ne: &&PlannedNe| {
            total = total.saturating_add(size(ne));
            total <= AT_ONCE
        };
        let length = rest.iter().take_while(fits).count().max(1);
        let (batch, later) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        batches.push(batch);
        rest = later;
    }
    batches
}

#[derive(Debug, Default)]
struct Buffers(Vec<Vec<u8>>);

impl PickSink for Buffers {
    fn start(&mut self, index: usize) {
        if let Some(buffer) = self.0.get_mut(index) {
            buffer.clear();
        }
    }

    fn data(&mut self, index: usize, bytes: &[u8]) {
        if let Some(buffer) = self.0.get_mut(index) {
            buffer.extend_from_slice(bytes);
        }
    }

    fn end(&mut self, _: usize) {}
}

/// The members of some network elements by chain path, read by position and their CRCs verified.
async fn read_members(
    source: &Source,
    index: &Index,
    nes: &[PlannedNe],
    only: Option<&str>,
) -> Result<HashMap<String, Bytes>, Failure> {
    let files: Vec<&PlannedFile> = nes.iter().flat_map(|ne| element::files(ne, only)).collect();
    let wanted: Vec<Wanted> =
        files.iter().map(|file| Wanted { chain: file.chain.clone(), crc32: file.crc32 }).collect();
    let recipe = index.recipe(&wanted).map_err(|error| Failure::of(Exit::Unexpected, error))?;
    let mut buffers = Buffers(vec![Vec::new(); files.len()]);
    for group in &recipe.groups {
        read_group(source, group, &mut buffers).await?;
    }
    let contents =
        files.iter().zip(buffers.0).map(|(file, content)| (file.chain_path.clone(), content.into()));
    Ok(contents.collect())
}

async fn read_group(source: &Source, group: &Group, buffers: &mut Buffers) -> Result<(), Failure> {
    let bad = |error: SeekError| {
        Failure::of(Exit::Archive, error).while_doing(format!("{} changed while it was read", source.name))
    };
    let mut reader = GroupReader::new(group).map_err(bad)?;
    let mut at = group.range.start;
    while at < group.range.end {
        let end = group.range.end.min(at.saturating_add(BLOCK));
        let block = source.read_at(at..end).await?;
        at = end;
        if reader.push(&block, buffers).map_err(bad)? == Flow::Stop {
            break;
        }
    }
    reader.finish(buffers).map_err(bad)
}

fn summary(planned: &Planned, findings: &Findings, preview: Option<&Preview>) -> serde_json::Value {
    let Planned { plan, stats, .. } = planned;
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for found in &findings.warnings {
        let count = counts.entry(found.warning.code.as_str()).or_default();
        *count = count.saturating_add(1);
    }
    json!({
        "plan": plan,
        "capture_ts": plan.capture.time,
        "sha256": planned.sha256.to_string(),
        "bytes_read": stats.consumed,
        "bytes_inflated": stats.inflated,
        "outcomes": findings.outcomes,
        "warnings": { "plan": plan.warnings, "parse": { "counts": counts, "kept": findings.warnings } },
        "verdict": preview,
    })
}

/// As the end of a load would be judged (specs: dumps 7.5, 7.7).
fn exit_of(plan: &Plan, findings: &Findings) -> Exit {
    let failed = findings.outcomes.iter().any(|found| found.outcome == Outcome::Failed);
    let read =
        findings.outcomes.iter().any(|found| !matches!(found.outcome, Outcome::Failed | Outcome::Missing));
    match (failed || plan.outer_end != OuterEnd::Whole, read) {
        (false, _) => Exit::Ok,
        (true, true) => Exit::Partial,
        (true, false) => Exit::Archive,
    }
}

fn say_outcomes(console: &Console, findings: &Findings) {
    let mut table = console.table(["NE", "PLUGIN", "OUTCOME", "RECORDS", "WARNINGS", "ERROR"]);
    table.force_no_tty();
    for found in &findings.outcomes {
        table.add_row(vec![
            found.ne.clone(),
            found.plugin.to_owned(),
            found.outcome.to_string(),
            found.records.to_string(),
            found.warnings.to_string(),
            found.error.clone().unwrap_or_default(),
        ]);
    }
    console.say(table.trim_fmt());
}
