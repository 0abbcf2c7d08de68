//! Which rows a worker gets, what falls with a failed requirement, and what no sequence of events can break.

use std::ops::Range;

use chrono::TimeDelta;
use landfall_dumps::ledger::{
    self, Claimed, LedgerOutcome, LedgerRow, LedgerState, MAX_ATTEMPTS, NODE, Owner, claim,
};
use landfall_dumps::plugins::{Outcome, Plugin, Registry};
use landfall_dumps::runner::{NeRun, PluginResult, UnitState};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::ledger::{LEASE, OTHER_PLAN, PLAN, now, pending, running};
use crate::registry::Named;

const WANTED: [(&str, &[&str]); 4] =
    [("lsp", &["dpr_db"]), ("node", &[]), ("alarm_state", &[]), ("dpr_db", &[])];

fn rows() -> Vec<LedgerRow> {
    vec![pending("node", 10), pending("dpr_db", 20), pending("lsp", 30), pending("alarm_state", 70)]
}

fn done(plugin: &str, priority: i32) -> LedgerRow {
    let (state, outcome) = (LedgerState::Done, Some(LedgerOutcome::Missing));
    LedgerRow { state, outcome, ..pending(plugin, priority) }
}

fn lost(plugin: &str, priority: i32) -> LedgerRow {
    let (state, outcome) = (LedgerState::Failed, Some(LedgerOutcome::Failed));
    LedgerRow { state, outcome, attempts: MAX_ATTEMPTS, ..pending(plugin, priority) }
}

fn claims(rows: &mut [LedgerRow]) -> Vec<String> {
    let claimed = claim(rows, &WANTED, ("w", PLAN), (now(), LEASE));
    claimed.into_iter().map(|c| format!("{} {}", c.plugin, c.attempt)).collect()
}

#[test]
fn while_node_is_open_node_is_claimed_alone() {
    assert_eq!(claims(&mut rows()), ["node 1"]);
    let mut held = rows();
    held[0] = LedgerRow { plugin: NODE.into(), priority: 10, ..running("x", 1) };
    assert!(claims(&mut held).is_empty());
}

#[test]
fn after_node_the_rest_is_claimed_by_priority_except_what_still_waits_for_a_requirement() {
    let mut rows = rows();
    rows[0] = done("node", 10);
    rows.reverse();
    assert_eq!(claims(&mut rows), ["dpr_db 1", "alarm_state 1"]);
}

#[test]
fn a_node_that_failed_for_good_holds_nobody_back() {
    let mut rows = rows();
    rows[0] = lost("node", 10);
    rows[1] = done("dpr_db", 20);
    assert_eq!(claims(&mut rows), ["lsp 1", "alarm_state 1"]);
}

#[test]
fn a_requirement_counts_once_done_even_if_nothing_was_there() {
    let with = |dpr: &[LedgerRow]| {
        let mut rows = [&[pending("lsp", 30)], dpr].concat();
        claim(&mut rows, &WANTED[..1], ("w", PLAN), (now(), LEASE)).len() == 1
    };
    assert!(with(&[done("dpr_db", 20)]));
    assert!(!with(&[pending("dpr_db", 20)]));
    assert!(!with(&[lost("dpr_db", 20)]));
    assert!(with(&[]), "it is not registered");
}

#[test]
fn only_wanted_rows_of_the_same_plan_are_claimed() {
    let mut rows = rows();
    rows[0] = done("node", 10);
    rows[1].plan_id = OTHER_PLAN;
    let wanted: [(&str, &[&str]); 1] = [("dpr_db", &[])];
    assert!(claim(&mut rows, &wanted, ("w", PLAN), (now(), LEASE)).is_empty());
    let newer = claim(&mut rows, &wanted, ("w", OTHER_PLAN), (now(), LEASE));
    assert_eq!(newer, [Claimed { plugin: "dpr_db".into(), attempt: 1 }]);
    assert_eq!(rows[3].state, LedgerState::Pending);
}

#[test]
fn open_rows_that_need_a_lost_plugin_end_with_it_and_so_on_down_the_line() {
    let mut rows = rows();
    rows[1] = lost("dpr_db", 20);
    let requires = |plugin: &str| match plugin {
        "lsp" => vec!["dpr_db".to_owned()],
        "alarm_state" => vec!["lsp".to_owned()],
        _ => Vec::new(),
    };
    let ended = ledger::fail_dependents(&mut rows, requires, now());
    let shown: Vec<String> = rows
        .iter()
        .map(|r| format!("{} {} {}", r.plugin, r.state, r.error_code.as_deref().unwrap_or("-")))
        .collect();
    assert_eq!(ended, 2);
    insta::assert_debug_snapshot!(shown, @r#"
    [
        "node PENDING -",
        "dpr_db FAILED -",
        "lsp FAILED E_DEPENDENCY",
        "alarm_state FAILED E_DEPENDENCY",
    ]
    "#);
}

#[test]
fn a_retry_names_the_open_rows_that_cannot_begin_before_it() {
    let requires = |plugin: &str| match plugin {
        "lsp" => vec!["dpr_db".to_owned()],
        "alarm_state" => vec!["lsp".to_owned()],
        _ => Vec::new(),
    };
    let mut rows = rows();
    let waiting = |rows: &[LedgerRow], plugin| ledger::waiting_for(rows, plugin, requires, now()).join(" ");
    assert_eq!(waiting(&rows, "node"), "dpr_db lsp alarm_state");
    assert_eq!(waiting(&rows, "dpr_db"), "lsp alarm_state");
    assert_eq!(waiting(&rows, "alarm_state"), "");
    assert_eq!(waiting(&rows, "unknown"), "");
    rows[2] = done("lsp", 30);
    assert_eq!(waiting(&rows, "node"), "dpr_db alarm_state");
    assert_eq!(waiting(&rows, "dpr_db"), "", "what is done holds nobody up");
}

/// Claims and finishes one row after the other; gives their order.
fn order_of_ledger(registry: &Registry) -> Vec<String> {
    let row = |plugin: &dyn Plugin| pending(plugin.name(), i32::try_from(plugin.priority()).unwrap());
    let mut rows: Vec<LedgerRow> = registry.plugins().map(row).collect();
    let wanted: Vec<_> = registry.plugins().map(|plugin| (plugin.name(), plugin.requires())).collect();
    let mut order = Vec::new();
    loop {
        let mut offered = rows.clone();
        let claimed = claim(&mut offered, &wanted, ("w", PLAN), (now(), LEASE));
        let Some(Claimed { plugin, .. }) = claimed.into_iter().next() else { return order };
        let row = rows.iter_mut().find(|row| row.plugin == plugin).unwrap();
        (row.state, row.outcome) = (LedgerState::Done, Some(LedgerOutcome::Ok));
        order.push(plugin);
    }
}

fn order_of_dry_run(registry: &Registry) -> Vec<String> {
    let pending = registry.plugins().map(|plugin| (plugin.name(), UnitState::Pending));
    let mut run = NeRun::new(registry, "HEL", pending);
    let mut order = Vec::new();
    while let Some(plugin) = run.ready().first().copied() {
        run.start(plugin).unwrap();
        run.finish(plugin, &PluginResult { outcome: Outcome::Ok, failure: None, files: Vec::new() }).unwrap();
        order.push(plugin.to_owned());
    }
    order
}

#[test]
fn the_worker_and_the_dry_run_take_plugins_in_one_order() {
    let registry = Registry::builder()
        .register(Named::new("first", 5, "f"))
        .register(Named::new("node", 10, "n"))
        .register(Named::new("lsp", 30, "l").requires("node"))
        .register(Named::new("behind", 50, "b").requires("lsp").requires("first"))
        .register(Named::new("trace", 40, "t"))
        .build()
        .unwrap();
    let order = order_of_ledger(&registry);
    assert_eq!(order, ["node", "first", "lsp", "trace", "behind"]);
    assert_eq!(order, order_of_dry_run(&registry));
}

#[test]
fn a_dependent_that_runs_is_left_to_its_worker() {
    let mut rows = vec![lost("dpr_db", 20), running("w", 1)];
    assert_eq!(ledger::fail_dependents(&mut rows, |_| vec!["dpr_db".into()], now()), 0);
}

/// What may happen to the rows of a network element.
#[derive(Debug, Clone)]
enum Happening {
    Claim { worker: u8 },
    Finish { row: usize, worker: u8, attempt: i32 },
    Fail { row: usize, worker: u8, attempt: i32, lasting: bool },
    Release { row: usize, worker: u8, attempt: i32 },
    LoseLease { row: usize },
    LoseSource { row: usize },
    Reset { row: usize },
    Time { seconds: i64 },
}

const ROWS: Range<usize> = 0..4;

fn happening() -> impl Strategy<Value = Happening> {
    let who = (ROWS, 0..2_u8, 1..=MAX_ATTEMPTS);
    prop_oneof![
        4 => (0..2_u8).prop_map(|worker| Happening::Claim { worker }),
        3 => who.clone().prop_map(|(row, worker, attempt)| Happening::Finish { row, worker, attempt }),
        4 => (who.clone(), any::<bool>())
            .prop_map(|((row, worker, attempt), lasting)| Happening::Fail { row, worker, attempt, lasting }),
        2 => who.prop_map(|(row, worker, attempt)| Happening::Release { row, worker, attempt }),
        2 => ROWS.prop_map(|row| Happening::LoseLease { row }),
        1 => ROWS.prop_map(|row| Happening::LoseSource { row }),
        1 => ROWS.prop_map(|row| Happening::Reset { row }),
        4 => (0..1_000_i64).prop_map(|seconds| Happening::Time { seconds }),
    ]
}

fn owner(worker: u8, attempt: i32) -> Owner {
    Owner { name: worker.to_string(), attempt, plan_id: PLAN }
}

/// Applies a happening; gives whether it was allowed.
fn apply(rows: &mut [LedgerRow], happening: &Happening, now: &mut chrono::DateTime<chrono::Utc>) -> bool {
    match *happening {
        Happening::Claim { worker } => {
            let name = worker.to_string();
            !claim(rows, &WANTED, (&name, PLAN), (*now, LEASE)).is_empty()
        }
        Happening::Finish { row, worker, attempt } => {
            ledger::finish(&mut rows[row], &owner(worker, attempt), LedgerOutcome::Ok, (1, 0), *now).is_ok()
        }
        Happening::Fail { row, worker, attempt, lasting } => {
            let code = if lasting { "E_NO_HEADER" } else { "store_unavailable" };
            ledger::fail(&mut rows[row], &owner(worker, attempt), (code, ""), *now).is_ok()
        }
        Happening::Release { row, worker, attempt } => {
            ledger::release(&mut rows[row], &owner(worker, attempt), *now).is_ok()
        }
        Happening::LoseLease { row } => ledger::lose_lease(&mut rows[row], *now).is_ok(),
        Happening::LoseSource { row } => {
            ledger::end_without_source(&mut rows[row], ("E_SOURCE_MISSING", ""), *now);
            true
        }
        Happening::Reset { row } => ledger::reset(&mut rows[row], PLAN).is_ok(),
        Happening::Time { seconds } => {
            *now += TimeDelta::seconds(seconds);
            true
        }
    }
}

fn check(before: &[LedgerRow], after: &[LedgerRow], happening: &Happening) {
    for (old, new) in before.iter().zip(after) {
        assert!((0..=MAX_ATTEMPTS).contains(&new.attempts), "{new:?}");
        let held = new.lease_owner.is_some() && new.lease_until.is_some();
        assert_eq!(
            new.state == LedgerState::Running,
            held,
            "exactly a running row has owner and lease: {new:?}"
        );
        assert!(new.state != LedgerState::Running || new.attempts > 0, "{new:?}");
        let waits = new.next_attempt_at.is_some();
        assert!(!waits || (new.state == LedgerState::Failed && !new.is_final()), "{new:?}");
        assert_eq!(new.failed_for_good() || waits, new.state == LedgerState::Failed, "{new:?}");
        if old.is_final() && !matches!(happening, Happening::Reset { .. }) {
            assert_eq!(old, new, "final rows are moved by a reset only");
        }
    }
    let node_open = after.iter().any(|r| r.plugin == NODE && !r.is_final());
    let began = before.iter().zip(after).any(|(old, new)| {
        new.state == LedgerState::Running && old.state != LedgerState::Running && new.plugin != NODE
    });
    assert!(!(node_open && began), "nothing begins while node is open");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn no_sequence_of_events_breaks_the_ledger(happenings in vec(happening(), 1..60)) {
        let (mut rows, mut now) = (rows(), now());
        for happening in &happenings {
            let before = rows.clone();
            let allowed = apply(&mut rows, happening, &mut now);
            if !allowed {
                prop_assert_eq!(&before, &rows, "a refused move changes nothing");
            }
            check(&before, &rows, happening);
        }
    }
}
