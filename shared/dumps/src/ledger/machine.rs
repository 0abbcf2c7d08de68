//! The moves of a ledger row. All others are refused with `E_LEDGER_STATE` and leave the row as it is.

use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::{Classify, Disposition, PlanId};

use super::{LedgerOutcome, LedgerRow, LedgerState};
use crate::plugins::FailureCode;
use crate::runner::{self, Unit, fallen};
use crate::values::Vocabulary;

/// Tries after which a failure is final.
pub const MAX_ATTEMPTS: i32 = 3;

/// The wait before the second try, in seconds; doubled with each further one.
const RETRY_BASE_S: i64 = 30;
/// The longest wait, in seconds.
const RETRY_MOST_S: i64 = 900;

/// Who commits: the lease's owner, in the try it claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The name under which the row was claimed.
    pub name: String,
    /// The attempt number that the claim gave.
    pub attempt: i32,
    /// The plan of the message.
    pub plan_id: PlanId,
}

/// A move that the ledger does not have: a worker that lost its lease, an old message, a fault of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("E_LEDGER_STATE: {plugin} is {state} in try {attempts}: cannot {what}: {why}")]
pub struct LedgerError {
    plugin: String,
    state: LedgerState,
    attempts: i32,
    what: &'static str,
    why: &'static str,
}

impl Classify for LedgerError {
    fn disposition(&self) -> Disposition {
        // Somebody else took the row over; their commit counts, ours is rolled back.
        Disposition::Ack
    }

    fn code(&self) -> &'static str {
        "E_LEDGER_STATE"
    }
}

fn refuse<T>(row: &LedgerRow, what: &'static str, why: &'static str) -> Result<T, LedgerError> {
    Err(LedgerError { plugin: row.plugin.clone(), state: row.state, attempts: row.attempts, what, why })
}

fn check_owner(
    row: &LedgerRow,
    owner: &Owner,
    what: &'static str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    if row.state != LedgerState::Running {
        return refuse(row, what, "it is not running");
    }
    if row.plan_id != owner.plan_id {
        return refuse(row, what, "it belongs to another plan");
    }
    if row.lease_owner.as_deref() != Some(&owner.name) || row.attempts != owner.attempt {
        return refuse(row, what, "another worker holds it");
    }
    if row.lease_until.is_none_or(|until| until <= now) {
        return refuse(row, what, "its lease ran out");
    }
    Ok(())
}

/// Ends a try well: the row becomes DONE.
pub fn finish(
    row: &mut LedgerRow,
    owner: &Owner,
    outcome: LedgerOutcome,
    counts: (i64, i64),
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    check_owner(row, owner, "finish", now)?;
    row.state = LedgerState::Done;
    row.outcome = Some(outcome);
    (row.record_count, row.warning_count) = counts;
    (row.error_code, row.error_text) = (None, None);
    (row.lease_owner, row.lease_until, row.next_attempt_at) = (None, None, None);
    row.finished_at = Some(now);
    Ok(())
}

/// Ends a try badly: FAILED, to be tried again later unless the tries are used up or the code is permanent.
pub fn fail(
    row: &mut LedgerRow,
    owner: &Owner,
    (code, text): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    check_owner(row, owner, "fail", now)?;
    // A code that is not of the specification's list comes from the machinery: the next try may do better.
    let known = FailureCode::WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(code));
    if known.is_some_and(|(_, code)| !code.is_retried()) {
        row.attempts = MAX_ATTEMPTS;
    }
    set_failed(row, code, text, now);
    if !row.is_final() {
        row.next_attempt_at = now.checked_add_signed(retry_wait(row.attempts));
    }
    Ok(())
}

fn set_failed(row: &mut LedgerRow, code: &str, text: &str, now: DateTime<Utc>) {
    row.state = LedgerState::Failed;
    row.outcome = Some(LedgerOutcome::Failed);
    row.error_code = Some(code.to_owned());
    row.error_text = Some(text.to_owned());
    (row.lease_owner, row.lease_until, row.next_attempt_at) = (None, None, None);
    row.finished_at = Some(now);
}

/// The wait after a failed try: 30 s, doubled with each, at most 900 s.
pub fn retry_wait(attempts: i32) -> TimeDelta {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    let seconds = RETRY_BASE_S.saturating_mul(1 << doublings).min(RETRY_MOST_S);
    TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX)
}

/// Gives a row back at the owner's deadline; the try does not count.
pub fn release(row: &mut LedgerRow, owner: &Owner, now: DateTime<Utc>) -> Result<(), LedgerError> {
    check_owner(row, owner, "release", now)?;
    row.state = LedgerState::Pending;
    row.attempts = row.attempts.saturating_sub(1);
    (row.lease_owner, row.lease_until, row.next_attempt_at) = (None, None, None);
    Ok(())
}

/// Ends a row whose worker is gone and whose tries are used up: FAILED `E_LEASE_LOST`.
pub fn lose_lease(row: &mut LedgerRow, now: DateTime<Utc>) -> Result<(), LedgerError> {
    if row.state != LedgerState::Running || row.lease_until.is_some_and(|until| until > now) {
        return refuse(row, "lose its lease", "no expired lease");
    }
    if row.attempts < MAX_ATTEMPTS {
        return refuse(row, "lose its lease", "it can be claimed again");
    }
    set_failed(row, "E_LEASE_LOST", "the worker was lost in the last try", now);
    Ok(())
}

/// In whose name a row is kept whose worker is gone and that was handed out again.
pub const HANDED_OUT: &str = "handed-out";

/// Notes on a row whose worker is gone that a new message was sent for it: anybody may claim it, and nobody need send
/// another message for a while. False if it is not such a row.
pub fn hand_out(row: &mut LedgerRow, now: DateTime<Utc>) -> bool {
    let is_lost = row.state == LedgerState::Running && row.lease_until.is_none_or(|until| until <= now);
    if is_lost {
        row.lease_owner = Some(HANDED_OUT.to_owned());
        row.lease_until = Some(now);
    }
    is_lost
}

/// Ends the open rows that need a plugin which failed for good: FAILED `E_DEPENDENCY`; then those that need one of
/// these, and so on, as the runner says ([`fallen`]). Gives how many.
pub fn fail_dependents(
    rows: &mut [LedgerRow],
    requires: impl Fn(&str) -> Vec<String>,
    now: DateTime<Utc>,
) -> usize {
    let fallen = of_units(rows, requires, now, fallen);
    for (index, cause) in &fallen {
        let needed = rows.get(*cause).map(|row| row.plugin.clone()).unwrap_or_default();
        let Some(row) = rows.get_mut(*index) else { continue };
        row.attempts = MAX_ATTEMPTS;
        set_failed(row, "E_DEPENDENCY", &format!("{needed} failed for this network element"), now);
    }
    fallen.len()
}

/// The plugins whose open rows cannot begin before the row of `plugin` has ended ([`runner::waiting_for`]), in the
/// order of the rows. The message that tries it again names them too.
pub fn waiting_for(
    rows: &[LedgerRow],
    plugin: &str,
    requires: impl Fn(&str) -> Vec<String>,
    now: DateTime<Utc>,
) -> Vec<String> {
    let Some(place) = rows.iter().position(|row| row.plugin == plugin) else { return Vec::new() };
    let waiting = of_units(rows, requires, now, |units| runner::waiting_for(units, place));
    waiting.into_iter().filter_map(|index| Some(rows.get(index)?.plugin.clone())).collect()
}

/// Asks the runner about rows, each taken as its own plan's.
fn of_units<T>(
    rows: &[LedgerRow],
    requires: impl Fn(&str) -> Vec<String>,
    now: DateTime<Utc>,
    ask: impl FnOnce(&[Unit<'_>]) -> T,
) -> T {
    let needs: Vec<Vec<String>> = rows.iter().map(|row| requires(&row.plugin)).collect();
    let needs: Vec<Vec<&str>> =
        needs.iter().map(|needs| needs.iter().map(String::as_str).collect()).collect();
    let units = rows.iter().zip(&needs).map(|(row, needs)| row.unit(needs, row.standing(row.plan_id, now)));
    ask(&units.collect::<Vec<_>>())
}

/// Ends an open row whose source is lost, whoever holds it: its worker will not find the source either. A final
/// row stays what it is.
pub fn end_without_source(row: &mut LedgerRow, (code, text): (&str, &str), now: DateTime<Utc>) {
    if row.is_final() {
        return;
    }
    row.attempts = MAX_ATTEMPTS;
    set_failed(row, code, text, now);
}

/// Opens a final row again under a new plan (RESUME, backfill, a manual reset).
pub fn reset(row: &mut LedgerRow, plan_id: PlanId) -> Result<(), LedgerError> {
    if !row.is_final() {
        return refuse(row, "be reset", "it is still open");
    }
    row.state = LedgerState::Pending;
    row.plan_id = plan_id;
    row.attempts = 0;
    row.outcome = None;
    (row.error_code, row.error_text) = (None, None);
    (row.started_at, row.finished_at, row.next_attempt_at) = (None, None, None);
    Ok(())
}
