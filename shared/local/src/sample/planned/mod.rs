//! What the project's own walk, plan and parsers make of the samples.

mod demo;
mod fixtures;
mod texts;

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use landfall_archive::{Limits, OuterEnd as WalkedEnd, Walk};
use landfall_domain::PlanId;
use landfall_dumps::capture_time::Window;
use landfall_dumps::catalogue::Catalogue;
use landfall_dumps::chain::ActiveFilter;
use landfall_dumps::plan::{
    OuterEnd, Plan, PlanInput, PlanOptions, PlannedNe, PlannedPlugin, PluginDescriptor,
};
use landfall_dumps::plugins::Registry;
use uuid::Uuid;

use crate::sample::fixtures::capture_on;

/// The plugins that are planned here. More registered ones do not change what these tests see.
const PLUGINS: [&str; 3] = ["node", "lsp", "alarm_state"];

/// The plan of an archive uploaded a day after the last sample was captured, or the error's text.
fn plan(file_name: &str, bytes: &[u8], limits: Limits, active: ActiveFilter) -> Result<Plan, String> {
    let registry = Registry::production().unwrap();
    let mut walk = Walk::new(limits);
    let mut catalogue = Catalogue::new(&registry, Window::of_upload(uploaded_at()));
    for block in bytes.chunks(64 << 10) {
        walk.push(block, &mut catalogue).map_err(|error| error.to_string())?;
    }
    let end = walk.finish(&mut catalogue).map_err(|error| error.to_string())?;
    let end = match end.outer {
        WalkedEnd::Whole => OuterEnd::Whole,
        WalkedEnd::Broken { text, .. } => OuterEnd::Broken { text },
        WalkedEnd::Stopped => unreachable!("a catalogue never stops a walk"),
    };
    let of_interest = |plugin: &PluginDescriptor| PLUGINS.contains(&plugin.name.as_str());
    let plugins: Vec<PluginDescriptor> = registry.descriptors().into_iter().filter(of_interest).collect();
    let input = PlanInput {
        plan_id: PlanId(Uuid::nil()),
        outer: file_name,
        meta_capture_ts: None,
        options: PlanOptions { active, ..PlanOptions::default() },
        plugins: &plugins,
        contents: &catalogue.finish(),
        end,
    };
    Plan::build(&input).map_err(|error| error.to_string())
}

fn uploaded_at() -> DateTime<Utc> {
    capture_on(24) + TimeDelta::hours(6)
}

/// A plan in a few lines: time, elements with chains and files, warnings.
fn shown(plan: Result<Plan, String>) -> String {
    let plan = match plan {
        Ok(plan) => plan,
        Err(error) => return format!("no plan: {error}\n"),
    };
    let capture = &plan.capture;
    let mut text = format!(
        "{} {} {}\n",
        capture.time.format("%F %T"),
        capture.precision.as_str(),
        capture.source.as_str()
    );
    if let OuterEnd::Broken { text: why } = &plan.outer_end {
        let _ = writeln!(text, "broken: {why}");
    }
    for planned in &plan.nes {
        show_element(&mut text, &plan.outer, planned);
    }
    for warning in plan.warnings.kept() {
        let line = format!("{} {}", warning.code, below(&plan.outer, &warning.chain_path));
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn show_element(text: &mut String, outer: &str, planned: &PlannedNe) {
    let line = format!("{} from {}", planned.ne, below(outer, &planned.chain.path));
    let _ = writeln!(text, "{}", line.trim_end());
    for unit in &planned.plugins {
        show_unit(text, &planned.chain.path, unit);
    }
}

/// A plugin with its files, which are named below the chain if they lie there.
fn show_unit(text: &mut String, chain: &str, unit: &PlannedPlugin) {
    let name =
        |path: &str| path.strip_prefix(chain).unwrap_or(path).trim_start_matches(['!', '/']).to_owned();
    let files: Vec<String> = unit.files.iter().map(|file| name(&file.chain_path)).collect();
    let birth = format!("{:?}", unit.birth);
    let birth = birth.split([' ', '{']).next().unwrap_or_default();
    let line = format!("  {} {birth} {}", unit.plugin.as_str(), files.join(" + "));
    let _ = writeln!(text, "{}", line.trim_end());
}

fn below<'a>(outer: &str, path: &'a str) -> &'a str {
    path.strip_prefix(outer).unwrap_or(path).trim_start_matches(['!', '/'])
}
