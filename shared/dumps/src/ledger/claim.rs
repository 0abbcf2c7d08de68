//! Claiming: which rows of a network element a worker may take now.

use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::PlanId;

use super::{LedgerOutcome, LedgerRow, LedgerState};
use crate::runner::ready;

/// A row that was claimed, and the try that the claim began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The plugin.
    pub plugin: String,
    /// Which try it is.
    pub attempt: i32,
}

/// Claims what can be claimed of the wanted plugins, each with what it requires, in priority order; while node is
/// open, node alone. The order is the runner's ([`ready`]); what a lease, a time or another plan forbids is ours.
pub fn claim(
    rows: &mut [LedgerRow],
    wanted: &[(&str, &[&str])],
    (owner, plan_id): (&str, PlanId),
    (now, lease): (DateTime<Utc>, TimeDelta),
) -> Vec<Claimed> {
    let requires =
        |plugin: &str| wanted.iter().find(|(name, _)| *name == plugin).map(|(_, requires)| *requires);
    let units = rows.iter().map(|row| {
        let requires = requires(&row.plugin).unwrap_or_default();
        row.unit(requires, row.standing(plan_id, now))
    });
    let ready = ready(&units.collect::<Vec<_>>());
    let mut claimed = Vec::new();
    for index in ready {
        let Some(row) = rows.get_mut(index) else { continue };
        if requires(&row.plugin).is_none() {
            continue;
        }
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
