//! What the project's own walk, plan and parsers make of the samples.

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

use super::fixtures::capture_on;

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
    let mut text =
        format!("{} {} {}\n", capture.time.format("%F %T"), capture.precision.as_str(), capture.source.as_str());
    if let OuterEnd::Broken { text: why } = &plan.outer_end {
        let _ = writeln!(text, "broken: {why}");
    }
    for planned in &plan.nes {
        show_element(&mut text, &plan.outer, planned);
    }
    for warning in plan.warnings.kept() {
        let _ = writeln!(text, "{} {}", warning.code, below(&plan.outer, &warning.chain_path));
    }
    text
}

fn show_element(text: &mut String, outer: &str, planned: &PlannedNe) {
    let _ = writeln!(text, "{} from {}", planned.ne, below(outer, &planned.chain.path));
    for unit in &planned.plugins {
        show_unit(text, &planned.chain.path, unit);
    }
}

/// A plugin with its files, which are named below the chain if they lie there.
fn show_unit(text: &mut String, chain: &str, unit: &PlannedPlugin) {
    let name = |path: &str| path.strip_prefix(chain).unwrap_or(path).trim_start_matches(['!', '/']).to_owned();
    let files: Vec<String> = unit.files.iter().map(|file| name(&file.chain_path)).collect();
    let birth = format!("{:?}", unit.birth);
    let birth = birth.split([' ', '{']).next().unwrap_or_default();
    let _ = writeln!(text, "  {} {birth} {}", unit.plugin.as_str(), files.join(" + "));
}

fn below<'a>(outer: &str, path: &'a str) -> &'a str {
    path.strip_prefix(outer).unwrap_or(path).trim_start_matches(['!', '/'])
}

mod tests {
    use std::io::Read;
    use std::net::Ipv4Addr;

    use flate2::read::MultiGzDecoder;
    use landfall_archive::Limits;
    use landfall_dumps::chain::ActiveFilter;
    use landfall_dumps::metadata::{Field, KeyKind, RawMetadata, classify_key};
    use landfall_dumps::plugins::{Outcome, ParseContext, ParsedFile, Registry};

    use super::{plan, shown};
    use crate::sample::fixtures::capture_on;
    use crate::sample::fixtures::listing::FIXTURES;
    use crate::sample::{
        AlarmText, DemoObject, Dump, Ec, Layout, LspText, Node, NodeText, Role, demo_objects, write_large,
    };

    const LAYOUTS: [Layout; 2] = [Layout::KeyValue, Layout::Table];

    fn parse(plugin: &str, text: &str) -> ParsedFile {
        let context = ParseContext { ne_dir: "HEL-CORE-01".to_owned(), ..ParseContext::default() };
        Registry::production().unwrap().plugin(plugin).unwrap().parse(text.as_bytes(), &context)
    }

    fn assert_whole(parsed: &ParsedFile, records: usize) {
        assert_eq!(parsed.warnings, []);
        assert_eq!(parsed.records.len(), records);
        assert_eq!(parsed.outcome, if records == 0 { Outcome::Empty } else { Outcome::Ok });
    }

    fn fixtures(names: &[&str], active: ActiveFilter) -> String {
        let plans = names.iter().map(|name| {
            let fixture = FIXTURES.iter().find(|fixture| fixture.name == *name).unwrap();
            let plan = plan(&fixture.file_name, &fixture.bytes, Limits::default(), active);
            format!("## {name}\n{}", shown(plan))
        });
        plans.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn generated_texts_are_read_without_a_warning() {
        let router_id = Ipv4Addr::new(10, 20, 0, 1);
        for layout in LAYOUTS {
            assert_whole(&parse("node", &NodeText::new("HEL-CORE-01", router_id).layout(layout).render()), 1);
            for (count, seed) in [(0, 1), (1, 2), (1234, 3)] {
                let lsps = LspText::new("HEL-CORE-01", router_id).count(count).seed(seed).layout(layout);
                assert_whole(&parse("lsp", &lsps.render()), count as usize);
                let alarms = AlarmText::new("HEL-CORE-01", capture_on(0)).count(count).seed(seed).layout(layout);
                assert_whole(&parse("alarm_state", &alarms.render()), count as usize);
            }
        }
    }

    #[test]
    fn plain_and_nested_fixtures() {
        let names = [
            "example_small",
            "example_small_v2",
            "example_small_v2_with_lsp",
            "origin_a",
            "origin_b",
            "example_nested_chain",
            "example_nested_chain_act_240118",
            "example_deep_nested_depth8",
            "example_depth9",
        ];
        insta::assert_snapshot!(fixtures(&names, ActiveFilter::Off), @"");
    }

    #[test]
    fn fixtures_with_all_kinds_of_targets() {
        let names = ["example_two_nodes", "example_all_plugins", "example_no_targets"];
        insta::assert_snapshot!(fixtures(&names, ActiveFilter::Off), @"");
    }

    #[test]
    fn fixtures_with_a_choice_of_chains() {
        let names = ["example_act_vs_stdby", "example_ecs81_preferred", "example_extra_chain"];
        insta::assert_snapshot!(fixtures(&names, ActiveFilter::Off), @"");
    }

    #[test]
    fn fixtures_without_an_active_chain() {
        let names = ["example_active_only_fallback", "example_stdby_only"];
        insta::assert_snapshot!(fixtures(&names, ActiveFilter::WithFallback), @"");
        insta::assert_snapshot!(fixtures(&names, ActiveFilter::Strict), @"");
    }

    #[test]
    fn fixtures_with_damage_or_a_large_member() {
        let names = ["example_corrupt_inner", "example_truncated_outer", "example_spool_limit"];
        insta::assert_snapshot!(fixtures(&names, ActiveFilter::Off), @"");
    }

    #[test]
    fn fixtures_with_unusual_names_and_entries() {
        let names = ["example_case", "example_backslash", "example_unsafe_paths", "example_links"];
        insta::assert_snapshot!(fixtures(&names, ActiveFilter::Off), @"");
    }

    #[test]
    fn a_depth_limit_of_seven_misses_the_targets_of_depth_eight() {
        let fixture = FIXTURES.iter().find(|fixture| fixture.name == "example_deep_nested_depth8").unwrap();
        let limits = Limits { max_depth: 7, ..Limits::default() };
        let error = plan(&fixture.file_name, &fixture.bytes, limits, ActiveFilter::Off).unwrap_err();
        insta::assert_snapshot!(error, @"");
    }

    #[test]
    fn the_demo_shows_what_it_says() {
        let texts: Vec<String> = demo_objects()
            .iter()
            .map(|object| {
                let DemoObject { key, body, what, .. } = object;
                let end = match classify_key(key) {
                    KeyKind::Archive => {
                        let file = key.rsplit('/').next().unwrap();
                        shown(plan(file, body, Limits::default(), ActiveFilter::Off))
                    }
                    other => format!("{other:?}\n"),
                };
                format!("## {what}\n{end}")
            })
            .collect();
        insta::assert_snapshot!(texts.join("\n"), @"");
    }

    #[test]
    fn the_keys_of_the_demo_give_all_needed_metadata() {
        for object in demo_objects() {
            let raw = RawMetadata::from_key(&object.key);
            for field in [Field::Customer, Field::Network, Field::Ticket] {
                assert!(raw.get(field).is_some(), "{} {field:?}", object.key);
            }
        }
    }

    #[test]
    fn a_large_dump_is_planned_from_its_own_files() {
        let node = NodeText::new("HEL-CORE-01", Ipv4Addr::new(10, 20, 0, 1)).render();
        let ec = Ec::new(81, 1, Role::Act).file("cli/CLI_Show_Node.out", node.clone());
        let dump = Dump::new("core", capture_on(0)).node(Node::new("HEL-CORE-01").ec(ec));
        let mut bytes = Vec::new();
        write_large(&dump, 400_000, &mut bytes).unwrap();
        let plan = plan(&dump.file_name(), &bytes, Limits::default(), ActiveFilter::Off);
        insta::assert_snapshot!(shown(plan), @"");
        let mut content = Vec::new();
        MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut content).unwrap();
    }
}
