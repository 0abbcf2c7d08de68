//! Rows per table, and the dumps that an object brought.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use landfall_domain::ObjectId;
use sqlx::PgPool;

use crate::StoreError;

/// Rows per table, by name.
pub type RowCounts = BTreeMap<String, i64>;

/// Rows of the tables that readers see, in their visible loads.
pub async fn record_counts(pool: &PgPool) -> Result<RowCounts, StoreError> {
    let rows = sqlx::query!(
        r#"select 'dump.capture_dump' as "table!", count(*) as "n!" from dump.capture_dump
           union all select 'dump.network_element', count(*) from dump.network_element
           union all select 'dump.dump_link', count(*) from dump.dump_link
           union all select 'dump.dump_node', count(*) from dump.dump_node_current
           union all select 'dump.lsp_entry', count(*) from dump.lsp_entry_current
           union all select 'dump.alarm_state_entry', count(*) from dump.alarm_state_entry_current
           union all select 'dump.dpr_entry', count(*) from dump.dpr_entry_current
           union all select 'dump.nea_trace', count(*) from dump.nea_trace_current
           union all select 'dump.nea_bucket_count', count(*) from dump.nea_bucket_count_current
           union all select 'dump.ma_notif_bucket_count', count(*) from dump.ma_notif_bucket_count_current
           union all select 'dump.three_r_group', count(*) from dump.three_r_group_current
           union all select 'dump.three_r_link', count(*) from dump.three_r_link_current
           union all select 'dump.dpr_link', count(*) from dump.dpr_link_current
           union all select 'dump.dpr_router_map', count(*) from dump.dpr_router_map_current
           union all select 'dump.parse_warning', count(*) from dump.parse_warning_current"#
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|r| (r.table, r.n)).collect())
}

/// A dump that an object brought or is linked to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DumpSummary {
    /// The dump.
    pub dump_id: i64,
    /// The load that the object brought.
    pub load_id: i64,
    /// Customer and network.
    pub network: String,
    /// When it was captured.
    pub capture_ts: DateTime<Utc>,
    /// Where it comes from.
    pub origin: String,
    /// Status of the load.
    pub status: String,
    /// Units still open.
    pub open_units: i32,
    /// Network element, plugin, state, outcome, records and warnings of each ledger row.
    pub ledger: serde_json::Value,
}

/// The dumps whose loads read an object.
pub async fn dumps_of_object(pool: &PgPool, object_id: ObjectId) -> Result<Vec<DumpSummary>, StoreError> {
    let rows = sqlx::query_as!(
        DumpSummary,
        r#"select d.dump_id, l.load_id, c.customer_key || '/' || n.network_key as "network!", l.capture_ts,
            l.origin, l.status, l.open_units,
            coalesce((select jsonb_agg(jsonb_build_object('ne', p.plan_ne, 'plugin', p.plugin, 'state', p.state,
                'outcome', p.outcome, 'records', p.record_count, 'warnings', p.warning_count,
                'attempts', p.attempts, 'error', p.error_code) order by p.plan_ne, p.priority)
             from dump.plugin_ledger p where p.load_id = l.load_id), '[]'::jsonb) as "ledger!"
           from dump.load l
           join dump.capture_dump d using (dump_id)
           join dump.customer c using (customer_id)
           join dump.network n using (network_id)
           where l.object_id = $1 order by l.load_id"#,
        object_id.0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}
