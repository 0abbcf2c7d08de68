//! The router map.

use landfall_dumps::records::RouterMapRecord;
use sqlx::PgConnection;

use super::Origin;
use super::columns::{optional, texts};
use crate::StoreError;

pub(super) async fn store(
    conn: &mut PgConnection,
    origin: Origin<'_>,
    entries: &[&RouterMapRecord],
) -> Result<(), StoreError> {
    let local: Vec<bool> = entries.iter().map(|r| r.is_local).collect();
    sqlx::query!(
        "insert into dump.dpr_router_map (load_id, ne_id, plugin, chain_path, router_id, ne_name, mgmt_ip, is_local)
         select $1, $2, $3, $4, router_id, ne_name, mgmt_ip, is_local
         from unnest($5::text[], $6::text[], $7::text[], $8::boolean[])
         as t(router_id, ne_name, mgmt_ip, is_local)",
        origin.load_id.0,
        origin.ne_id,
        origin.plugin,
        origin.chain_path,
        &texts(entries, |r| r.router_id),
        &texts(entries, |r| r.ne_name.clone()),
        &optional(entries, |r| r.mgmt_ip) as &[Option<String>],
        &local
    )
    .execute(conn)
    .await?;
    Ok(())
}
