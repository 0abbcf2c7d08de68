//! All about one dump, for people.

use chrono::{DateTime, Utc};
use landfall_domain::LoadId;
use sqlx::PgPool;

use super::RowCounts;
use super::digest::{WarningGroup, load_rows, warning_groups};
use crate::StoreError;

/// Warnings of each code that are shown.
const FIRST_WARNINGS: i64 = 3;

/// A dump with all that hangs on it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DumpDetail {
    /// The dump itself.
    #[serde(flatten)]
    pub head: DumpHead,
    /// Its tickets.
    pub links: Vec<DumpLink>,
    /// All its loads, oldest first.
    pub loads: Vec<LoadSummary>,
    /// The load that the rest is about: the visible one, else the first.
    pub shown_load: Option<i64>,
    /// Network elements.
    pub nes: Vec<DumpNe>,
    /// Rows by table.
    pub rows: RowCounts,
    /// Warnings by code.
    pub warnings: Vec<WarningGroup>,
}

/// The columns of a dump.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DumpHead {
    /// The dump.
    pub dump_id: i64,
    /// The customer's key.
    pub customer: String,
    /// The network's key.
    pub network: String,
    /// When it was captured.
    pub capture_ts: DateTime<Utc>,
    /// How exact that is.
    pub capture_precision: String,
    /// Where that is from.
    pub capture_ts_source: String,
    /// What took it.
    pub origin: String,
    /// Its number among the dumps of its day.
    pub snapshot_seq: i32,
    /// The country, where known.
    pub country: Option<String>,
    /// Digest of the archive.
    pub sha256: String,
    /// Its status.
    pub status: String,
    /// The load that readers see.
    pub visible_load: Option<i64>,
    /// Rises with each change of the dump.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A ticket that a dump is linked to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DumpLink {
    /// The ticket.
    pub ticket: String,
    /// The health check; empty for none.
    pub hc_id: String,
    /// The object that brought the link.
    pub object_id: Option<i64>,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// A parse of an archive for a dump.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LoadSummary {
    /// The load.
    pub load_id: i64,
    /// The object that it reads.
    pub object_id: Option<i64>,
    /// The object's run.
    pub run: i32,
    /// Its status.
    pub status: String,
    /// Whether readers see it.
    pub visible: bool,
    /// Whether it was taken over from another system, without records.
    pub adopted: bool,
    /// The load that it is to replace.
    pub replaces: Option<i64>,
    /// Units still open.
    pub open_units: i32,
    /// The bucket of its source.
    pub source_bucket: String,
    /// The key of its source.
    pub source_key: String,
    /// Which version of the key.
    pub source_version: String,
    /// Size of the source in bytes.
    pub source_size: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A network element of a load.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DumpNe {
    /// Its name in the plan.
    pub ne: String,
    /// Its key, once its node file was read.
    pub ne_key: Option<String>,
    /// Its type.
    pub ne_type: Option<String>,
    /// Its software version.
    pub version: Option<String>,
    /// Its router id.
    pub router_id: Option<String>,
    /// Its management address.
    pub mgmt_ip: Option<String>,
    /// Plugin, state, outcome, records, warnings, attempts and error of each ledger row, by priority.
    pub plugins: serde_json::Value,
}

/// A dump; none if there is none of that id.
pub async fn dump_detail(pool: &PgPool, dump_id: i64) -> Result<Option<DumpDetail>, StoreError> {
    let Some(head) = head(pool, dump_id).await? else { return Ok(None) };
    let links = sqlx::query_as!(
        DumpLink,
        "select ticket, hc_id, object_id, created_at from dump.dump_link
         where dump_id = $1 order by ticket, hc_id",
        dump_id
    )
    .fetch_all(pool)
    .await?;
    let loads = loads(pool, dump_id).await?;
    let first = loads.iter().find(|load| load.replaces.is_none()).map(|load| load.load_id);
    let shown_load = head.visible_load.or(first);
    let (nes, rows, warnings) = match shown_load.map(LoadId) {
        Some(load_id) => (
            nes(pool, load_id).await?,
            load_rows(pool, load_id).await?,
            warning_groups(pool, load_id, FIRST_WARNINGS).await?,
        ),
        None => (Vec::new(), RowCounts::new(), Vec::new()),
    };
    Ok(Some(DumpDetail { head, links, loads, shown_load, nes, rows, warnings }))
}

async fn head(pool: &PgPool, dump_id: i64) -> Result<Option<DumpHead>, StoreError> {
    let row = sqlx::query_as!(
        DumpHead,
        r#"select d.dump_id, c.customer_key as customer, n.network_key as network, d.capture_ts,
            d.capture_precision, d.capture_ts_source, d.origin, d.snapshot_seq, d.country,
            encode(d.sha256, 'hex') as "sha256!", d.status, d.load_id as visible_load, d.row_version, d.created_at
           from dump.capture_dump d
           join dump.customer c using (customer_id)
           join dump.network n using (network_id)
           where d.dump_id = $1"#,
        dump_id
    )
    .fetch_optional(pool)
    .await?;
    Ok(row)
}

async fn loads(pool: &PgPool, dump_id: i64) -> Result<Vec<LoadSummary>, StoreError> {
    let rows = sqlx::query_as!(
        LoadSummary,
        r#"select l.load_id, l.object_id, l.run, l.status, coalesce(l.load_id = d.load_id, false) as "visible!",
            l.adopted, l.replaces, l.open_units, l.source_bucket, l.source_key, l.source_version, l.source_size,
            l.created_at, l.ended_at
           from dump.load l join dump.capture_dump d using (dump_id)
           where l.dump_id = $1 order by l.load_id"#,
        dump_id
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

async fn nes(pool: &PgPool, load_id: LoadId) -> Result<Vec<DumpNe>, StoreError> {
    let rows = sqlx::query_as!(
        DumpNe,
        r#"select n.plan_ne as ne, n.ne_key, n.ne_type, n.version, n.router_id, n.mgmt_ip,
            coalesce((select jsonb_agg(jsonb_build_object('plugin', p.plugin, 'state', p.state,
                'outcome', p.outcome, 'records', p.record_count, 'warnings', p.warning_count,
                'attempts', p.attempts, 'error', p.error_code) order by p.priority)
             from dump.plugin_ledger p where p.load_id = n.load_id and p.plan_ne = n.plan_ne), '[]') as "plugins!"
           from dump.dump_node n where n.load_id = $1 order by n.plan_ne"#,
        load_id.0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}
