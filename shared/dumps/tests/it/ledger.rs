//! The moves of a ledger row: each state beside each event (specs: dumps 7.7).
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::{Classify, Disposition, PlanId};
use landfall_dumps::ledger::{
    self, LedgerOutcome, LedgerRow, LedgerState, MAX_ATTEMPTS, Owner, claim, retry_wait,
};
use uuid::Uuid;

use crate::dump::at;

pub const LEASE: TimeDelta = TimeDelta::seconds(300);
pub const PLAN: PlanId = PlanId(Uuid::from_u128(1));
pub const OTHER_PLAN: PlanId = PlanId(Uuid::from_u128(2));

pub fn now() -> DateTime<Utc> {
    at("2025-01-18T09:00:00Z")
}

pub fn owner(name: &str, attempt: i32) -> Owner {
    Owner { name: name.into(), attempt, plan_id: PLAN }
}

/// A row as the plan's commit writes it.
pub fn pending(plugin: &str, priority: i32) -> LedgerRow {
    LedgerRow {
        plugin: plugin.into(),
        priority,
        plan_id: PLAN,
        plugin_version: 1,
        state: LedgerState::Pending,
        outcome: None,
        attempts: 0,
        lease_owner: None,
        lease_until: None,
        next_attempt_at: None,
        record_count: 0,
        warning_count: 0,
        error_code: None,
        error_text: None,
        started_at: None,
        finished_at: None,
    }
}

/// A row that a worker claimed at [`now`], in this try.
pub fn running(worker: &str, attempt: i32) -> LedgerRow {
    let mut rows = [LedgerRow { attempts: attempt - 1, ..pending("lsp", 20) }];
    let claimed = claim(&mut rows, &[("lsp", &[])], (worker, PLAN), (now(), LEASE));
    assert_eq!(claimed.len(), 1);
    let [row] = rows;
    row
}

fn expired(attempt: i32) -> LedgerRow {
    LedgerRow { lease_until: Some(now()), ..running("w", attempt) }
}

fn failed(attempt: i32, code: &str) -> LedgerRow {
    let mut row = running("w", attempt);
    ledger::fail(&mut row, &owner("w", attempt), (code, "text"), now()).unwrap();
    row
}

fn done() -> LedgerRow {
    let mut row = running("w", 1);
    ledger::finish(&mut row, &owner("w", 1), LedgerOutcome::Ok, (3, 1), now()).unwrap();
    row
}

fn states() -> Vec<(&'static str, LedgerRow)> {
    let in_a_minute = now() + TimeDelta::seconds(60);
    vec![
        ("pending", pending("lsp", 20)),
        ("pending, not due", LedgerRow { next_attempt_at: Some(in_a_minute), ..pending("lsp", 20) }),
        ("pending of another plan", LedgerRow { plan_id: OTHER_PLAN, ..pending("lsp", 20) }),
        ("running, ours, try 1", running("w", 1)),
        ("running, another's", running("x", 1)),
        ("running, in another try", LedgerRow { attempts: 2, ..running("w", 1) }),
        ("running, of another plan", LedgerRow { plan_id: OTHER_PLAN, ..running("w", 1) }),
        ("expired in try 1", expired(1)),
        ("expired in try 3", expired(3)),
        ("failed, not due", failed(1, "store_unavailable")),
        ("failed, due", LedgerRow { next_attempt_at: Some(now()), ..failed(1, "store_unavailable") }),
        ("failed for good", failed(1, "E_NO_HEADER")),
        ("done", done()),
    ]
}

type Event = fn(&mut LedgerRow) -> Result<(), String>;

fn shown<T>(result: Result<T, ledger::LedgerError>) -> Result<(), String> {
    result.map(drop).map_err(|error| {
        assert_eq!((error.code(), error.disposition()), ("E_LEDGER_STATE", Disposition::Ack));
        error.to_string().rsplit(": ").next().unwrap().to_owned()
    })
}

const EVENTS: [(&str, Event); 7] = [
    ("claim", |row| {
        let claimed = claim(std::slice::from_mut(row), &[("lsp", &[])], ("y", PLAN), (now(), LEASE));
        if claimed.is_empty() { Err("not to be claimed".into()) } else { Ok(()) }
    }),
    ("finish", |row| shown(ledger::finish(row, &owner("w", 1), LedgerOutcome::Partial, (3, 1), now()))),
    ("error", |row| shown(ledger::fail(row, &owner("w", 1), ("store_unavailable", "text"), now()))),
    ("lasting error", |row| shown(ledger::fail(row, &owner("w", 1), ("E_NO_HEADER", "text"), now()))),
    ("release", |row| shown(ledger::release(row, &owner("w", 1), now()))),
    ("lose lease", |row| shown(ledger::lose_lease(row, now()))),
    ("reset", |row| shown(ledger::reset(row, OTHER_PLAN))),
];

/// State, tries, lease and time of the next try; the rest is checked by name below.
fn brief(row: &LedgerRow) -> String {
    let mut text = format!("{} {}", row.state, row.attempts);
    if let Some(outcome) = row.outcome {
        write!(text, " {outcome}").unwrap();
    }
    if let (Some(owner), Some(until)) = (&row.lease_owner, row.lease_until) {
        write!(text, " held by {owner} for {} s", (until - now()).num_seconds()).unwrap();
    }
    if let Some(at) = row.next_attempt_at {
        write!(text, " again in {} s", (at - now()).num_seconds()).unwrap();
    }
    if let Some(code) = &row.error_code {
        write!(text, " {code}").unwrap();
    }
    text
}

#[test]
fn test_plugin_ledger_state_machine() {
    let mut table = String::new();
    for (name, before) in states() {
        writeln!(table, "{name}:").unwrap();
        for (event, apply) in EVENTS {
            let mut row = before.clone();
            match apply(&mut row) {
                Ok(()) => writeln!(table, "  {event}: {}", brief(&row)).unwrap(),
                Err(why) => {
                    assert_eq!(row, before, "{name} refuses {event} and is left as it was");
                    writeln!(table, "  {event}: - {why}").unwrap();
                }
            }
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_good_end_stores_the_counts_and_forgets_the_last_error() {
    let mut row = LedgerRow { error_code: Some("x".into()), error_text: Some("y".into()), ..running("w", 2) };
    ledger::finish(&mut row, &owner("w", 2), LedgerOutcome::Ok, (12, 3), now()).unwrap();
    assert_eq!((row.record_count, row.warning_count, row.finished_at), (12, 3, Some(now())));
    assert_eq!((row.error_code, row.error_text, row.lease_owner, row.lease_until), (None, None, None, None));
}

#[test]
fn a_reset_row_starts_anew_under_the_new_plan() {
    let mut row = failed(1, "E_SOURCE_MISSING");
    ledger::reset(&mut row, OTHER_PLAN).unwrap();
    assert_eq!(row, LedgerRow { plan_id: OTHER_PLAN, ..pending("lsp", 20) });
}

#[test]
fn the_wait_doubles_from_half_a_minute_to_a_quarter_of_an_hour() {
    let waits: Vec<i64> = (1..=8).map(|attempts| retry_wait(attempts).num_seconds()).collect();
    assert_eq!(waits, [30, 60, 120, 240, 480, 900, 900, 900]);
    assert_eq!(retry_wait(i32::MAX), TimeDelta::seconds(900));
    assert_eq!(retry_wait(i32::MIN), TimeDelta::seconds(30));
    assert_eq!(failed(2, "store_unavailable").next_attempt_at, Some(now() + TimeDelta::seconds(60)));
}

#[test]
fn the_third_error_is_the_last() {
    let row = failed(3, "store_unavailable");
    assert!(row.failed_for_good());
    assert_eq!((row.attempts, row.next_attempt_at), (MAX_ATTEMPTS, None));
}

#[test]
fn errors_that_no_try_can_mend_end_the_row_at_once() {
    let ends = |code: &str| failed(1, code).failed_for_good();
    let lasting = ["E_SPOOL_LIMIT", "E_NO_HEADER", "E_CONSTRAINT", "E_DEPENDENCY", "E_SOURCE_CHANGED"];
    assert!(lasting.iter().all(|code| ends(code)));
    assert!(ends("E_SOURCE_MISSING"));
    assert!(!ends("E_LEASE_LOST") && !ends("member_crc") && !ends("panic"));
}

#[test]
fn a_lost_source_ends_open_rows_whoever_holds_them_and_leaves_final_ones() {
    for (name, before) in states() {
        let mut row = before.clone();
        ledger::end_without_source(&mut row, ("E_SOURCE_MISSING", "text"), now());
        if before.is_final() {
            assert_eq!(row, before, "{name}");
        } else {
            assert!(row.failed_for_good() && row.lease_owner.is_none(), "{name}");
            assert_eq!(row.error_code.as_deref(), Some("E_SOURCE_MISSING"), "{name}");
        }
    }
}

#[test]
fn stored_words_read_back_and_unknown_ones_are_named() {
    use LedgerOutcome::{Empty, Failed, Missing, Ok as Good, Partial};
    for state in [LedgerState::Pending, LedgerState::Running, LedgerState::Done, LedgerState::Failed] {
        assert_eq!(state.to_string().parse(), Ok(state));
    }
    for outcome in [Good, Partial, Empty, Missing, Failed] {
        assert_eq!(outcome.to_string().parse(), Ok(outcome));
    }
    insta::assert_snapshot!("SLEEPING".parse::<LedgerState>().unwrap_err(), @r#"unknown state "SLEEPING" in the plugin ledger"#);
    insta::assert_snapshot!("fine".parse::<LedgerOutcome>().unwrap_err(), @r#"unknown outcome "fine" in the plugin ledger"#);
}
