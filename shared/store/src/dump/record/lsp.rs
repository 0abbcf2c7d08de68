//! Label switched paths.

use landfall_dumps::records::LspRecord;
use sqlx::PgConnection;

use super::Origin;
use super::columns::{optional, texts};
use crate::StoreError;

pub(super) async fn store(
    conn: &mut PgConnection,
    origin: Origin<'_>,
    lsps: &[&LspRecord],
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into dump.lsp_entry (load_id, ne_id, plugin, chain_path, from_node, to_node, label, label_raw,
            lsp_name, tunnel_id, signal_type, role, state, protection)
         select $1, $2, $3, $4, from_node, to_node, label, label_raw, lsp_name, tunnel_id::numeric, signal_type,
            role, state, protection
         from unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
            $12::text[], $13::text[], $14::text[])
         as t(from_node, to_node, label, label_raw, lsp_name, tunnel_id, signal_type, role, state, protection)",
        origin.load_id.0,
        origin.ne_id,
        origin.plugin,
        origin.chain_path,
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
