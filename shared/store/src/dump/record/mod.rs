//! Records of the plugins into their tables, in bounded chunks.

mod alarm;
mod columns;
mod dpr_entry;
mod dpr_link;
mod dpr_router_map;
mod lsp;
mod ma_notif_bucket_count;
mod nea_bucket_count;
mod nea_trace;
mod three_r;

use landfall_domain::LoadId;
use landfall_dumps::records::{Record, RecordKind};
use sqlx::PgConnection;

use crate::StoreError;

/// Records of one statement.
pub const RECORDS_AT_ONCE: usize = 5_000;

/// Whose records are stored: load, network element, plugin.
pub type Owner<'a> = (LoadId, i64, &'a str);

/// Where records come from: what each of their rows begins with.
#[derive(Clone, Copy)]
struct Origin<'a> {
    load_id: LoadId,
    ne_id: i64,
    plugin: &'a str,
    chain_path: &'a str,
}

/// Stores records that one plugin found in the file with this chain path, for one network element. Node records go to
/// `dump_node` instead.
pub async fn store_records(
    conn: &mut PgConnection,
    (load_id, ne_id, plugin): Owner<'_>,
    chain_path: &str,
    records: &[Record],
) -> Result<(), StoreError> {
    let origin = Origin { load_id, ne_id, plugin, chain_path };
    for alike in records.chunk_by(|a, b| a.kind() == b.kind()) {
        for chunk in alike.chunks(RECORDS_AT_ONCE) {
            store_chunk(conn, origin, chunk).await?;
        }
    }
    Ok(())
}

/// The records of one variant.
macro_rules! only {
    ($chunk:ident, $variant:ident) => {{
        let mut records = Vec::with_capacity($chunk.len());
        records.extend($chunk.iter().filter_map(|record| match record {
            Record::$variant(record) => Some(record),
            _ => None,
        }));
        records
    }};
}

/// Stores records of one kind.
async fn store_chunk(
    conn: &mut PgConnection,
    origin: Origin<'_>,
    chunk: &[Record],
) -> Result<(), StoreError> {
    let Some(kind) = chunk.first().map(Record::kind) else {
        return Ok(());
    };
    match kind {
        RecordKind::Node => Ok(()),
        RecordKind::Lsp => lsp::store(conn, origin, &only!(chunk, Lsp)).await,
        RecordKind::Alarm => alarm::store(conn, origin, &only!(chunk, Alarm)).await,
        RecordKind::Dpr => dpr_entry::store(conn, origin, &only!(chunk, Dpr)).await,
        RecordKind::NeaTrace => nea_trace::store(conn, origin, &only!(chunk, NeaTrace)).await,
        RecordKind::NeaBucket => nea_bucket_count::store(conn, origin, &only!(chunk, NeaBucket)).await,
        RecordKind::MaNotif => ma_notif_bucket_count::store(conn, origin, &only!(chunk, MaNotif)).await,
        RecordKind::ThreeRGroup => three_r::store(conn, origin, &only!(chunk, ThreeRGroup)).await,
        RecordKind::DprLink => dpr_link::store(conn, origin, &only!(chunk, DprLink)).await,
        RecordKind::RouterMap => dpr_router_map::store(conn, origin, &only!(chunk, RouterMap)).await,
    }
}
