//! One network element of a dry run: the same order, barrier and merge as in production (specs: dumps 7.9).

use std::collections::HashMap;

use bytes::Bytes;
use landfall_dumps::names::base_name;
use landfall_dumps::plan::{Birth, PlannedFile, PlannedNe, PlannedPlugin};
use landfall_dumps::plugins::{FailureCode, Outcome, Registry};
use landfall_dumps::records::Record;
use landfall_dumps::runner::{NODE, NeRun, PluginResult, RunError, UnitState, merge};
use landfall_dumps::text::ParseWarning;
use serde::Serialize;

use crate::{Console, Exit, Failure};

/// One line of output.
#[derive(Debug, Serialize)]
struct RecordLine<'a> {
    ne: &'a str,
    plugin: &'a str,
    chain_path: &'a str,
    record: &'a Record,
}

/// How a plugin ended for a network element.
#[derive(Debug, Serialize)]
pub(super) struct PluginOutcome {
    pub ne: String,
    pub plugin: &'static str,
    pub outcome: Outcome,
    pub records: u64,
    pub warnings: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A warning of a parser.
#[derive(Debug, Serialize)]
pub(super) struct FileWarning {
    pub ne: String,
    pub plugin: &'static str,
    pub chain_path: String,
    #[serde(flatten)]
    pub warning: ParseWarning,
}

/// What a dry run has found so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub outcomes: Vec<PluginOutcome>,
    pub warnings: Vec<FileWarning>,
}

/// The rows that are to be run; with `only` that plugin and node, which names the network element.
pub(super) fn wanted<'a>(
    ne: &'a PlannedNe,
    only: Option<&'a str>,
) -> impl Iterator<Item = &'a PlannedPlugin> + use<'a> {
    let is_wanted = move |name: &str| only.is_none_or(|only| only == name || name == NODE);
    ne.plugins.iter().filter(move |planned| is_wanted(planned.plugin.as_str()))
}

/// The files that a network element needs, each once.
pub(super) fn files<'a>(ne: &'a PlannedNe, only: Option<&'a str>) -> Vec<&'a PlannedFile> {
    let open = wanted(ne, only).filter(|planned| planned.birth == Birth::Open);
    let mut files: Vec<&PlannedFile> = open.flat_map(|planned| &planned.files).collect();
    files.sort_by(|a, b| a.chain_path.cmp(&b.chain_path));
    files.dedup_by(|a, b| a.chain_path == b.chain_path);
    files
}

/// Parses a network element and prints its records.
pub(super) fn run(
    (ne, only): (&PlannedNe, Option<&str>),
    registry: &Registry,
    contents: &HashMap<String, Bytes>,
    findings: &mut Findings,
    console: &mut Console,
) -> Result<(), Failure> {
    let states = wanted(ne, only).map(|planned| (planned.plugin.as_str(), UnitState::from(&planned.birth)));
    let mut order = NeRun::new(registry, ne.ne.to_string(), states);
    order.fail_dependents();
    let mut results: HashMap<&str, PluginResult> = HashMap::new();
    while let Some(plugin) = order.ready().first().copied() {
        order.start(plugin).map_err(unexpected)?;
        let result = parse(ne, plugin, (registry, &order), contents);
        order.finish(plugin, &result).map_err(unexpected)?;
        if only.is_none_or(|only| only == plugin) {
            print(ne.ne.as_str(), plugin, &result, console)?;
        }
        results.insert(plugin, result);
    }
    for (plugin, state) in order.states().filter(|(plugin, _)| only.is_none_or(|only| only == *plugin)) {
        findings.note(ne, (plugin, state), results.get(plugin));
    }
    Ok(())
}

fn parse(
    ne: &PlannedNe,
    name: &str,
    (registry, order): (&Registry, &NeRun),
    contents: &HashMap<String, Bytes>,
) -> PluginResult {
    let planned = ne.plugins.iter().find(|planned| planned.plugin.as_str() == name);
    let (Some(plugin), Some(planned)) = (registry.plugin(name), planned) else {
        return PluginResult::missing();
    };
    let parsed = planned.files.iter().filter_map(|file| {
        let content = contents.get(&file.chain_path)?;
        let context = order.context(base_name(&file.chain_path), ne.path_ip);
        Some((file.chain_path.clone(), plugin.parse(content, &context)))
    });
    merge(plugin.key_scope(), parsed.collect())
}

fn print(ne: &str, plugin: &str, result: &PluginResult, console: &mut Console) -> Result<(), Failure> {
    for file in &result.files {
        for record in &file.records {
            console.json_line(&RecordLine { ne, plugin, chain_path: &file.chain_path, record })?;
        }
    }
    Ok(())
}

impl Findings {
    fn note(
        &mut self,
        ne: &PlannedNe,
        (plugin, state): (&'static str, UnitState),
        result: Option<&PluginResult>,
    ) {
        let (outcome, error) = match state {
            UnitState::Done(outcome) => (outcome, None),
            UnitState::Failed(code) => (Outcome::Failed, Some(error_text(ne, plugin, code, result))),
            // A dry run leaves nothing open.
            UnitState::Pending | UnitState::Running | UnitState::Waiting => (Outcome::Missing, None),
        };
        self.outcomes.push(PluginOutcome {
            ne: ne.ne.to_string(),
            plugin,
            outcome,
            records: result.map_or(0, PluginResult::record_count),
            warnings: result.map_or(0, PluginResult::warning_count),
            error,
        });
        for file in result.iter().flat_map(|result| &result.files) {
            self.warnings.extend(file.warnings.iter().map(|warning| FileWarning {
                ne: ne.ne.to_string(),
                plugin,
                chain_path: file.chain_path.clone(),
                warning: *warning,
            }));
        }
    }
}

fn error_text(ne: &PlannedNe, plugin: &str, code: FailureCode, result: Option<&PluginResult>) -> String {
    if let Some(failure) = result.and_then(|result| result.failure.as_ref()) {
        return format!("{}: {}", failure.failure, failure.chain_path);
    }
    let planned = ne.plugins.iter().find(|planned| planned.plugin.as_str() == plugin);
    match planned.map(|planned| &planned.birth) {
        Some(Birth::SpoolLimit { text }) => format!("{code}: {text}"),
        _ => code.to_string(),
    }
}

fn unexpected(error: RunError) -> Failure {
    Failure::of(Exit::Unexpected, error)
}
