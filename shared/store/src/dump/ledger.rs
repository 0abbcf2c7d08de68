//! `dump.plugin_ledger`: rows of one network element, locked, moved by the pure machine, saved.

use chrono::{DateTime, Utc};
use landfall_domain::{LoadId, PlanId};
use landfall_dumps::ledger::{LedgerRow, MAX_ATTEMPTS};
use landfall_dumps::names::PlanNe;
use landfall_dumps::plan::{Birth, Plan, PlannedPlugin};
use sqlx::PgConnection;

use crate::StoreError;

/// Writes the rows that a plan's commit gives birth to.
pub async fn insert_births(
    conn: &mut PgConnection,
    load_id: LoadId,
    plan: &Plan,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let births = plan.nes.iter().flat_map(|ne| ne.plugins.iter().map(move |planned| (&ne.ne, planned)));
    insert_rows(conn, (load_id, plan.plan_id), &births.collect::<Vec<_>>(), now).await
}

/// Writes rows as a plan says that they are born, each for a network element.
pub async fn insert_rows(
    conn: &mut PgConnection,
    (load_id, plan_id): (LoadId, PlanId),
    births: &[(&PlanNe, &PlannedPlugin)],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (mut nes, mut plugins, mut priorities, mut versions) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut states, mut outcomes, mut attempts, mut texts) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (ne, planned) in births {
        let (state, outcome, tries, text) = match &planned.birth {
            Birth::Open => ("PENDING", None, 0, None),
            Birth::Missing => ("DONE", Some("missing"), 0, None),
            Birth::SpoolLimit { text } => ("FAILED", Some("failed"), MAX_ATTEMPTS, Some(text.clone())),
        };
        nes.push(ne.to_string());
        plugins.push(planned.plugin.to_string());
        priorities.push(i32::try_from(planned.priority).unwrap_or(i32::MAX));
        versions.push(i32::try_from(planned.version).unwrap_or(i32::MAX));
        states.push(state.to_owned());
        outcomes.push(outcome.map(str::to_owned));
        attempts.push(tries);
        texts.push(text);
    }
    sqlx::query!(
        "insert into dump.plugin_ledger (load_id, plan_ne, plugin, priority, plan_id, plugin_version, state,
            outcome, attempts, error_code, error_text, finished_at)
         select $1, ne, plugin, priority, $2, version, state, outcome, attempts,
            case when error_text is not null then 'E_SPOOL_LIMIT' end, error_text,
            case when state <> 'PENDING' then $11::timestamptz end
         from unnest($3::text[], $4::text[], $5::integer[], $6::integer[], $7::text[], $8::text[], $9::integer[],
            $10::text[]) as t(ne, plugin, priority, version, state, outcome, attempts, error_text)",
        load_id.0,
        plan_id.0,
        &nes,
        &plugins,
        &priorities,
        &versions,
        &states,
        &outcomes as &[Option<String>],
        &attempts,
        &texts as &[Option<String>],
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The rows of a network element by rising priority, locked until the transaction ends.
pub async fn lock_rows(
    conn: &mut PgConnection,
    load_id: LoadId,
    ne: &str,
) -> Result<Vec<LedgerRow>, StoreError> {
    let rows = sqlx::query!(
        "select plugin, priority, plan_id, plugin_version, state, outcome, attempts, lease_owner, lease_until,
            next_attempt_at, record_count, warning_count, error_code, error_text, started_at, finished_at
         from dump.plugin_ledger where load_id = $1 and plan_ne = $2 order by priority for update",
        load_id.0,
        ne
    )
    .fetch_all(conn)
    .await?;
    let unreadable = |e: landfall_dumps::ledger::RowError| StoreError::Unreadable { what: e.to_string() };
    rows.into_iter()
        .map(|r| {
            Ok(LedgerRow {
                plugin: r.plugin,
                priority: r.priority,
                plan_id: PlanId(r.plan_id),
                plugin_version: r.plugin_version,
                state: r.state.parse().map_err(unreadable)?,
                outcome: r.outcome.map(|o| o.parse()).transpose().map_err(unreadable)?,
                attempts: r.attempts,
                lease_owner: r.lease_owner,
                lease_until: r.lease_until,
                next_attempt_at: r.next_attempt_at,
                record_count: r.record_count,
                warning_count: r.warning_count,
                error_code: r.error_code,
                error_text: r.error_text,
                started_at: r.started_at,
                finished_at: r.finished_at,
            })
        })
        .collect()
}

/// Saves rows that the machine has moved.
pub async fn save_rows(
    conn: &mut PgConnection,
    load_id: LoadId,
    ne: &str,
    rows: &[&LedgerRow],
) -> Result<(), StoreError> {
    for row in rows {
        sqlx::query!(
            "update dump.plugin_ledger
             set plan_id = $4, state = $5, outcome = $6, attempts = $7, lease_owner = $8, lease_until = $9,
                next_attempt_at = $10, record_count = $11, warning_count = $12, error_code = $13,
                error_text = $14, started_at = $15, finished_at = $16, plugin_version = $17
             where load_id = $1 and plan_ne = $2 and plugin = $3",
            load_id.0,
            ne,
            row.plugin,
            row.plan_id.0,
            row.state.to_string(),
            row.outcome.map(|o| o.to_string()),
            row.attempts,
            row.lease_owner,
            row.lease_until,
            row.next_attempt_at,
            row.record_count,
            row.warning_count,
            row.error_code,
            row.error_text,
            row.started_at,
            row.finished_at,
            row.plugin_version
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Lets the leases that an owner holds on rows of a network element end at `until`: later to renew them, now to
/// give them up.
pub async fn renew_leases(
    pool: &sqlx::PgPool,
    (load_id, ne): (LoadId, &str),
    owner: &str,
    until: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update dump.plugin_ledger set lease_until = $4
         where load_id = $1 and plan_ne = $2 and lease_owner = $3 and state = 'RUNNING'",
        load_id.0,
        ne,
        owner,
        until
    )
    .execute(pool)
    .await?;
    Ok(())
}
