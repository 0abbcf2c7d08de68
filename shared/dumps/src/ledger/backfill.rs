//! Which rows a backfill opens, and how they are born again (specs: dumps 7.8).

use chrono::{DateTime, Utc};
use landfall_domain::PlanId;

use super::machine::{LedgerError, MAX_ATTEMPTS, reset};
use super::{LedgerOutcome, LedgerRow, LedgerState};
use crate::plan::{Birth, PlannedPlugin};

/// What a backfill does for one network element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackfillStep {
    /// There is no row for the plugin: it gets one.
    Add,
    /// The row has ended and is opened again.
    Reset,
}

/// What a backfill of a plugin does with its row; none if it stays as it is: it is DONE by this version (by any, unless
/// an older one is to be redone), or open.
pub fn backfill_step(
    row: Option<&LedgerRow>,
    version: u32,
    redo_older_versions: bool,
) -> Option<BackfillStep> {
    let Some(row) = row else { return Some(BackfillStep::Add) };
    let is_older = i64::from(row.plugin_version) < i64::from(version);
    let opens = match row.state {
        LedgerState::Done => redo_older_versions && is_older,
        LedgerState::Failed => row.is_final(),
        LedgerState::Pending | LedgerState::Running => false,
    };
    opens.then_some(BackfillStep::Reset)
}

/// Bears a row that has ended again, as its new plan says. Its counts stay until the new commit replaces its records,
/// unless there is nothing to commit. False if it would be the same again: over the spool limit as before.
///
/// # Errors
/// The row is still open.
pub fn bear_again(
    row: &mut LedgerRow,
    plan_id: PlanId,
    planned: &PlannedPlugin,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let is_limit = |code: Option<&str>| code == Some("E_SPOOL_LIMIT");
    if matches!(planned.birth, Birth::SpoolLimit { .. }) && is_limit(row.error_code.as_deref()) {
        return Ok(false);
    }
    reset(row, plan_id)?;
    row.plugin_version = i32::try_from(planned.version).unwrap_or(i32::MAX);
    match &planned.birth {
        Birth::Open => {}
        Birth::Missing => {
            row.state = LedgerState::Done;
            row.outcome = Some(LedgerOutcome::Missing);
            (row.record_count, row.warning_count) = (0, 0);
            row.finished_at = Some(now);
        }
        Birth::SpoolLimit { text } => {
            row.state = LedgerState::Failed;
            row.outcome = Some(LedgerOutcome::Failed);
            row.attempts = MAX_ATTEMPTS;
            (row.error_code, row.error_text) = (Some("E_SPOOL_LIMIT".to_owned()), Some(text.clone()));
            row.finished_at = Some(now);
        }
    }
    Ok(true)
}
