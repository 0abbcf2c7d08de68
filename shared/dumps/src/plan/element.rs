//! The ledger rows of one network element.

use super::{Birth, PlannedFile, PlannedPlugin, PluginDescriptor};
use crate::catalogue::{PluginRef, TargetFile};
use crate::chain::Candidate;

/// Plans one plugin: its files come from the first candidate that has one, all of them. Also gives that
/// candidate; one that is not the chain deserves `W_EXTRA_CHAIN`.
pub(super) fn plan_plugin<'c, 'a>(
    outer: &str,
    spool_limit: u64,
    descriptor: &PluginDescriptor,
    candidates: &[&'c Candidate<'a>],
) -> (PlannedPlugin, Option<&'c Candidate<'a>>) {
    let serving = |plugin: &PluginRef| {
        candidates.iter().copied().find(|candidate| candidate.files_for(plugin.as_str()).next().is_some())
    };
    let yields = descriptor.yields_to.iter().any(|other| serving(other).is_some());
    let serving = if yields { None } else { serving(&descriptor.name) };
    let files = serving.map(|candidate| files(outer, candidate, descriptor)).unwrap_or_default();
    let birth = birth(&files, spool_limit);
    let PluginDescriptor { name, version, priority, .. } = descriptor;
    let planned =
        PlannedPlugin { plugin: name.clone(), version: *version, priority: *priority, birth, files };
    (planned, serving)
}

fn files(outer: &str, candidate: &Candidate<'_>, descriptor: &PluginDescriptor) -> Vec<PlannedFile> {
    let planned = |(_, file): (&str, &TargetFile)| PlannedFile {
        chain_path: file.chain.display(outer),
        chain: file.chain.clone(),
        size: file.size(),
        crc32: file.crc32,
    };
    candidate.files_for(descriptor.name.as_str()).map(planned).collect()
}

fn birth(files: &[PlannedFile], spool_limit: u64) -> Birth {
    if files.is_empty() {
        return Birth::Missing;
    }
    match files.iter().find(|file| file.size > spool_limit) {
        None => Birth::Open,
        Some(PlannedFile { chain_path, size, .. }) => Birth::SpoolLimit {
            text: format!("{chain_path} has {size} bytes, more than the {spool_limit} bytes of spool_limit"),
        },
    }
}
