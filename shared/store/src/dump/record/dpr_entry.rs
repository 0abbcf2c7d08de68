//! Entries of the DPR database.

use landfall_dumps::records::DprRecord;
use sqlx::PgConnection;

use super::Origin;
use super::columns::{optional, texts};
use crate::StoreError;

pub(super) async fn store(
    conn: &mut PgConnection,
    origin: Origin<'_>,
    entries: &[&DprRecord],
) -> Result<(), StoreError> {
    // An array of arrays cannot be unnested by rows, so each list goes as a text.
    let srlgs: Vec<String> = entries.iter().map(|r| joined(&r.srlg)).collect();
    let ages: Vec<Option<i64>> =
        entries.iter().map(|r| r.age_s.map(|age| i64::try_from(age).unwrap_or(i64::MAX))).collect();
    sqlx::query!(
        "insert into dump.dpr_entry (load_id, ne_id, plugin, chain_path, dpr_id, dpr_type, local_router_id, remote_router_id,
            local_if, remote_if, cost, srlg, oper_state, seq, age_s)
         select $1, $2, $3, $4, dpr_id::numeric, dpr_type, local_router_id, remote_router_id, local_if,
            remote_if, cost::numeric, string_to_array(srlg, ',')::numeric[], oper_state,
            seq::numeric, age_s
         from unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
            $12::text[], $13::text[], $14::text[], $15::bigint[])
         as t(dpr_id, dpr_type, local_router_id, remote_router_id, local_if, remote_if, cost, srlg,
            oper_state, seq, age_s)",
        origin.load_id.0,
        origin.ne_id,
        origin.plugin,
        origin.chain_path,
        &texts(entries, |r| r.dpr_id),
        &texts(entries, |r| r.dpr_type),
        &texts(entries, |r| r.local_router_id),
        &optional(entries, |r| r.remote_router_id) as &[Option<String>],
        &optional(entries, |r| r.local_if.clone()) as &[Option<String>],
        &optional(entries, |r| r.remote_if.clone()) as &[Option<String>],
        &optional(entries, |r| r.cost) as &[Option<String>],
        &srlgs,
        &texts(entries, |r| r.oper_state),
        &optional(entries, |r| r.seq) as &[Option<String>],
        &ages as &[Option<i64>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

fn joined(numbers: &[u64]) -> String {
    let texts: Vec<String> = numbers.iter().map(u64::to_string).collect();
    texts.join(",")
}
