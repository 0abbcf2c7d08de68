//! Backfill: one plugin over dumps that readers see already (specs: dumps 7.8).

use chrono::{DateTime, Utc};
use landfall_domain::{LoadId, PlanId};
use landfall_dumps::plan::Plan;
use sqlx::{PgConnection, PgPool};

use super::Source;
use crate::StoreError;

/// Which dumps a backfill looks at; what is none does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BackfillFilter {
    /// Customer key.
    pub customer: Option<String>,
    /// Network key.
    pub network: Option<String>,
    /// Captured then or later.
    pub from: Option<DateTime<Utc>>,
    /// Captured before.
    pub to: Option<DateTime<Utc>>,
}

/// A dump with a visible load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackfillCandidate {
    /// The dump.
    pub dump_id: i64,
    /// Its visible load.
    pub load_id: LoadId,
    /// Customer and network.
    pub network: String,
    /// When it was captured.
    pub capture_ts: DateTime<Utc>,
    /// Taken over from another system: it has no plan to follow.
    pub adopted: bool,
}

/// The dumps in status COMPLETE or PARTIAL that a filter names, by id.
pub async fn backfill_candidates(
    pool: &PgPool,
    filter: &BackfillFilter,
) -> Result<Vec<BackfillCandidate>, StoreError> {
    let rows = sqlx::query!(
        r#"select d.dump_id, l.load_id, c.customer_key || '/' || n.network_key as "network!", d.capture_ts, l.adopted
           from dump.capture_dump d
           join dump.load l on l.load_id = d.load_id
           join dump.customer c using (customer_id)
           join dump.network n using (network_id)
           where d.status in ('COMPLETE', 'PARTIAL')
              and ($1::text is null or c.customer_key = $1) and ($2::text is null or n.network_key = $2)
              and ($3::timestamptz is null or d.capture_ts >= $3) and ($4::timestamptz is null or d.capture_ts < $4)
           order by d.dump_id"#,
        filter.customer,
        filter.network,
        filter.from,
        filter.to
    )
    .fetch_all(pool)
    .await?;
    let candidates = rows.into_iter().map(|r| BackfillCandidate {
        dump_id: r.dump_id,
        load_id: LoadId(r.load_id),
        network: r.network,
        capture_ts: r.capture_ts,
        adopted: r.adopted,
    });
    Ok(candidates.collect())
}

/// The plan of a load; none if the load is gone or is not the one that readers see.
pub async fn visible_plan(conn: &mut PgConnection, load_id: LoadId) -> Result<Option<Plan>, StoreError> {
    let plan = sqlx::query_scalar!(
        "select l.plan from dump.load l join dump.capture_dump d on d.load_id = l.load_id where l.load_id = $1",
        load_id.0
    )
    .fetch_optional(conn)
    .await?;
    let read = |json| {
        serde_json::from_value(json)
            .map_err(|e| StoreError::Unreadable { what: format!("plan of load {load_id}: {e}") })
    };
    plan.map(read).transpose()
}

/// Stores a plan that a backfill has added to, with as many open units more, and where the content is read from. The
/// load and its status stay as readers see them until the last unit has ended.
pub async fn store_backfill(
    conn: &mut PgConnection,
    load_id: LoadId,
    (plan, open): (&Plan, i32),
    source: &Source,
) -> Result<(), StoreError> {
    let plan = serde_json::to_value(plan).map_err(|e| StoreError::Unreadable { what: e.to_string() })?;
    sqlx::query!(
        "update dump.load set plan = $2, open_units = open_units + $3, source_bucket = $4, source_key = $5,
            source_version = $6, source_version_id = $7, source_etag = $8, source_size = $9
         where load_id = $1",
        load_id.0,
        plan,
        open,
        source.bucket,
        source.key,
        source.version,
        source.pin.version_id,
        source.pin.etag,
        source.size
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes what an earlier run of a plugin has stored for a network element: records, and warnings other than those of
/// the planning pass.
pub async fn purge_unit(
    conn: &mut PgConnection,
    (load_id, plan_ne): (LoadId, &str),
    plugin: &str,
) -> Result<(), StoreError> {
    sqlx::query!(
        "with unit as (select ne_id from dump.dump_node where load_id = $1 and plan_ne = $2),
         w as (delete from dump.parse_warning where load_id = $1 and plan_ne = $2 and plugin = $3
            and code <> 'W_EXTRA_CHAIN'),
         r1 as (delete from dump.lsp_entry r using unit where r.load_id = $1 and r.ne_id = unit.ne_id and plugin = $3),
         r2 as (delete from dump.alarm_state_entry r using unit where r.load_id = $1 and r.ne_id = unit.ne_id and plugin = $3),
         r3 as (delete from dump.dpr_entry r using unit where r.load_id = $1 and r.ne_id = unit.ne_id and plugin = $3),
         r4 as (delete from dump.nea_trace r using unit where r.load_id = $1 and r.ne_id = unit.ne_id and plugin = $3),
         r5 as (delete from dump.nea_bucket_count r using unit where r.load_id = $1 and r.ne_id = unit.ne_id and plugin = $3),
         r6 as (delete from dump.ma_notif_bucket_count r using unit where r.load_id = $1 and r.ne_id = unit.ne_id and plugin = $3),
         r7 as (delete from dump.three_r_group r using unit where r.load_id = $1 and r.ne_id = unit.ne_id and plugin = $3),
         r8 as (delete from dump.dpr_link r using unit where r.load_id = $1 and r.ne_id = unit.ne_id and plugin = $3)
         delete from dump.dpr_router_map r using unit where r.load_id = $1 and r.ne_id = unit.ne_id and plugin = $3",
        load_id.0,
        plan_ne,
        plugin
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A row that a backfill has opened, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct BackfilledRow {
    /// The dump.
    pub dump_id: i64,
    /// The network element.
    pub ne: String,
    /// PENDING, RUNNING, DONE or FAILED.
    pub state: String,
    /// Whether it will not move by itself any more.
    pub is_final: bool,
    /// How it ended.
    pub outcome: Option<String>,
    /// Records.
    pub records: i64,
    /// Why it failed.
    pub error_code: Option<String>,
    /// The same in words.
    pub error_text: Option<String>,
}

/// The rows of a backfill's plan in these loads, by dump and network element.
pub async fn backfilled_rows(
    pool: &PgPool,
    loads: &[LoadId],
    plan_id: PlanId,
) -> Result<Vec<BackfilledRow>, StoreError> {
    let loads: Vec<i64> = loads.iter().map(|load| load.0).collect();
    let rows = sqlx::query_as!(
        BackfilledRow,
        r#"select l.dump_id, p.plan_ne as ne, p.state, p.outcome, p.record_count as records, p.error_code,
            p.error_text, (p.state = 'DONE' or (p.state = 'FAILED' and p.attempts = 3)) as "is_final!"
           from dump.plugin_ledger p join dump.load l using (load_id)
           where p.load_id = any($1) and p.plan_id = $2 order by l.dump_id, p.plan_ne"#,
        &loads,
        plan_id.0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}
