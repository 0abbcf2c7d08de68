//! Alarms of either plugin.

use chrono::{DateTime, Utc};
use landfall_dumps::records::AlarmRecord;
use sqlx::PgConnection;

use super::Origin;
use super::columns::{optional, texts};
use crate::StoreError;

pub(super) async fn store(
    conn: &mut PgConnection,
    origin: Origin<'_>,
    alarms: &[&AlarmRecord],
) -> Result<(), StoreError> {
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
        origin.load_id.0,
        origin.ne_id,
        origin.plugin,
        origin.chain_path,
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
