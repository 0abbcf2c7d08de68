//! Archives of the system before: each one dump with one visible load, which read no object and holds no records.

use chrono::{DateTime, Utc};
use landfall_domain::Sha256Digest;
use landfall_dumps::adopt::{
    ArchiveRow, RawRow, StoredArchive, StoredArchives, Table, plan_archives, read_archives,
};
use sqlx::PgConnection;

use super::networks::stored_networks;
use super::{Adoption, Refused};
use crate::StoreError;

impl Adoption {
    pub(super) async fn take_archives(&mut self, rows: &[RawRow]) -> Result<(), StoreError> {
        let read = read_archives(rows);
        let columns = Columns::of(&read.rows, 0);
        let stored = stored(&mut self.tx, &columns, &self.refused).await?;
        let mut planned = plan_archives(read.rows, stored);
        self.count(Table::Archives, (read.bad, read.conflicts), &mut planned);
        let refused = read.refused.iter().chain(&planned.refused);
        // An archive of a refused network cannot be made either.
        let of_refused = |row: &&ArchiveRow| {
            self.refused.networks.contains(&(row.customer.to_string(), row.network.to_string()))
        };
        let orphans = planned.inserts.iter().filter(of_refused);
        self.refused.archives.extend(refused.chain(orphans).map(|row| row.sha256));
        let new = Columns::of(&planned.inserts, self.uncounted);
        self.uncounted = self.uncounted.saturating_add(new.uncounted);
        insert_loads(&mut self.tx, &new, self.now).await?;
        insert_nodes(&mut self.tx, &planned.inserts).await
    }
}

/// The columns of some archives.
#[derive(Default)]
struct Columns {
    digests: Vec<Vec<u8>>,
    customers: Vec<String>,
    networks: Vec<String>,
    times: Vec<DateTime<Utc>>,
    precisions: Vec<String>,
    origins: Vec<String>,
    /// Numbers below 0, falling, stand for those that [`count_snapshots`] will find.
    numbers: Vec<i32>,
    countries: Vec<Option<String>>,
    uncounted: i32,
}

impl Columns {
    fn of(rows: &[ArchiveRow], uncounted_before: i32) -> Self {
        let mut columns = Self::default();
        for row in rows {
            let number = row.snapshot_seq.unwrap_or_else(|| {
                columns.uncounted = columns.uncounted.saturating_add(1);
                uncounted_before.saturating_add(columns.uncounted).saturating_neg()
            });
            columns.digests.push(row.sha256.as_bytes().to_vec());
            columns.customers.push(row.customer.to_string());
            columns.networks.push(row.network.to_string());
            columns.times.push(row.capture.time);
            columns.precisions.push(row.capture.precision.to_string());
            columns.origins.push(row.origin.to_string());
            columns.numbers.push(number);
            columns.countries.push(row.country.as_ref().map(ToString::to_string));
        }
        columns
    }
}

async fn stored(
    conn: &mut PgConnection,
    columns: &Columns,
    refused: &Refused,
) -> Result<StoredArchives, StoreError> {
    let mut stored = StoredArchives::default();
    read_archives_of(conn, columns, &mut stored).await?;
    let held = sqlx::query!(
        "select distinct c.customer_key, n.network_key, d.capture_ts, d.origin, d.snapshot_seq, d.dump_id
         from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::integer[])
            as t(customer, network, capture_ts, origin, number)
         join dump.customer c on c.customer_key = t.customer
         join dump.network n on n.customer_id = c.customer_id and n.network_key = t.network
         join dump.capture_dump d on d.customer_id = c.customer_id and d.network_id = n.network_id
            and d.capture_ts = t.capture_ts and d.origin = t.origin and d.snapshot_seq = t.number
         where t.number > 0",
        &columns.customers,
        &columns.networks,
        &columns.times,
        &columns.origins,
        &columns.numbers
    )
    .fetch_all(&mut *conn)
    .await?;
    for r in held {
        let key = (r.customer_key, r.network_key, r.capture_ts, r.origin, r.snapshot_seq);
        stored.dumps.insert(key, format!("dump {}", r.dump_id));
    }
    let keys = columns.customers.iter().cloned().zip(columns.networks.iter().cloned());
    stored.networks = stored_networks(conn, keys).await?;
    stored.networks.extend(refused.networks.iter().cloned());
    Ok(stored)
}

async fn read_archives_of(
    conn: &mut PgConnection,
    columns: &Columns,
    stored: &mut StoredArchives,
) -> Result<(), StoreError> {
    let found = sqlx::query!(
        r#"select a.sha256, c.customer_key, n.network_key, l.capture_ts, l.capture_precision, l.origin,
            d.snapshot_seq, l.country,
            array(select x.plan_ne from dump.dump_node x where x.load_id = a.load_id) as "nes!"
           from dump.archive_sha256 a
           join dump.load l using (load_id)
           join dump.capture_dump d on d.dump_id = a.dump_id
           join dump.customer c using (customer_id)
           join dump.network n using (network_id)
           where a.sha256 = any($1)"#,
        &columns.digests
    )
    .fetch_all(conn)
    .await?;
    for r in found {
        let sha256 = Sha256Digest::try_from(r.sha256.as_slice())
            .map_err(|error| StoreError::Unreadable { what: format!("a digest: {error}") })?;
        let archive = StoredArchive {
            customer: r.customer_key,
            network: r.network_key,
            capture_ts: r.capture_ts,
            capture_precision: r.capture_precision,
            origin: r.origin,
            snapshot_seq: Some(r.snapshot_seq).filter(|number| *number > 0),
            country: r.country,
            nes: r.nes.into_iter().collect(),
        };
        stored.archives.insert(sha256, archive);
    }
    Ok(())
}

/// Makes dumps with their loads and digests, and lets readers see the loads. Source columns are empty: no object
/// was read.
async fn insert_loads(conn: &mut PgConnection, new: &Columns, now: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!(
        "with input as (
            select t.*, n.customer_id, n.network_id
            from unnest($1::bytea[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[],
                $7::integer[], $8::text[])
                as t(sha256, customer, network, capture_ts, capture_precision, origin, number, country)
            join dump.customer c on c.customer_key = t.customer
            join dump.network n on n.customer_id = c.customer_id and n.network_key = t.network
         ), dumps as (
            insert into dump.capture_dump (customer_id, network_id, capture_ts, capture_precision,
                capture_ts_source, origin, snapshot_seq, country, sha256, source_bucket, source_key,
                source_version, status, created_at)
            select customer_id, network_id, capture_ts, capture_precision, 'meta', origin, number, country, sha256,
                '', '', '', 'COMPLETE', $9
            from input returning dump_id, sha256
         ), loads as (
            insert into dump.load (dump_id, run, source_bucket, source_key, source_version, source_size, sha256,
                capture_ts, capture_precision, capture_ts_source, origin, country, plan_id, plan, outer_whole,
                adopted, status, open_units, created_at, ended_at)
            select d.dump_id, 0, '', '', '', 0, i.sha256, i.capture_ts, i.capture_precision, 'meta', i.origin,
                i.country, '00000000-0000-0000-0000-000000000000', '{}', true, true, 'COMPLETE', 0, $9, $9
            from dumps d join input i using (sha256) returning load_id, dump_id, sha256
         )
         insert into dump.archive_sha256 (sha256, dump_id, load_id) select sha256, dump_id, load_id from loads",
        &new.digests,
        &new.customers,
        &new.networks,
        &new.times,
        &new.precisions,
        &new.origins,
        &new.numbers,
        &new.countries as &[Option<String>],
        now
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update dump.capture_dump d set load_id = a.load_id
         from dump.archive_sha256 a where a.sha256 = any($1) and d.dump_id = a.dump_id",
        &new.digests
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Enters the network elements that the archives are said to show.
async fn insert_nodes(conn: &mut PgConnection, rows: &[ArchiveRow]) -> Result<(), StoreError> {
    let nodes = rows.iter().flat_map(|row| {
        let digest = row.sha256.as_bytes().to_vec();
        row.plan_nes().into_iter().map(move |ne| (digest.clone(), ne))
    });
    let (digests, nes): (Vec<Vec<u8>>, Vec<String>) = nodes.unzip();
    sqlx::query!(
        "insert into dump.dump_node (load_id, plan_ne)
         select a.load_id, t.ne from unnest($1::bytea[], $2::text[]) as t(sha256, ne)
         join dump.archive_sha256 a using (sha256)",
        &digests,
        &nes
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Numbers the dumps that came without a number, by their capture times, above all others of their network and UTC
/// day (specs: dumps 7.4).
pub(super) async fn count_snapshots(conn: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!(
        "with counted as (
            select dump_id, customer_id, network_id, date_trunc('day', capture_ts, 'UTC') as day,
                row_number() over (partition by customer_id, network_id, date_trunc('day', capture_ts, 'UTC')
                    order by capture_ts, snapshot_seq desc) as number
            from dump.capture_dump where snapshot_seq < 0
         ), highest as (
            select t.customer_id, t.network_id, t.day, coalesce((select max(o.snapshot_seq)
                from dump.capture_dump o
                where o.customer_id = t.customer_id and o.network_id = t.network_id
                    and o.capture_ts >= t.day and o.capture_ts < t.day + interval '24 hours'
                    and o.snapshot_seq > 0), 0) as number
            from (select distinct customer_id, network_id, day from counted) as t
         )
         update dump.capture_dump d set snapshot_seq = (h.number + c.number)::integer
         from counted c join highest h using (customer_id, network_id, day)
         where d.dump_id = c.dump_id"
    )
    .execute(conn)
    .await?;
    Ok(())
}
