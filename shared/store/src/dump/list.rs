//! Finding dumps, for people.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use crate::StoreError;

/// What dumps are looked for; a field that is none does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DumpFilter {
    /// The customer: its key, and how an alias of it would be stored.
    pub customer: Option<(String, String)>,
    /// The network's key.
    pub network: Option<String>,
    /// A ticket that it is linked to.
    pub ticket: Option<String>,
    /// A health check that it is linked to.
    pub hc_id: Option<String>,
    /// What took it.
    pub origin: Option<String>,
    /// Its status, as stored.
    pub status: Option<String>,
    /// Captured at this time or later.
    pub from: Option<DateTime<Utc>>,
    /// Captured before this time.
    pub to: Option<DateTime<Utc>>,
    /// The dump after which the list goes on: the last one of the page before.
    pub after: Option<i64>,
}

/// A dump in a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DumpRow {
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
    /// What took it.
    pub origin: String,
    /// Its number among the dumps of its day.
    pub snapshot_seq: i32,
    /// Its status.
    pub status: String,
    /// Whether it was taken over from another system, without records.
    pub adopted: bool,
    /// Tickets, each with its health check where it has one.
    pub links: Vec<String>,
    /// Network elements of the load that counts: the visible one, else the first.
    pub nes: i64,
    /// Records of that load.
    pub records: i64,
    /// Warnings of that load's plugins.
    pub warnings: i64,
    /// The key of its object.
    pub source_key: String,
}

/// The dumps that fit a filter, newest capture first, at most `limit`.
pub async fn list_dumps(pool: &PgPool, filter: &DumpFilter, limit: i64) -> Result<Vec<DumpRow>, StoreError> {
    let (key, alias) = filter.customer.clone().unzip();
    // The page is cut first, so that only its dumps are counted.
    let rows = sqlx::query_as!(
        DumpRow,
        r#"with page as (
            select d.*, c.customer_key, n.network_key
            from dump.capture_dump d
            join dump.customer c using (customer_id)
            join dump.network n using (network_id)
            where ($1::text is null or c.customer_key = $1
                    or c.customer_id = (select a.customer_id from dump.customer_alias a where a.alias = $2))
                and ($3::text is null or n.network_key = $3)
                and (($4::text is null and $5::text is null) or exists (
                    select 1 from dump.dump_link k where k.dump_id = d.dump_id
                        and ($4::text is null or k.ticket = $4) and ($5::text is null or k.hc_id = $5)))
                and ($6::text is null or d.origin = $6) and ($7::text is null or d.status = $7)
                and ($8::timestamptz is null or d.capture_ts >= $8)
                and ($9::timestamptz is null or d.capture_ts < $9)
                and ($10::bigint is null or (d.capture_ts, d.dump_id)
                    < (select p.capture_ts, p.dump_id from dump.capture_dump p where p.dump_id = $10))
            order by d.capture_ts desc, d.dump_id desc limit $11
        )
        select p.dump_id as "dump_id!", p.customer_key as "customer!", p.network_key as "network!",
            p.capture_ts as "capture_ts!", p.capture_precision as "capture_precision!", p.origin as "origin!",
            p.snapshot_seq as "snapshot_seq!", p.status as "status!", coalesce(l.adopted, false) as "adopted!",
            coalesce((select array_agg(concat_ws(' ', k.ticket, nullif(k.hc_id, '')) order by k.ticket, k.hc_id)
                from dump.dump_link k where k.dump_id = p.dump_id), '{}') as "links!",
            (select count(*) from dump.dump_node e where e.load_id = l.load_id) as "nes!",
            coalesce(r.records, 0) as "records!", coalesce(r.warnings, 0) as "warnings!",
            p.source_key as "source_key!"
        from page p
        left join dump.load l on l.load_id = coalesce(p.load_id,
            (select min(o.load_id) from dump.load o where o.dump_id = p.dump_id and o.replaces is null))
        left join lateral (select sum(g.record_count)::bigint as records, sum(g.warning_count)::bigint as warnings
            from dump.plugin_ledger g where g.load_id = l.load_id) r on true
        order by p.capture_ts desc, p.dump_id desc"#,
        key,
        alias,
        filter.network,
        filter.ticket,
        filter.hc_id,
        filter.origin,
        filter.status,
        filter.from,
        filter.to,
        filter.after,
        limit
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}
