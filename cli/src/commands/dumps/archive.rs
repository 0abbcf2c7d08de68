//! The one pass over an archive, and the plan that comes of it (specs: dumps 7.9).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use landfall_archive::{Index, OuterEnd as WalkEnd};
use landfall_domain::{PlanId, Sha256Digest};
use landfall_dumps::capture_time::Window;
use landfall_dumps::catalogue::Contents;
use landfall_dumps::metadata::{CustomerName, MetadataSources, RawMetadata};
use landfall_dumps::plan::{OuterEnd, Plan, PlanError, PlanInput};
use landfall_dumps::plugins::Registry;
use landfall_dumps::values::timestamp;
use plan_archive::{Pass, PassError, PassStats, Passage, Rules};
use uuid::Uuid;

use super::source::Source;
use crate::{Console, Exit, Failure};

/// A planned archive.
#[derive(Debug)]
pub(super) struct Planned {
    pub plan: Plan,
    pub contents: Contents,
    pub sha256: Sha256Digest,
    pub stats: PassStats,
    /// Where every member stands.
    pub index: Option<Index>,
}

/// Reads an archive to its end and plans it. `capture_ts` stands for the upload's metadata.
pub(super) async fn plan(
    source: &mut Source,
    capture_ts: Option<DateTime<Utc>>,
    (rules, registry): (&Rules, &Arc<Registry>),
    console: &Console,
) -> Result<Planned, Failure> {
    let passage = pass(source, (rules, registry), console).await?;
    let end = match passage.end {
        WalkEnd::Whole | WalkEnd::Stopped => OuterEnd::Whole,
        WalkEnd::Broken { offset, text } => OuterEnd::Broken { text: format!("{text} (byte {offset})") },
    };
    let plan = Plan::build(&PlanInput {
        // Nothing is stored, so nothing needs a name; equal archives give equal output.
        plan_id: PlanId(Uuid::nil()),
        outer: &source.outer,
        meta_capture_ts: capture_ts.or_else(|| stated_time(source)),
        options: rules.options,
        plugins: &registry.descriptors(),
        contents: &passage.contents,
        end,
    });
    let plan = plan.map_err(|error: PlanError| {
        Failure::of(Exit::Archive, error)
            .while_doing("E_NO_TARGETS")
            .advise("no file in it is named as a plugin expects")
    })?;
    let index = passage.index.map(Index::parse).transpose();
    let index = index.map_err(|error| Failure::of(Exit::Unexpected, error))?;
    Ok(Planned { plan, contents: passage.contents, sha256: passage.sha256, stats: passage.stats, index })
}

/// Reads an archive to its end.
pub(super) async fn pass(
    source: &mut Source,
    (rules, registry): (&Rules, &Arc<Registry>),
    console: &Console,
) -> Result<Passage, Failure> {
    let bar = console.bytes_bar(source.size).with_message(format!("reading {}", source.outer));
    let pass = Pass::start(rules.limits.clone(), registry.clone(), Window::of_upload(source.written));
    while let Some(block) = source.next().await? {
        let length = block.len();
        if !pass.push(block).await {
            break;
        }
        bar.inc(u64::try_from(length).unwrap_or(0));
    }
    let passage = pass.finish().await;
    bar.finish_and_clear();
    passage.map_err(|error| bad(&source.name, error))
}

/// The registered plugins.
pub(super) fn registry() -> Result<Arc<Registry>, Failure> {
    Registry::production().map(Arc::new).map_err(|error| Failure::of(Exit::Unexpected, error))
}

/// Reads a capture time given as an argument.
pub(super) fn capture_time(text: &str) -> Result<DateTime<Utc>, String> {
    timestamp(text).ok_or_else(|| "expected a time of the years 2000 to 2099, as 2025-01-18T03:14:07Z".into())
}

/// The capture time that an object's own metadata states.
fn stated_time(source: &Source) -> Option<DateTime<Utc>> {
    let headers = source.metadata.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let headers = RawMetadata::from_headers(headers).ok()?;
    let key = RawMetadata::from_key(&source.name);
    let sources = MetadataSources::read(&source.outer, &headers, None, &key).ok()?;
    sources.resolve(CustomerName::key).ok()?.capture_ts
}

fn bad(name: &str, error: PassError) -> Failure {
    match error {
        PassError::Walk(error) => Failure::from(error).while_doing(name),
        PassError::Thread(error) => Failure::of(Exit::Unexpected, error).while_doing(name),
    }
}
