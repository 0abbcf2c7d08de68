//! The order of plugins for one network element, and the merging of files (specs: dumps 4, 7.7).

use landfall_dumps::plugins::{FailureCode, KeyScope, Outcome, ParseContext, ParsedFile, Plugin, Registry};
use landfall_dumps::runner::{NeRun, NodeIdentity, PluginResult, RunError, UnitState, merge};

use crate::registry::Named;

fn parse(plugin: &str, text: &str, context: &ParseContext) -> ParsedFile {
    Registry::production().unwrap().plugin(plugin).unwrap().parse(text.as_bytes(), context)
}

fn lsp_file(rows: &[(&str, &str)]) -> ParsedFile {
    let rows = rows.iter().map(|(name, label)| format!("{name:<8}10.0.0.1   10.0.0.2   {label}\n"));
    let text = format!("Name    From       To         Label\n{}", rows.collect::<String>());
    parse("lsp", &text, &ParseContext::default())
}

fn result(outcome: Outcome) -> PluginResult {
    PluginResult { outcome, failure: None, files: Vec::new() }
}

fn failed() -> PluginResult {
    merge(
        KeyScope::Element,
        vec![("a".into(), parse("lsp", "no layout here at all", &ParseContext::default()))],
    )
}

fn pending_run() -> NeRun {
    let registry = Registry::production().unwrap();
    all_pending(&registry, "HEL")
}

/// A run of all plugins, none of which has begun.
fn all_pending(registry: &Registry, plan_ne: &str) -> NeRun {
    NeRun::new(registry, plan_ne, registry.plugins().map(|plugin| (plugin.name(), UnitState::Pending)))
}

#[test]
fn nothing_is_ready_before_node_is_final_and_then_all_by_rising_priority() {
    let mut run = pending_run();
    assert_eq!(run.ready(), ["node"]);
    run.start("node").unwrap();
    assert!(run.ready().is_empty());
    assert_eq!(run.finish("node", &result(Outcome::Ok)).unwrap(), Vec::<&str>::new());
    let after_node: Vec<_> = Registry::production().unwrap().plugins().skip(1).map(Plugin::name).collect();
    assert_eq!(run.ready(), after_node);
}

#[test]
fn node_that_waits_for_another_try_still_holds_the_others() {
    let mut run = pending_run();
    run.start("node").unwrap();
    run.fail("node", None).unwrap();
    assert_eq!(run.state("node"), Some(UnitState::Waiting));
    assert_eq!(run.ready(), ["node"]);
}

#[test]
fn a_failed_node_fails_its_dependents_but_not_those_that_do_not_require_it() {
    let registry = Registry::builder()
        .register(Named::new("node", 10, "n"))
        .register(Named::new("lsp", 30, "l").requires("node"))
        .register(Named::new("trace", 40, "t"))
        .register(Named::new("behind", 50, "b").requires("lsp"))
        .build()
        .unwrap();
    let mut run = all_pending(&registry, "HEL");
    run.start("node").unwrap();
    assert_eq!(run.finish("node", &failed()).unwrap(), ["lsp", "behind"]);
    assert_eq!(run.state("node"), Some(UnitState::Failed(FailureCode::NoHeader)));
    assert_eq!(run.state("lsp"), Some(UnitState::Failed(FailureCode::Dependency)));
    assert_eq!(run.ready(), ["trace"]);
}

#[test]
fn missing_and_empty_count_as_done_for_those_that_require_it() {
    let registry = Registry::production().unwrap();
    for outcome in [Outcome::Missing, Outcome::Empty, Outcome::Partial] {
        let states = [("node", UnitState::Done(outcome)), ("lsp", UnitState::Pending)];
        assert_eq!(NeRun::new(&registry, "HEL", states).ready(), ["lsp"], "{outcome}");
    }
    let lost = [("node", UnitState::Failed(FailureCode::SpoolLimit)), ("lsp", UnitState::Waiting)];
    let mut run = NeRun::new(&registry, "HEL", lost);
    assert!(run.ready().is_empty());
    assert_eq!(run.fail_dependents(), ["lsp"]);
    assert!(run.is_finished());
}

#[test]
fn moves_that_the_ledger_does_not_know_are_refused_and_change_nothing() {
    let mut run = pending_run();
    let refused = run.start("lsp").unwrap_err();
    insta::assert_snapshot!(refused, @"E_LEDGER_STATE: plugin lsp cannot start in state Pending");
    assert!(matches!(run.finish("node", &result(Outcome::Ok)), Err(RunError::State { .. })));
    assert!(matches!(run.start("dummy"), Err(RunError::UnknownPlugin { .. })));
    run.start("node").unwrap();
    assert!(run.start("node").is_err());
    run.release("node").unwrap();
    assert_eq!(run.state("node"), Some(UnitState::Pending));
}

#[test]
fn later_plugins_are_told_what_node_found_else_what_the_plan_knows() {
    let mut run = pending_run();
    let before = run.context("x.out", None);
    assert_eq!((before.ne_name.as_deref(), before.router_id), (Some("HEL"), None));
    run.start("node").unwrap();
    let node = parse("node", "Node Name : hel core\nNode Id : 10.20.0.1\n", &before);
    run.finish("node", &merge(KeyScope::Element, vec![("a".into(), node)])).unwrap();
    let after = run.context("CLI_Show_LSP.out", Some([10, 0, 0, 9].into()));
    insta::assert_debug_snapshot!(after, @r#"
    ParseContext {
        ne_name: Some(
            "HEL_CORE",
        ),
        router_id: Some(
            10.20.0.1,
        ),
        ne_dir: "HEL",
        path_ip: Some(
            10.0.0.9,
        ),
        basename: "CLI_Show_LSP.out",
    }
    "#);

    let registry = Registry::production().unwrap();
    let unknown = all_pending(&registry, "UNKNOWN");
    assert_eq!(unknown.context("x", None).ne_name, None);
    let stored = NodeIdentity { ne_name: Some("STORED".into()), router_id: None };
    assert_eq!(stored.context("UNKNOWN", "x", None).ne_name.as_deref(), Some("STORED"));
}

#[test]
fn files_merge_in_chain_path_order_and_the_first_of_a_key_stays() {
    let merged = merge(
        KeyScope::Element,
        vec![
            ("b".into(), lsp_file(&[("late", "9330"), ("only", "9340"), ("broken", "")])),
            ("a".into(), lsp_file(&[("first", "9330")])),
        ],
    );
    let names: Vec<String> = merged
        .records()
        .map(|record| serde_json::to_value(record).unwrap()["lsp_name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["first", "only", "broken"]);
    assert_eq!(merged.files.iter().map(|f| f.chain_path.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((merged.outcome, merged.record_count()), (Outcome::Ok, 3));
}

#[test]
fn where_the_chain_path_is_part_of_the_key_files_share_none() {
    let files = || {
        vec![
            ("b".to_owned(), lsp_file(&[("late", "9330"), ("only", "9340")])),
            ("a".to_owned(), lsp_file(&[("first", "9330")])),
        ]
    };
    let kept = |scope| merge(scope, files()).files.iter().map(|file| file.records.len()).collect::<Vec<_>>();
    assert_eq!(kept(KeyScope::Element), [1, 1]);
    assert_eq!(kept(KeyScope::File), [1, 2]);
    let mut broken = files();
    broken.push(("c".into(), parse("lsp", "what is this", &ParseContext::default())));
    assert_eq!(merge(KeyScope::File, broken).record_count(), 0, "a failed file fails them all");
}

#[test]
fn warnings_stay_with_their_file_and_make_the_whole_partial() {
    let merged = merge(
        KeyScope::Element,
        vec![
            ("a".into(), lsp_file(&[("first", "9330")])),
            ("b".into(), parse("lsp", "LSP Name : x\nFrom : y\n", &ParseContext::default())),
        ],
    );
    assert_eq!(merged.outcome, Outcome::Partial);
    assert!(merged.files[0].warnings.is_empty());
    assert_eq!(merged.files[1].warnings[0].to_string(), "W_MISSING_FIELD@1");
    assert_eq!(merged.warning_count(), 1);
}

#[test]
fn a_failed_file_fails_the_plugin_and_names_itself() {
    let merged = merge(
        KeyScope::Element,
        vec![
            ("b".into(), parse("lsp", "what is this", &ParseContext::default())),
            ("a".into(), lsp_file(&[("first", "9330")])),
        ],
    );
    assert_eq!((merged.outcome, merged.record_count()), (Outcome::Failed, 0));
    assert_eq!(merged.failure.unwrap().chain_path, "b");
}

#[test]
fn a_plugin_is_missing_only_if_it_is_in_every_file() {
    let missing = || ParsedFile::missing();
    assert_eq!(
        merge(KeyScope::Element, vec![("a".into(), missing()), ("b".into(), missing())]).outcome,
        Outcome::Missing
    );
    assert_eq!(merge(KeyScope::Element, Vec::new()).outcome, Outcome::Missing);
    let empty = parse("lsp", "", &ParseContext::default());
    assert_eq!(
        merge(KeyScope::Element, vec![("a".into(), missing()), ("b".into(), empty)]).outcome,
        Outcome::Empty
    );
}

#[test]
fn a_second_node_in_another_file_is_told_and_dropped() {
    let node = |name: &str| parse("node", &format!("Node Name : {name}\n"), &ParseContext::default());
    let merged = merge(
        KeyScope::Element,
        vec![("a".into(), node("one")), ("b".into(), node("two")), ("c".into(), node("one"))],
    );
    assert_eq!(merged.record_count(), 1);
    let told: Vec<String> = merged
        .files
        .iter()
        .map(|f| format!("{:?}", f.warnings.iter().map(ToString::to_string).collect::<Vec<_>>()))
        .collect();
    insta::assert_debug_snapshot!(told, @r#"
    [
        "[\"W_MGMT_IP_FALLBACK@1\"]",
        "[\"W_EXTRA_NODE@0\", \"W_MGMT_IP_FALLBACK@1\"]",
        "[\"W_MGMT_IP_FALLBACK@1\"]",
    ]
    "#);
}
