//! The commit of a backfill for one dump: rows, plan and messages in one transaction.

use chrono::{DateTime, Utc};
use landfall_domain::ParseMember;
use landfall_dumps::ledger::{self, BackfillStep};
use landfall_dumps::names::PlanNe;
use landfall_dumps::plan::{Birth, Plan, PlannedPlugin};
use landfall_store::dump::{self, LoadRow};
use landfall_store::{NewMessage, PgConnection, StoreError, outbox};

use super::contents::merged;
use super::origin::Origin;
use super::{Backfill, Backfilled, Found};
use crate::index::{Recipes, recipes};

impl Backfill {
    pub(super) async fn commit(
        &self,
        load: &LoadRow,
        (origin, found): (&Origin, &Found),
    ) -> Result<Backfilled, StoreError> {
        let now = self.clients.clock.now();
        let mut done = Backfilled::default();
        let mut tx = self.clients.store.begin().await?;
        if !dump::lock_load(&mut tx, load.dump_id, load.load_id).await? {
            return Ok(done);
        }
        // Replaced since it was looked at: the load that is shown now is another run's.
        let Some(plan) = dump::visible_plan(&mut tx, load.load_id).await? else { return Ok(done) };
        let plan = merged(plan, found);
        for (ne, planned) in &found.plugins {
            if self.open_row(&mut tx, load, (ne, planned), (origin, now)).await? {
                done.note(ne, &planned.birth, origin);
            }
        }
        let open = i32::try_from(done.queued.len()).unwrap_or(i32::MAX);
        let source = match origin {
            Origin::There(source) => source,
            Origin::Lost { .. } => &load.source,
        };
        self.hand_on(&mut tx, load, (&plan, found, &done.queued), now).await?;
        dump::store_backfill(&mut tx, load.load_id, (&plan, open), source).await?;
        if open == 0 && !done.is_empty() {
            let load = dump::load_in(&mut tx, load.load_id).await?;
            dump::units_ended(&mut tx, &load, 0, now).await?;
        }
        tx.commit().await?;
        Ok(done)
    }

    /// Adds or resets one row; false if it is no longer due. An open row whose archive is lost ends at once.
    async fn open_row(
        &self,
        conn: &mut PgConnection,
        load: &LoadRow,
        (ne, planned): (&PlanNe, &PlannedPlugin),
        (origin, now): (&Origin, DateTime<Utc>),
    ) -> Result<bool, StoreError> {
        let name = ne.to_string();
        let mut rows = dump::lock_rows(conn, load.load_id, &name).await?;
        let place = rows.iter().position(|row| row.plugin == planned.plugin.as_str());
        let row = place.and_then(|place| rows.get(place));
        match self.step(row) {
            None => return Ok(false),
            Some(BackfillStep::Add) => {
                dump::insert_rows(conn, (load.load_id, self.plan_id), &[(ne, planned)], now).await?;
                rows = dump::lock_rows(conn, load.load_id, &name).await?;
            }
            Some(BackfillStep::Reset) => {
                let Some(row) = place.and_then(|place| rows.get_mut(place)) else { return Ok(false) };
                if !matches!(ledger::bear_again(row, self.plan_id, planned, now), Ok(true)) {
                    return Ok(false);
                }
                if planned.birth == Birth::Missing {
                    dump::purge_unit(conn, (load.load_id, &name), planned.plugin.as_str()).await?;
                }
            }
        }
        let Some(row) = rows.iter_mut().find(|row| row.plugin == planned.plugin.as_str()) else {
            return Ok(false);
        };
        if let Origin::Lost { code, text } = origin {
            // A row that is final already stays what it is.
            ledger::end_without_source(row, (code, text), now);
        }
        dump::save_rows(conn, load.load_id, &name, &[row]).await?;
        Ok(true)
    }

    async fn hand_on(
        &self,
        conn: &mut PgConnection,
        load: &LoadRow,
        (plan, found, queued): (&Plan, &Found, &[String]),
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let carried = found.index.as_ref().map(|index| recipes(index, plan)).transpose();
        let carried: Recipes = carried.ok().flatten().unwrap_or_default();
        let message = |ne: &String| -> Result<NewMessage, StoreError> {
            let body = ParseMember {
                load_id: load.load_id,
                plan_id: self.plan_id,
                ne: ne.clone(),
                plugins: vec![self.plugin.name.to_string()],
                resume: carried.get(ne).cloned(),
            };
            dump::parse_message(&body, now)
        };
        let messages: Vec<NewMessage> = queued.iter().map(message).collect::<Result<_, _>>()?;
        outbox::send(conn, &messages, now).await
    }
}
