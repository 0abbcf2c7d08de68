//! What a verdict is made from, read under the lock of the network (specs: dumps 7.1).

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::{LoadId, ObjectId, Sha256Digest, State};
use landfall_dumps::capture_time::CaptureStamp;
use landfall_dumps::guard::{DumpId, DumpStatus, Facts, Link, OwnerSource, ShaOwner, StoredDump, Upload};
use landfall_dumps::names::PlanNe;
use sqlx::PgConnection;

use crate::StoreError;

/// The stored side of a judgement.
#[derive(Debug, Clone)]
pub struct GuardData {
    /// The dump that has the same content.
    pub owner: Option<ShaOwner>,
    /// The load that the content's digest names, and the object it read.
    pub owner_load: Option<(LoadId, Option<ObjectId>)>,
    /// Dumps of the same customer and network around the upload's time.
    pub dumps: Vec<StoredDump>,
    /// Dumps of the customer that hold the upload's health check.
    pub hc_holders: Vec<StoredDump>,
}

impl GuardData {
    /// The facts for the pure judgement.
    pub fn facts<'a>(&'a self, upload: &'a Upload) -> Facts<'a> {
        Facts { upload, sha_owner: self.owner.as_ref(), dumps: &self.dumps, hc_holders: &self.hc_holders }
    }
}

/// Reads what a verdict depends on. `object_id` is the object that is judged: a load of its own counts as one
/// that nobody works on any more. `judged` is the load that is judged again, which is left out with its digest. The
/// dump that owns the content stays locked.
pub async fn guard_data(
    conn: &mut PgConnection,
    upload: &Upload,
    sha256: &Sha256Digest,
    object_id: Option<ObjectId>,
    judged: Option<LoadId>,
) -> Result<GuardData, StoreError> {
    sqlx::query!(
        "select 1 as one from dump.archive_sha256 a join dump.capture_dump d using (dump_id)
         where a.sha256 = $1 for update of d",
        sha256.as_bytes().as_slice()
    )
    .fetch_optional(&mut *conn)
    .await?;
    guard_facts(conn, upload, sha256, (object_id, judged)).await
}

/// The same without any lock: what a verdict would be made from now.
pub async fn guard_facts(
    conn: &mut PgConnection,
    upload: &Upload,
    sha256: &Sha256Digest,
    (object_id, judged): (Option<ObjectId>, Option<LoadId>),
) -> Result<GuardData, StoreError> {
    let mut data = GuardData { owner: None, owner_load: None, dumps: Vec::new(), hc_holders: Vec::new() };
    read_owner(conn, &mut data, sha256, (object_id, judged)).await?;
    let near = dumps_near(conn, upload).await?;
    data.dumps = stored_dumps(conn, &near).await?.into_iter().map(|(_, dump)| dump).collect();
    if let Some(hc_id) = &upload.hc_id {
        let holders = sqlx::query_scalar!(
            "select distinct d.dump_id from dump.dump_link l
             join dump.capture_dump d using (dump_id) join dump.customer c using (customer_id)
             where c.customer_key = $1 and l.hc_id = $2",
            upload.customer.to_string(),
            hc_id.to_string()
        )
        .fetch_all(&mut *conn)
        .await?;
        data.hc_holders = stored_dumps(conn, &holders).await?.into_iter().map(|(_, dump)| dump).collect();
    }
    Ok(data)
}

async fn read_owner(
    conn: &mut PgConnection,
    data: &mut GuardData,
    sha256: &Sha256Digest,
    (object_id, judged): (Option<ObjectId>, Option<LoadId>),
) -> Result<(), StoreError> {
    let row = sqlx::query!(
        r#"select a.dump_id, a.load_id, l.object_id, o.state as "state?",
            exists (select 1 from dump.plugin_ledger p where p.load_id = a.load_id
                and (p.state in ('PENDING', 'RUNNING') or (p.state = 'FAILED' and p.attempts < 3)
                    or p.error_code in ('E_SOURCE_CHANGED', 'E_SOURCE_MISSING'))) as "resumable!"
           from dump.archive_sha256 a
           join dump.capture_dump d on d.dump_id = a.dump_id
           join dump.load l on l.load_id = a.load_id
           left join ingest.object o on o.object_id = l.object_id
           where a.sha256 = $1 and a.load_id is distinct from $2"#,
        sha256.as_bytes().as_slice(),
        judged.map(|load| load.0)
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(()) };
    let own = row.object_id.is_some() && row.object_id == object_id.map(|id| id.0);
    let source = match row.state.as_deref().map(parse::<State>).transpose()? {
        _ if own => OwnerSource::Lost,
        Some(State::Dispatched) => OwnerSource::Dispatched,
        Some(State::Failed | State::Quarantined | State::Gone | State::Superseded) => OwnerSource::Lost,
        _ => OwnerSource::Settled,
    };
    let found = stored_dumps(conn, &[row.dump_id]).await?.pop();
    let (customer, dump) = found.ok_or_else(|| unreadable("dump of a stored digest", &row.dump_id))?;
    let customer = parse(&customer)?;
    data.owner = Some(ShaOwner { customer, dump, source, has_resumable_rows: row.resumable });
    data.owner_load = Some((LoadId(row.load_id), row.object_id.map(ObjectId)));
    Ok(())
}

/// The dumps of the upload's network on its UTC day and within 6 h around it.
async fn dumps_near(conn: &mut PgConnection, upload: &Upload) -> Result<Vec<i64>, StoreError> {
    let at = upload.capture.time;
    // A stamp of day precision stands at midnight: a day to both sides holds the same day and the 6 h.
    let reach = TimeDelta::try_days(2).unwrap_or_default();
    let from: DateTime<Utc> = at.checked_sub_signed(reach).unwrap_or(at);
    let to: DateTime<Utc> = at.checked_add_signed(reach).unwrap_or(at);
    let ids = sqlx::query_scalar!(
        "select d.dump_id from dump.capture_dump d
         join dump.customer c using (customer_id) join dump.network n using (network_id)
         where c.customer_key = $1 and n.network_key = $2 and d.capture_ts between $3 and $4",
        upload.customer.to_string(),
        upload.network.to_string(),
        from,
        to
    )
    .fetch_all(conn)
    .await?;
    Ok(ids)
}

/// Dumps by id, each with its customer's key, oldest id first.
async fn stored_dumps(conn: &mut PgConnection, ids: &[i64]) -> Result<Vec<(String, StoredDump)>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        r#"select d.dump_id, c.customer_key, n.network_key, d.capture_ts, d.capture_precision,
            d.capture_ts_source, d.origin, d.snapshot_seq, d.status,
            array(select ticket from dump.dump_link l where l.dump_id = d.dump_id order by ticket, hc_id) as "tickets!",
            array(select hc_id from dump.dump_link l where l.dump_id = d.dump_id order by ticket, hc_id) as "hc_ids!",
            array(select plan_ne from dump.dump_node x where x.load_id = coalesce(d.load_id,
                (select min(load_id) from dump.load l where l.dump_id = d.dump_id and l.replaces is null))) as "nes!"
           from dump.capture_dump d
           join dump.customer c using (customer_id) join dump.network n using (network_id)
           where d.dump_id = any($1) order by d.dump_id"#,
        ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|r| {
            let capture = CaptureStamp {
                time: r.capture_ts,
                precision: parse(&r.capture_precision)?,
                source: parse(&r.capture_ts_source)?,
            };
            let dump = StoredDump {
                id: DumpId(r.dump_id),
                network: parse(&r.network_key)?,
                capture,
                origin: parse(&r.origin)?,
                snapshot_seq: u32::try_from(r.snapshot_seq).unwrap_or(0),
                status: read_status(&r.status)?,
                links: read_links(&r.tickets, &r.hc_ids)?,
                nes: r.nes.iter().map(|ne| parse(ne)).collect::<Result<BTreeSet<PlanNe>, _>>()?,
            };
            Ok((r.customer_key, dump))
        })
        .collect()
}

fn read_links(tickets: &[String], hc_ids: &[String]) -> Result<Vec<Link>, StoreError> {
    let link = |(ticket, hc_id): (&String, &String)| {
        let hc_id = if hc_id.is_empty() { None } else { Some(parse(hc_id)?) };
        Ok(Link { ticket: parse(ticket)?, hc_id })
    };
    tickets.iter().zip(hc_ids).map(link).collect()
}

fn read_status(text: &str) -> Result<DumpStatus, StoreError> {
    match text {
        "RUNNING" => Ok(DumpStatus::Running),
        "COMPLETE" => Ok(DumpStatus::Complete),
        "PARTIAL" => Ok(DumpStatus::Partial),
        "FAILED" => Ok(DumpStatus::Failed),
        other => Err(unreadable("status of a dump", &other)),
    }
}

fn parse<T>(text: &str) -> Result<T, StoreError>
where
    T: FromStr,
    T::Err: Display,
{
    text.parse().map_err(|e: T::Err| StoreError::Unreadable { what: format!("{text:?}: {e}") })
}

fn unreadable(what: &str, value: &dyn Display) -> StoreError {
    StoreError::Unreadable { what: format!("{what}: {value}") }
}
