//! Failures of units, committed to the ledger with the message that tries again.

use chrono::{DateTime, Utc};
use landfall_domain::{Classify, ParseMember as Message, Problem, Reason, Stage, State, chain_text};
use landfall_dumps::ledger::{self, Claimed, LedgerRow, Owner, claim};
use landfall_objects::PinState;
use landfall_runtime::InjectedFault;
use landfall_store::attempt::{self, Attempt, TryOutcome};
use landfall_store::dump;
use landfall_store::object::{self, Move};
use landfall_store::{PgConnection, StoreError, outbox, retrying};

use crate::ParseMember;
use crate::heartbeat::lease_length;
use crate::run::Run;
use crate::spool::SpoolError;

/// What kept units from being parsed or stored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// Their members could not be read.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The database refuses their records.
    #[error("the database refuses the records")]
    Refused(#[source] StoreError),
    /// A script asked for it.
    #[error(transparent)]
    Fault(InjectedFault),
}

/// What a commit came to besides the rows that it was about.
#[derive(Debug)]
pub(crate) struct Settled {
    /// Rows that may begin now, claimed for this run, by rising priority.
    pub claimed: Vec<Claimed>,
    /// How many rows became final.
    pub ended: usize,
}

/// What a failure comes to in the ledger.
struct Verdict {
    code: String,
    text: String,
    /// The object's new state, where the source is lost.
    lost: Option<State>,
}

impl ParseMember {
    /// Ends some claimed units badly; gives what that has claimed further. A lost source ends all open rows of the
    /// message.
    pub(crate) async fn fail_units(
        &self,
        run: &Run<'_>,
        units: &[Claimed],
        trouble: Trouble,
        started: DateTime<Utc>,
    ) -> Result<Vec<Claimed>, Problem> {
        let verdict = self.judge_trouble(run, trouble).await?;
        tracing::warn!(load = run.load.load_id.0, ne = %run.message.ne, code = %verdict.code, "units failed: {}", verdict.text);
        Ok(retrying("fail_units", || self.fail_once(run, units, &verdict, started)).await?)
    }

    async fn judge_trouble(&self, run: &Run<'_>, trouble: Trouble) -> Result<Verdict, Problem> {
        let lost = match &trouble {
            Trouble::Spool(SpoolError::Object(error)) if error.may_be_lost_pin() => {
                self.look_again(run).await?
            }
            Trouble::Spool(_) | Trouble::Refused(_) | Trouble::Fault(_) => None,
        };
        let code = match (&lost, &trouble) {
            (Some(State::Gone), _) => "E_SOURCE_MISSING".to_owned(),
            (Some(_), _) => "E_SOURCE_CHANGED".to_owned(),
            (None, Trouble::Spool(error)) => error.code().to_owned(),
            (None, Trouble::Refused(_)) => "E_CONSTRAINT".to_owned(),
            (None, Trouble::Fault(fault)) => fault.code().to_owned(),
        };
        Ok(Verdict { code, text: chain_text(&trouble), lost })
    }

    /// One HEAD decides what became of a lost source; none if it is there after all.
    async fn look_again(&self, run: &Run<'_>) -> Result<Option<State>, Problem> {
        let source = &run.load.source;
        let found = self.clients.objects.look_again(&source.bucket, &source.key, &source.pin).await?;
        Ok(match found {
            PinState::Current => None,
            PinState::Replaced { .. } => Some(State::Superseded),
            PinState::Gone => Some(State::Gone),
        })
    }

    async fn fail_once(
        &self,
        run: &Run<'_>,
        units: &[Claimed],
        verdict: &Verdict,
        started: DateTime<Utc>,
    ) -> Result<Vec<Claimed>, StoreError> {
        let now = self.clients.clock.now();
        let mut tx = self.clients.store.begin().await?;
        if !dump::lock_load(&mut tx, run.load.dump_id, run.load.load_id).await? {
            return Ok(Vec::new());
        }
        let before = dump::lock_rows(&mut tx, run.load.load_id, &run.message.ne).await?;
        let mut rows = before.clone();
        for unit in units {
            let owner = self.owner_of(run, unit);
            let Some(row) = rows.iter_mut().find(|r| r.plugin == unit.plugin) else { continue };
            if let Err(refused) = ledger::fail(row, &owner, (&verdict.code, &verdict.text), now) {
                tracing::debug!("{refused}");
                continue;
            }
            attempt::record(&mut tx, &failed_attempt(run, unit, verdict, started, row.is_final()), now)
                .await?;
        }
        if let Some(state) = verdict.lost {
            lose_source(&mut rows, run.message, verdict, now);
            // Before the load may end: an object that lost its version stays superseded or gone.
            lose_object(&mut tx, run, state, verdict, now).await?;
        }
        let settled = self.settle(&mut tx, run, (&before, &mut rows), now).await?;
        tx.commit().await?;
        Ok(settled.claimed)
    }

    /// Settles what some moved rows make of the others: ends what depends on failed ones, claims for this run what
    /// may begin now, saves it all, sends what is to be tried again, ends the load. Every commit of this stage that
    /// moves rows goes through here, so that no row is left waiting for one that has ended.
    pub(crate) async fn settle(
        &self,
        conn: &mut PgConnection,
        run: &Run<'_>,
        (before, rows): (&[LedgerRow], &mut [LedgerRow]),
        now: DateTime<Utc>,
    ) -> Result<Settled, StoreError> {
        ledger::fail_dependents(rows, |plugin| self.registry.requirements(plugin), now);
        let owner = (&*self.owner, run.message.plan_id);
        let claimed = claim(rows, &self.wanted(run.message), owner, (now, lease_length()));
        let changed: Vec<&LedgerRow> = rows.iter().filter(|row| !before.contains(row)).collect();
        dump::save_rows(conn, run.load.load_id, &run.message.ne, &changed).await?;
        self.send_retries(conn, run, (rows, &changed), now).await?;
        let was_open = |plugin: &str| before.iter().any(|r| r.plugin == plugin && !r.is_final());
        let ended = changed.iter().filter(|row| row.is_final() && was_open(&row.plugin)).count();
        if ended > 0 {
            dump::units_ended(conn, &run.load, i32::try_from(ended).unwrap_or(i32::MAX), now).await?;
        }
        Ok(Settled { claimed, ended })
    }

    /// A failed row is tried again by a message of its own. It takes along what cannot begin before: all the rest
    /// for node, what requires it for another.
    async fn send_retries(
        &self,
        conn: &mut PgConnection,
        run: &Run<'_>,
        (rows, changed): (&[LedgerRow], &[&LedgerRow]),
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut messages = Vec::new();
        for row in changed.iter().filter(|row| !row.is_final()) {
            let Some(at) = row.next_attempt_at else { continue };
            let mut plugins = vec![row.plugin.clone()];
            let requires = |plugin: &str| self.registry.requirements(plugin);
            plugins.extend(ledger::waiting_for(rows, &row.plugin, requires, now));
            messages.push(dump::parse_message(&Message { plugins, ..run.message.clone() }, at)?);
        }
        outbox::send(conn, &messages, now).await
    }

    /// Gives claimed units back at the deadline, with the message that goes on.
    pub(crate) async fn release(&self, run: &Run<'_>, units: &[Claimed]) -> Result<(), StoreError> {
        retrying("release_units", || async {
            let now = self.clients.clock.now();
            let mut tx = self.clients.store.begin().await?;
            let before = dump::lock_rows(&mut tx, run.load.load_id, &run.message.ne).await?;
            let mut rows = before.clone();
            for unit in units {
                if let Some(row) = rows.iter_mut().find(|r| r.plugin == unit.plugin) {
                    let _ = ledger::release(row, &self.owner_of(run, unit), now);
                }
            }
            let changed: Vec<&LedgerRow> = rows.iter().filter(|row| !before.contains(row)).collect();
            dump::save_rows(&mut tx, run.load.load_id, &run.message.ne, &changed).await?;
            let ours =
                |r: &LedgerRow| r.plan_id == run.message.plan_id && run.message.plugins.contains(&r.plugin);
            let open = rows.iter().filter(|r| !r.is_final() && ours(r));
            let plugins: Vec<String> = open.map(|r| r.plugin.clone()).collect();
            let body = Message { plugins, ..run.message.clone() };
            outbox::send(&mut tx, &[dump::parse_message(&body, now)?], now).await?;
            tx.commit().await.map_err(StoreError::from)
        })
        .await
    }

    pub(crate) fn owner_of(&self, run: &Run<'_>, unit: &Claimed) -> Owner {
        Owner { name: self.owner.to_string(), attempt: unit.attempt, plan_id: run.message.plan_id }
    }
}

/// The open rows of the message end as their source did.
fn lose_source(rows: &mut [LedgerRow], message: &Message, verdict: &Verdict, now: DateTime<Utc>) {
    let ours = |row: &LedgerRow| row.plan_id == message.plan_id && message.plugins.contains(&row.plugin);
    for row in rows.iter_mut().filter(|row| !row.is_final() && ours(row)) {
        ledger::end_without_source(row, (&verdict.code, &verdict.text), now);
    }
}

/// The object ends as its version did, if it is still at work.
async fn lose_object(
    conn: &mut PgConnection,
    run: &Run<'_>,
    state: State,
    verdict: &Verdict,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some((object_id, number)) = run.load.object else { return Ok(()) };
    let Some(object) = object::lock(conn, object_id).await? else { return Ok(()) };
    if object.state != State::Dispatched || object.run != number {
        return Ok(());
    }
    let reason = Reason::new(verdict.code.clone()).with_text(verdict.text.clone());
    object::transition(conn, &object, &Move { to: state, reason, run: number }, now).await
}

fn failed_attempt(
    run: &Run<'_>,
    unit: &Claimed,
    verdict: &Verdict,
    started: DateTime<Utc>,
    is_final: bool,
) -> Attempt {
    let outcome = if is_final { TryOutcome::Failed } else { TryOutcome::Retry };
    Attempt {
        object_id: run.load.object.map(|(id, _)| id),
        stage: Stage::ParseMember,
        unit: format!("{} {}", run.message.ne, unit.plugin),
        run: run.load.object.map_or(landfall_domain::Run(1), |(_, number)| number),
        attempt: unit.attempt,
        started,
        outcome,
        reason: Some(Reason::new(verdict.code.clone()).with_text(verdict.text.clone())),
        bytes_read: None,
        bytes_inflated: None,
    }
}
