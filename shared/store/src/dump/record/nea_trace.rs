//! Messages of the NEA trace.

use chrono::{DateTime, Utc};
use landfall_dumps::records::NeaTraceRecord;
use sqlx::PgConnection;

use super::Origin;
use super::columns::{optional, texts};
use crate::StoreError;

pub(super) async fn store(
    conn: &mut PgConnection,
    origin: Origin<'_>,
    traces: &[&NeaTraceRecord],
) -> Result<(), StoreError> {
    let times: Vec<DateTime<Utc>> = traces.iter().map(|r| r.ts).collect();
    let attributes: Vec<serde_json::Value> = traces.iter().map(|r| serde_json::json!(r.attrs)).collect();
    sqlx::query!(
        "insert into dump.nea_trace (load_id, ne_id, plugin, chain_path, ordinal, ts, severity, module, event, seq, message,
            attrs)
         select $1, $2, $3, $4, ordinal::bigint, ts, severity, module, event, seq::numeric, message,
            attrs
         from unnest($5::text[], $6::timestamptz[], $7::text[], $8::text[], $9::text[], $10::text[],
            $11::text[], $12::jsonb[])
         as t(ordinal, ts, severity, module, event, seq, message, attrs)",
        origin.load_id.0,
        origin.ne_id,
        origin.plugin,
        origin.chain_path,
        &texts(traces, |r| r.ordinal),
        &times,
        &texts(traces, |r| r.severity),
        &optional(traces, |r| r.module.clone()) as &[Option<String>],
        &optional(traces, |r| r.event.clone()) as &[Option<String>],
        &optional(traces, |r| r.seq) as &[Option<String>],
        &texts(traces, |r| r.message.clone()),
        &attributes
    )
    .execute(conn)
    .await?;
    Ok(())
}
