//! Plugin leases that ran out: rows whose tries are used up end, the others are handed out again.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::{ParseMember, PlanId, Stage};
use landfall_dumps::ledger::{self, LedgerRow, LedgerState};
use landfall_runtime::{CommitError, Moment, Point};
use landfall_store::dump::{self, ExpiredUnit};
use landfall_store::{NewMessage, StoreError, outbox, retrying};

use crate::{SweepReport, SweepState};

/// Network elements looked at in one sweep.
const AT_ONCE: i64 = 500;

impl SweepState {
    pub(crate) async fn sweep_expired(
        &self,
        report: &mut SweepReport,
        now: DateTime<Utc>,
    ) -> Result<(), CommitError> {
        self.clients.faults.pass(Stage::SweepState, Point::Read, Moment::Before)?;
        // A message that was sent for a row may wait in the queue for long, and comes back from a worker that died
        // with it only after its time of visibility: before that another one would be one too many.
        let sent_before = now.checked_sub_signed(message_stays()).unwrap_or(now);
        let expired = (now, (ledger::HANDED_OUT, sent_before));
        let units = dump::expired_units(self.clients.store.pool(), expired, AT_ONCE).await?;
        self.clients.faults.pass(Stage::SweepState, Point::Read, Moment::After)?;
        for unit in units {
            self.clients.faults.pass(Stage::SweepState, Point::Commit, Moment::Before)?;
            let (sent, lost) = retrying("sweep_expired", || self.sweep_unit(&unit, now)).await?;
            self.clients.faults.pass(Stage::SweepState, Point::Commit, Moment::After)?;
            report.sent = report.sent.saturating_add(sent);
            report.leases_lost = report.leases_lost.saturating_add(lost);
        }
        Ok(())
    }

    /// One network element, in one transaction; gives messages sent and units lost.
    async fn sweep_unit(&self, unit: &ExpiredUnit, now: DateTime<Utc>) -> Result<(u64, u64), StoreError> {
        let mut tx = self.clients.store.begin().await?;
        let Some(load) = dump::find_load(&mut tx, unit.load_id).await? else { return Ok((0, 0)) };
        if !dump::lock_load(&mut tx, load.dump_id, load.load_id).await? {
            return Ok((0, 0));
        }
        let before = dump::lock_rows(&mut tx, unit.load_id, &unit.plan_ne).await?;
        let mut rows = before.clone();
        let mut lost = 0_u64;
        for row in rows.iter_mut().filter(|r| r.state == LedgerState::Running) {
            if ledger::lose_lease(row, now).is_ok() {
                lost = lost.saturating_add(1);
            } else {
                ledger::hand_out(row, now);
            }
        }
        ledger::fail_dependents(&mut rows, |plugin| self.registry.requirements(plugin), now);
        let changed: Vec<&LedgerRow> = rows.iter().filter(|row| !before.contains(row)).collect();
        dump::save_rows(&mut tx, unit.load_id, &unit.plan_ne, &changed).await?;
        let ended = changed.iter().filter(|row| row.is_final()).count();
        let messages = messages(unit, &rows, now)?;
        outbox::send(&mut tx, &messages, now).await?;
        let sent = u64::try_from(messages.len()).unwrap_or(u64::MAX);
        if ended > 0 {
            dump::units_ended(&mut tx, &load, i32::try_from(ended).unwrap_or(i32::MAX), now).await?;
        }
        tx.commit().await?;
        Ok((sent, lost))
    }
}

/// How long a message to parse-member stays with a worker that died.
fn message_stays() -> TimeDelta {
    TimeDelta::from_std(Stage::ParseMember.settings().visibility).unwrap_or(TimeDelta::MAX)
}

/// A message for the open rows of each plan: a backfill has its own beside what was open before.
fn messages(
    unit: &ExpiredUnit,
    rows: &[LedgerRow],
    now: DateTime<Utc>,
) -> Result<Vec<NewMessage>, StoreError> {
    let mut open: BTreeMap<PlanId, Vec<String>> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.is_final()) {
        open.entry(row.plan_id).or_default().push(row.plugin.clone());
    }
    let message = |(plan_id, plugins)| {
        let ne = unit.plan_ne.clone();
        dump::parse_message(&ParseMember { load_id: unit.load_id, plan_id, ne, plugins, resume: None }, now)
    };
    open.into_iter().map(message).collect()
}
