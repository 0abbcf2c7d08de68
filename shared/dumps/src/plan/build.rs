//! Makes the plan.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::element::plan_plugin;
use super::{
    Birth, OuterEnd, Plan, PlanError, PlanInput, PlanWarning, PlanWarningCode, PlannedNe, PlannedPlugin,
    PluginDescriptor, Totals,
};
use crate::capture_time::{CaptureStamp, Clues, Source, choose as choose_time};
use crate::catalogue::{Contents, PluginRef, TargetFile, WarningLog};
use crate::chain::{Choice, candidates, choose};
use crate::names::{PlanNe, base_name};
use crate::values::leftmost_ipv4;

type Warnings = WarningLog<PlanWarningCode, PlanWarning>;

impl Plan {
    /// Plans one plugin anew for every network element, along the chains that this plan chose; these are not
    /// chosen again (specs: dumps 7.8). `contents` is the same archive, catalogued with the plugin's targets.
    pub fn backfill(
        &self,
        contents: &Contents,
        descriptor: &PluginDescriptor,
    ) -> Vec<(PlanNe, PlannedPlugin)> {
        let names = std::iter::once(&descriptor.name).chain(&descriptor.yields_to);
        let mut found = candidates(&self.outer, contents, &names.map(PluginRef::as_str).collect());
        let plan_one = |planned: &PlannedNe| {
            let here = found.remove(&planned.ne).unwrap_or_default();
            let places = std::iter::once(&planned.chain).chain(&planned.extra_chains);
            let along: Vec<_> =
                places.filter_map(|place| here.iter().find(|found| found.place.path == place.path)).collect();
            let limit = self.options.spool_limit;
            let (plugin, _) = plan_plugin(&self.outer, limit, descriptor, &along);
            (planned.ne.clone(), plugin)
        };
        self.nes.iter().map(plan_one).collect()
    }

    /// Plans an archive: chooses the chains, assigns files to plugins and finds the capture time.
    ///
    /// # Errors
    /// [`PlanError::NoTargets`] if there is no target file or no network element is left.
    pub fn build(input: &PlanInput<'_>) -> Result<Self, PlanError> {
        let mut plugins: Vec<&PluginDescriptor> = input.plugins.iter().collect();
        plugins.sort_by(|a, b| (a.priority, &a.name).cmp(&(b.priority, &b.name)));
        let mut warnings = archive_warnings(input);
        let (choices, dropped) = choose_chains(input, &mut warnings);
        if choices.is_empty() {
            return Err(no_targets(input, dropped));
        }
        let capture = capture_time(input, &choices);
        let nes: Vec<PlannedNe> = choices
            .into_iter()
            .map(|(ne, choice)| plan_element(input, &plugins, (ne, choice), &mut warnings))
            .collect();
        if capture.source == Source::Upload {
            let text = "no time in metadata, names or logs: the upload time stands for it".to_owned();
            let warning = warning(PlanWarningCode::WTsFallback, None, input.outer.to_owned(), text);
            warnings.push(warning.code, warning);
        }
        Ok(Self {
            plan_id: input.plan_id,
            outer: input.outer.to_owned(),
            options: input.options,
            capture,
            outer_end: input.end.clone(),
            sidecar: None,
            totals: totals(input, &nes),
            nes,
            warnings,
        })
    }
}

/// Chooses the chain of each network element; also counts the dropped ones.
fn choose_chains<'a>(
    input: &PlanInput<'a>,
    warnings: &mut Warnings,
) -> (BTreeMap<PlanNe, Choice<'a>>, usize) {
    let names: BTreeSet<&str> = input.plugins.iter().map(|plugin| plugin.name.as_str()).collect();
    let mut choices = BTreeMap::new();
    let mut dropped = 0_usize;
    for (ne, found) in candidates(input.outer, input.contents, &names) {
        let count = found.len();
        let Some(choice) = choose(found, input.options.active) else {
            dropped = dropped.saturating_add(1);
            let text = format!("{ne} is dropped: none of its {count} containers is active");
            let warning = warning(PlanWarningCode::WNoActive, Some(&ne), input.outer.to_owned(), text);
            warnings.push(warning.code, warning);
            continue;
        };
        if choice.fell_back {
            let text = format!("none of the {count} containers is active: all are taken");
            let path = choice.chain.place.path.clone();
            let warning = warning(PlanWarningCode::WActiveFallback, Some(&ne), path, text);
            warnings.push(warning.code, warning);
        }
        choices.insert(ne, choice);
    }
    (choices, dropped)
}

fn plan_element(
    input: &PlanInput<'_>,
    plugins: &[&PluginDescriptor],
    (ne, choice): (PlanNe, Choice<'_>),
    warnings: &mut Warnings,
) -> PlannedNe {
    let ranked: Vec<_> = choice.all().collect();
    let mut planned = Vec::with_capacity(plugins.len());
    for descriptor in plugins {
        let (plugin, serving) = plan_plugin(input.outer, input.options.spool_limit, descriptor, &ranked);
        if let Some(extra) = serving.filter(|serving| serving.place != choice.chain.place) {
            let text = format!("{} has no file in {}", descriptor.name, choice.chain.place.path);
            let path = extra.place.path.clone();
            let mut warning = warning(PlanWarningCode::WExtraChain, Some(&ne), path, text);
            warning.plugin = Some(descriptor.name.clone());
            warnings.push(warning.code, warning);
        }
        planned.push(plugin);
    }
    let mut files = planned.iter().flat_map(|plugin| &plugin.files);
    PlannedNe {
        path_ip: files.find_map(|file| leftmost_ipv4(&file.chain_path)),
        ne,
        chain: choice.chain.place,
        extra_chains: choice.extra_chains.into_iter().map(|candidate| candidate.place).collect(),
        plugins: planned,
    }
}

fn capture_time(input: &PlanInput<'_>, choices: &BTreeMap<PlanNe, Choice<'_>>) -> CaptureStamp {
    let mut clues = Clues { meta: input.meta_capture_ts, names: vec![input.outer], logs: Vec::new() };
    for Choice { chain, .. } in choices.values() {
        let archives = chain.files.first().and_then(|(_, file)| file.chain.steps.split_last());
        let archives = archives.map_or(&[][..], |(_, archives)| archives);
        clues.names.extend(archives.iter().map(|step| base_name(&step.path)));
        clues.logs.extend(log_times(&chain.files));
    }
    choose_time(&clues, input.contents.window())
}

/// The times noted in the files of a chain: NEA traces first, then alarm states, then the others.
fn log_times(files: &[(&str, &TargetFile)]) -> Vec<DateTime<Utc>> {
    let rank = |file: &TargetFile| {
        let first = ["nea_trace", "alarm_state"].into_iter().position(|plugin| file.is_for(plugin));
        first.unwrap_or(usize::MAX)
    };
    let mut noted: Vec<_> = files.iter().filter_map(|(_, file)| Some((rank(file), file.log_time?))).collect();
    noted.sort_by_key(|(rank, _)| *rank);
    noted.into_iter().map(|(_, time)| time).collect()
}

fn archive_warnings(input: &PlanInput<'_>) -> Warnings {
    input.contents.warnings().translate(
        |code| PlanWarningCode::from(*code),
        |from| {
            let below = if from.chain_path.is_empty() { "" } else { "!/" };
            let path = format!("{}{below}{}", input.outer, from.chain_path);
            let mut warning = warning(from.code.into(), None, path, from.text.clone());
            warning.offset = Some(from.offset);
            warning
        },
    )
}

fn warning(code: PlanWarningCode, ne: Option<&PlanNe>, chain_path: String, text: String) -> PlanWarning {
    PlanWarning { code, ne: ne.cloned(), plugin: None::<PluginRef>, chain_path, offset: None, text }
}

fn no_targets(input: &PlanInput<'_>, dropped: usize) -> PlanError {
    let counts = input.contents.counts();
    let mut parts = vec![if dropped == 0 {
        format!("no whole target file among {} files", counts.files)
    } else {
        format!("all {dropped} network elements are dropped: none has an active container")
    }];
    if counts.broken_targets > 0 {
        parts.push(format!("{} target files were lost to damage", counts.broken_targets));
    }
    if let OuterEnd::Broken { text } = &input.end {
        parts.push(format!("the object is broken: {text}"));
    }
    PlanError::NoTargets { outer: input.outer.to_owned(), text: parts.join("; ") }
}

fn totals(input: &PlanInput<'_>, nes: &[PlannedNe]) -> Totals {
    let counts = input.contents.counts();
    let units = nes.iter().flat_map(|ne| &ne.plugins);
    let open = units.clone().filter(|unit| unit.birth == Birth::Open);
    let files: BTreeMap<&str, u64> =
        open.clone().flat_map(|unit| &unit.files).map(|file| (file.chain_path.as_str(), file.size)).collect();
    let missing = units.clone().filter(|unit| unit.birth == Birth::Missing);
    let over = units.filter(|unit| matches!(unit.birth, Birth::SpoolLimit { .. }));
    Totals {
        files: counts.files,
        target_files: counts.target_files,
        broken_targets: counts.broken_targets,
        planned_files: count(files.len()),
        planned_bytes: files.values().fold(0, |sum, size| sum.saturating_add(*size)),
        open_units: count(open.count()),
        missing_units: count(missing.count()),
        spool_limit_units: count(over.count()),
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
