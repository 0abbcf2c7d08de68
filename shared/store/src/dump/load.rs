//! Dumps and their loads.

use chrono::{DateTime, Utc};
use landfall_domain::{LoadId, ObjectId, Pin, PlanId, Run, Sha256Digest};
use landfall_dumps::capture_time::CaptureStamp;
use landfall_dumps::plan::{Plan, PlannedNe};
use sqlx::{PgConnection, PgPool};

use super::{LockedDump, Network, Replacing};
use crate::StoreError;
use crate::object::ObjectRow;

/// The object version that a load reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// Which version of the key.
    pub version: String,
    /// What reads are pinned to.
    pub pin: Pin,
    /// Size in bytes.
    pub size: i64,
}

impl Source {
    /// The source that an object row names.
    pub fn of(object: &ObjectRow, size: u64) -> Self {
        Self {
            bucket: object.bucket.clone(),
            key: object.key.clone(),
            version: object.version.clone(),
            pin: object.pin.clone(),
            size: i64::try_from(size).unwrap_or(i64::MAX),
        }
    }
}

/// A dump to be made.
#[derive(Debug, Clone)]
pub struct NewDump<'a> {
    /// Its network.
    pub network: &'a Network,
    /// When it was captured.
    pub capture: CaptureStamp,
    /// Where it comes from, as the upload says.
    pub origin: &'a str,
    /// Its number among the dumps of its day.
    pub snapshot_seq: i32,
    /// The country, where known.
    pub country: Option<&'a str>,
    /// Digest of the archive.
    pub sha256: &'a Sha256Digest,
    /// The object.
    pub source: &'a Source,
}

/// Makes a dump without a visible load; gives its id.
pub async fn create_dump(
    conn: &mut PgConnection,
    dump: &NewDump<'_>,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let dump_id = sqlx::query_scalar!(
        "insert into dump.capture_dump (customer_id, network_id, capture_ts, capture_precision,
            capture_ts_source, origin, snapshot_seq, country, sha256, source_bucket, source_key, source_version,
            status, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'RUNNING', $13)
         returning dump_id",
        dump.network.customer_id,
        dump.network.network_id,
        dump.capture.time,
        dump.capture.precision.as_str(),
        dump.capture.source.as_str(),
        dump.origin,
        dump.snapshot_seq,
        dump.country,
        dump.sha256.as_bytes().as_slice(),
        dump.source.bucket,
        dump.source.key,
        dump.source.version,
        now
    )
    .fetch_one(conn)
    .await?;
    Ok(dump_id)
}

/// A load to be made.
#[derive(Debug, Clone)]
pub struct NewLoad<'a> {
    /// Its dump.
    pub dump_id: i64,
    /// The object.
    pub object: (ObjectId, Run),
    /// What of the object is read.
    pub source: &'a Source,
    /// Digest of the archive.
    pub sha256: &'a Sha256Digest,
    /// Where it comes from, as the upload says.
    pub origin: &'a str,
    /// The country, where known.
    pub country: Option<&'a str>,
    /// What is to be parsed.
    pub plan: &'a Plan,
    /// Whether the outer object was whole.
    pub outer_whole: bool,
    /// Ledger rows that are not born final.
    pub open_units: i32,
    /// What it is to replace once it has ended.
    pub replaces: Option<Replaces<'a>>,
}

/// What a load is to replace (specs: dumps 7.6).
#[derive(Debug, Clone, Copy)]
pub struct Replaces<'a> {
    /// The dump as it is now.
    pub dump: LockedDump,
    /// What the verdict was found by.
    pub by: &'a Replacing,
}

/// Makes a load with its nodes and its digest; gives its id. The ledger rows are the caller's.
pub async fn create_load(
    conn: &mut PgConnection,
    load: &NewLoad<'_>,
    now: DateTime<Utc>,
) -> Result<LoadId, StoreError> {
    let plan = serde_json::to_value(load.plan).map_err(|e| StoreError::Unreadable { what: e.to_string() })?;
    let capture = load.plan.capture;
    let replacement = load.replaces.map(|r| serde_json::to_value(r.by)).transpose();
    let replacement = replacement.map_err(|e| StoreError::Unreadable { what: e.to_string() })?;
    let load_id = sqlx::query_scalar!(
        "insert into dump.load (dump_id, object_id, run, source_bucket, source_key, source_version,
            source_version_id, source_etag, source_size, sha256, capture_ts, capture_precision,
            capture_ts_source, origin, country, plan_id, plan, outer_whole, status, open_units, created_at,
            replaces, base_version, replacement)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 'RUNNING', $19, $20,
            $21, $22, $23)
         returning load_id",
        load.dump_id,
        load.object.0.0,
        load.object.1.0,
        load.source.bucket,
        load.source.key,
        load.source.version,
        load.source.pin.version_id,
        load.source.pin.etag,
        load.source.size,
        load.sha256.as_bytes().as_slice(),
        capture.time,
        capture.precision.as_str(),
        capture.source.as_str(),
        load.origin,
        load.country,
        load.plan.plan_id.0,
        plan,
        load.outer_whole,
        load.open_units,
        now,
        load.replaces.map(|r| r.dump.load_id.0),
        load.replaces.map(|r| r.dump.row_version),
        replacement
    )
    .fetch_one(&mut *conn)
    .await?;
    let nes: Vec<String> = load.plan.nes.iter().map(|ne| ne.ne.to_string()).collect();
    sqlx::query!(
        "insert into dump.dump_node (load_id, plan_ne) select $1, ne from unnest($2::text[]) as t(ne)",
        load_id,
        &nes
    )
    .execute(conn)
    .await?;
    Ok(LoadId(load_id))
}

/// Enters the digest of a load's archive. A second archive of the same digest is refused by the key
/// (`archive_sha256_pkey`): the verdict must then be found anew.
pub async fn point_sha(
    conn: &mut PgConnection,
    sha256: &Sha256Digest,
    dump_id: i64,
    load_id: LoadId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into dump.archive_sha256 (sha256, dump_id, load_id) values ($1, $2, $3)",
        sha256.as_bytes().as_slice(),
        dump_id,
        load_id.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A load, as a worker needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadRow {
    /// The load.
    pub load_id: LoadId,
    /// Its dump.
    pub dump_id: i64,
    /// The dump's network.
    pub network_id: i64,
    /// The object and run it works for.
    pub object: Option<(ObjectId, Run)>,
    /// What of the object is read.
    pub source: Source,
    /// Digest of the archive.
    pub sha256: Sha256Digest,
    /// The plan that open rows carry.
    pub plan_id: PlanId,
    /// Whether it is to take the place of another load once it has ended.
    pub is_replacement: bool,
}

/// A load; none if it is gone.
pub async fn find_load(conn: &mut PgConnection, load_id: LoadId) -> Result<Option<LoadRow>, StoreError> {
    let row = sqlx::query!(
        "select l.dump_id, d.network_id, l.object_id, l.run, l.source_bucket, l.source_key, l.source_version,
            l.source_version_id, l.source_etag, l.source_size, l.sha256,
            l.plan_id, l.replaces
         from dump.load l join dump.capture_dump d using (dump_id) where l.load_id = $1",
        load_id.0
    )
    .fetch_optional(conn)
    .await?;
    let Some(r) = row else { return Ok(None) };
    Ok(Some(LoadRow {
        load_id,
        dump_id: r.dump_id,
        network_id: r.network_id,
        object: r.object_id.map(|id| (ObjectId(id), Run(r.run))),
        source: Source {
            bucket: r.source_bucket,
            key: r.source_key,
            version: r.source_version,
            pin: Pin { version_id: r.source_version_id, etag: r.source_etag },
            size: r.source_size,
        },
        sha256: Sha256Digest::try_from(r.sha256.as_slice())
            .map_err(|e| StoreError::Unreadable { what: format!("digest of load {load_id}: {e}") })?,
        plan_id: PlanId(r.plan_id),
        is_replacement: r.replaces.is_some(),
    }))
}

/// A load that must be there, because the same transaction made or locked it.
pub async fn load_in(conn: &mut PgConnection, load_id: LoadId) -> Result<LoadRow, StoreError> {
    let load = find_load(conn, load_id).await?;
    load.ok_or_else(|| StoreError::Unreadable {
        what: format!("load {load_id} is gone within its transaction"),
    })
}

/// Takes the lock that keeps a dump from being replaced while units of it end.
pub async fn lock_dump_shared(conn: &mut PgConnection, dump_id: i64) -> Result<(), StoreError> {
    sqlx::query!("select 1 as one from dump.capture_dump where dump_id = $1 for share", dump_id)
        .fetch_optional(conn)
        .await?;
    Ok(())
}

/// Locks a load after its dump; false if it is gone. Needed before network elements are made or changed.
pub async fn lock_load(conn: &mut PgConnection, dump_id: i64, load_id: LoadId) -> Result<bool, StoreError> {
    lock_dump_shared(conn, dump_id).await?;
    let row = sqlx::query!("select 1 as one from dump.load where load_id = $1 for update", load_id.0)
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// The planned files of one network element of a load.
pub async fn planned_ne(pool: &PgPool, load_id: LoadId, ne: &str) -> Result<Option<PlannedNe>, StoreError> {
    let row = sqlx::query_scalar!(
        r#"select jsonb_path_query_first(plan, '$.nes[*] ? (@.ne == $ne)', jsonb_build_object('ne', $2::text)) as ne
           from dump.load where load_id = $1"#,
        load_id.0,
        ne
    )
    .fetch_optional(pool)
    .await?;
    let Some(json) = row.flatten() else { return Ok(None) };
    serde_json::from_value(json)
        .map(Some)
        .map_err(|e| StoreError::Unreadable { what: format!("plan of load {load_id}: {e}") })
}
