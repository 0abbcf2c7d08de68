//! Records of the plugins into their tables, in bounded chunks.

use chrono::{DateTime, Utc};
use landfall_domain::LoadId;
use landfall_dumps::records::{AlarmRecord, LspRecord, Record};
use landfall_dumps::runner::MergedFile;
use sqlx::PgConnection;

use crate::StoreError;

/// Records of one statement.
const CHUNK: usize = 5_000;

/// Whose records are stored: load, network element, plugin.
pub type Owner<'a> = (LoadId, i64, &'a str);

/// Stores the records of one plugin's files for one network element. Node records go to `dump_node` instead.
pub async fn store_records(
    conn: &mut PgConnection,
    owner: Owner<'_>,
    files: &[MergedFile],
) -> Result<(), StoreError> {
    for file in files {
        for chunk in file.records.chunks(CHUNK) {
            let mut lsps = Vec::new();
            let mut alarms = Vec::new();
            for record in chunk {
                match record {
                    Record::Node(_) => {}
                    Record::Lsp(lsp) => lsps.push(lsp),
                    Record::Alarm(alarm) => alarms.push(alarm),
                    // No plugin that gives these is in the production registry yet.
                    Record::Dpr(_)
                    | Record::NeaTrace(_)
                    | Record::NeaBucket(_)
                    | Record::MaNotif(_)
                    | Record::ThreeRGroup(_)
                    | Record::DprLink(_)
                    | Record::RouterMap(_) => {}
                }
            }
            store_lsps(conn, owner, &file.chain_path, &lsps).await?;
            store_alarms(conn, owner, &file.chain_path, &alarms).await?;
        }
    }
    Ok(())
}

fn texts<R, T: ToString>(records: &[&R], get: impl Fn(&R) -> T) -> Vec<String> {
    records.iter().map(|r| get(r).to_string()).collect()
}

fn optional<R, T: ToString>(records: &[&R], get: impl Fn(&R) -> Option<T>) -> Vec<Option<String>> {
    records.iter().map(|r| get(r).map(|value| value.to_string())).collect()
}

async fn store_lsps(
    conn: &mut PgConnection,
    (load_id, ne_id, plugin): Owner<'_>,
    chain_path: &str,
    lsps: &[&LspRecord],
) -> Result<(), StoreError> {
    if lsps.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into dump.lsp_entry (load_id, ne_id, plugin, chain_path, from_node, to_node, label, label_raw,
            lsp_name, tunnel_id, signal_type, role, state, protection)
         select $1, $2, $3, $4, from_node, to_node, label, label_raw, lsp_name, tunnel_id::numeric, signal_type,
            role, state, protection
         from unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
            $12::text[], $13::text[], $14::text[])
         as t(from_node, to_node, label, label_raw, lsp_name, tunnel_id, signal_type, role, state, protection)",
        load_id.0,
        ne_id,
        plugin,
        chain_path,
        &texts(lsps, |r| r.from_node.clone()),
        &texts(lsps, |r| r.to_node.clone()),
        &texts(lsps, |r| r.label.clone()),
        &optional(lsps, |r| r.label_raw.clone()) as &[Option<String>],
        &optional(lsps, |r| r.lsp_name.clone()) as &[Option<String>],
        &optional(lsps, |r| r.tunnel_id) as &[Option<String>],
        &optional(lsps, |r| r.signal_type.clone()) as &[Option<String>],
        &optional(lsps, |r| r.role) as &[Option<String>],
        &texts(lsps, |r| r.state),
        &optional(lsps, |r| r.protection) as &[Option<String>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn store_alarms(
    conn: &mut PgConnection,
    (load_id, ne_id, plugin): Owner<'_>,
    chain_path: &str,
    alarms: &[&AlarmRecord],
) -> Result<(), StoreError> {
    if alarms.is_empty() {
        return Ok(());
    }
    // A null time in a key is 1970-01-01 (specs: dumps 5).
    let raised: Vec<DateTime<Utc>> = alarms.iter().map(|r| r.raised_at.unwrap_or_default()).collect();
    let shelves: Vec<Option<i32>> = alarms.iter().map(|r| r.shelf.map(i32::from)).collect();
    let slots: Vec<Option<i32>> = alarms.iter().map(|r| r.slot.map(i32::from)).collect();
    let affecting: Vec<Option<bool>> = alarms.iter().map(|r| r.service_affecting).collect();
    sqlx::query!(
        "insert into dump.alarm_state_entry (load_id, ne_id, plugin, chain_path, aid, condition, raised_at,
            severity, card, shelf, slot, port, alarm_id, service_affecting, description)
         select $1, $2, $3, $4, aid, condition, raised_at, severity, card, shelf, slot, port, alarm_id::numeric,
            service_affecting, description
         from unnest($5::text[], $6::text[], $7::timestamptz[], $8::text[], $9::text[], $10::integer[],
            $11::integer[], $12::text[], $13::text[], $14::boolean[], $15::text[])
         as t(aid, condition, raised_at, severity, card, shelf, slot, port, alarm_id, service_affecting,
            description)",
        load_id.0,
        ne_id,
        plugin,
        chain_path,
        &texts(alarms, |r| r.aid.clone()),
        &texts(alarms, |r| r.condition.clone()),
        &raised,
        &texts(alarms, |r| r.severity),
        &optional(alarms, |r| r.card.clone()) as &[Option<String>],
        &shelves as &[Option<i32>],
        &slots as &[Option<i32>],
        &optional(alarms, |r| r.port.clone()) as &[Option<String>],
        &optional(alarms, |r| r.alarm_id) as &[Option<String>],
        &affecting as &[Option<bool>],
        &optional(alarms, |r| r.description.clone()) as &[Option<String>]
    )
    .execute(conn)
    .await?;
    Ok(())
}
