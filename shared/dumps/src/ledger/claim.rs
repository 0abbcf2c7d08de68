//! Claiming: which rows of a network element a worker may take now.

use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::PlanId;

use super::{LedgerOutcome, LedgerRow, LedgerState, MAX_ATTEMPTS};

/// The plugin before which nothing else runs for its network element.
pub const NODE: &str = "node";

/// A row that was claimed, and the try that the claim began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The plugin.
    pub plugin: String,
    /// Which try it is.
    pub attempt: i32,
}

/// Whether a row may be claimed by a message of `plan_id`. `rows` are all rows of the network element;
/// `requires` names the plugins that must be done.
pub fn claimable(
    row: &LedgerRow,
    rows: &[LedgerRow],
    requires: &[&str],
    plan_id: PlanId,
    now: DateTime<Utc>,
) -> bool {
    let due = row.next_attempt_at.is_none_or(|at| at <= now);
    let free = match row.state {
        LedgerState::Pending => due,
        LedgerState::Failed => row.attempts < MAX_ATTEMPTS && due,
        LedgerState::Running => {
            row.attempts < MAX_ATTEMPTS && row.lease_until.is_none_or(|until| until <= now)
        }
        LedgerState::Done => false,
    };
    let of = |name: &str| rows.iter().find(|r| r.plugin == name);
    let barrier = row.plugin == NODE || of(NODE).is_none_or(LedgerRow::is_final);
    let required = requires.iter().all(|name| of(name).is_none_or(|r| r.state == LedgerState::Done));
    free && row.plan_id == plan_id && barrier && required
}

/// Claims what can be claimed of the wanted plugins, in priority order; while node is open, node alone.
pub fn claim(
    rows: &mut [LedgerRow],
    wanted: &[(&str, &[&str])],
    (owner, plan_id): (&str, PlanId),
    (now, lease): (DateTime<Utc>, TimeDelta),
) -> Vec<Claimed> {
    let mut names: Vec<(i32, usize)> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let requires = wanted.iter().find(|(name, _)| *name == row.plugin).map(|(_, requires)| *requires);
        if requires.is_some_and(|requires| claimable(row, rows, requires, plan_id, now)) {
            names.push((row.priority, index));
        }
    }
    names.sort_unstable();
    let mut claimed = Vec::new();
    for (_, index) in names {
        let Some(row) = rows.get_mut(index) else { continue };
        row.state = LedgerState::Running;
        row.attempts = row.attempts.saturating_add(1);
        row.lease_owner = Some(owner.to_owned());
        row.lease_until = now.checked_add_signed(lease);
        row.next_attempt_at = None;
        row.started_at = Some(now);
        row.finished_at = None;
        row.outcome = None::<LedgerOutcome>;
        claimed.push(Claimed { plugin: row.plugin.clone(), attempt: row.attempts });
    }
    claimed
}
