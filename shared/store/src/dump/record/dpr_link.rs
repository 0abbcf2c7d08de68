//! Links of the DPR database.

use landfall_dumps::records::DprLinkRecord;
use sqlx::PgConnection;

use super::Origin;
use super::columns::{optional, texts};
use crate::StoreError;

pub(super) async fn store(
    conn: &mut PgConnection,
    origin: Origin<'_>,
    links: &[&DprLinkRecord],
) -> Result<(), StoreError> {
    let both_ways: Vec<bool> = links.iter().map(|r| r.bidirectional).collect();
    sqlx::query!(
        "insert into dump.dpr_link (load_id, ne_id, plugin, chain_path, src_node, src_if, dst_node, dst_if, link_type,
            bidirectional, cost, state)
         select $1, $2, $3, $4, src_node, src_if, dst_node, dst_if, link_type, bidirectional,
            cost::numeric, state
         from unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[], $11::text[],
            $12::text[])
         as t(src_node, src_if, dst_node, dst_if, link_type, bidirectional, cost, state)",
        origin.load_id.0,
        origin.ne_id,
        origin.plugin,
        origin.chain_path,
        &texts(links, |r| r.src_node.clone()),
        &texts(links, |r| r.src_if.clone()),
        &texts(links, |r| r.dst_node.clone()),
        &texts(links, |r| r.dst_if.clone()),
        &texts(links, |r| r.link_type),
        &both_ways,
        &optional(links, |r| r.cost) as &[Option<String>],
        &texts(links, |r| r.state)
    )
    .execute(conn)
    .await?;
    Ok(())
}
