//! OVERWRITE: a load is filled beside the one that readers see, and takes its place in one transaction
//! (specs: dumps 7.6).

use chrono::{DateTime, Utc};
use landfall_domain::{LoadId, ObjectId, PlanArchive, Reason, Stage, State};
use landfall_dumps::guard::{LinkChange, Upload};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;

use super::ending::{LoadStatus, move_object};
use super::link::{audit, change_link};
use super::load::{LoadRow, find_load};
use super::node::publish_columns;
use crate::object::{self, Move};
use crate::{NewMessage, StoreError, outbox};

/// What a replacement was judged by, and the link that its verdict asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacing {
    /// The upload, in case it has to be judged again.
    pub upload: Upload,
    /// The link to add or change.
    pub link: Option<LinkChange>,
}

/// A dump that is locked to be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockedDump {
    /// The dump.
    pub dump_id: i64,
    /// The load that readers see; before there is one, the dump's first.
    pub load_id: LoadId,
    /// Rises with every change of the dump's columns, links or visible load.
    pub row_version: i64,
}

/// Locks a dump and tells what a replacement would replace; none if it is gone.
pub async fn lock_dump(conn: &mut PgConnection, dump_id: i64) -> Result<Option<LockedDump>, StoreError> {
    let row = sqlx::query!(
        r#"select row_version, coalesce(load_id, (select min(l.load_id) from dump.load l
            where l.dump_id = d.dump_id and l.replaces is null)) as "load_id!"
           from dump.capture_dump d where dump_id = $1 for update"#,
        dump_id
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| LockedDump { dump_id, load_id: LoadId(r.load_id), row_version: r.row_version }))
}

/// A load that has ended and is to take the place of another.
#[derive(Debug, Clone)]
pub struct Replacement {
    /// The load.
    pub load: LoadRow,
    /// How it ended.
    pub status: LoadStatus,
    /// The dump's row version that the verdict was found at.
    pub base_version: i64,
    /// What it was judged by.
    pub replacing: Replacing,
}

/// A load that waits for its flip; none if it is gone, still runs, failed, or has taken its place already.
pub async fn find_replacement(
    conn: &mut PgConnection,
    load_id: LoadId,
) -> Result<Option<Replacement>, StoreError> {
    let row = sqlx::query!(
        r#"select status, base_version as "base_version!", replacement as "replacement!" from dump.load
           where load_id = $1 and replacement is not null and status in ('COMPLETE', 'PARTIAL')"#,
        load_id.0
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let Some(load) = find_load(conn, load_id).await? else { return Ok(None) };
    let replacing = serde_json::from_value(row.replacement)
        .map_err(|e| StoreError::Unreadable { what: format!("replacement of load {load_id}: {e}") })?;
    let status = if row.status == "COMPLETE" { LoadStatus::Complete } else { LoadStatus::Partial };
    Ok(Some(Replacement { load, status, base_version: row.base_version, replacing }))
}

/// A replacement ended. One that failed flips nothing and gives its digest back; else the flip is asked for.
pub(super) async fn replacement_ended(
    conn: &mut PgConnection,
    load: &LoadRow,
    status: LoadStatus,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if status == LoadStatus::Failed {
        forget_digest(conn, load.load_id).await?;
        if let Some((object_id, run)) = load.object {
            move_object(conn, (object_id, run), load.load_id, status, now).await?;
        }
        return Ok(());
    }
    let Some((object_id, run)) = load.object else { return Ok(()) };
    let body = PlanArchive::flip(object_id, run, load.load_id);
    let message = NewMessage::of(Stage::PlanArchive, format!("flip load {}", load.load_id), body, now)?;
    outbox::send(conn, &[message], now).await
}

async fn forget_digest(conn: &mut PgConnection, load_id: LoadId) -> Result<(), StoreError> {
    sqlx::query!("delete from dump.archive_sha256 where load_id = $1", load_id.0).execute(conn).await?;
    Ok(())
}

/// Removes a replacement that is not to take any place.
pub async fn drop_replacement(conn: &mut PgConnection, load_id: LoadId) -> Result<(), StoreError> {
    sqlx::query!("delete from dump.load where load_id = $1 and replaces is not null", load_id.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Shows the replacement instead of what the dump showed so far, and purges that. The caller holds the locks of the
/// network and of the dump.
pub async fn flip(
    conn: &mut PgConnection,
    dump: LockedDump,
    by: &Replacement,
    link: Option<&LinkChange>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (dump_id, load_id) = (dump.dump_id, by.load.load_id);
    let old_sha256 = show(conn, dump_id, load_id).await?;
    point_to(conn, dump_id, by).await?;
    purge(conn, dump.load_id, now).await?;
    publish_columns(conn, (dump_id, load_id, by.load.network_id), now).await?;
    let object = by.load.object;
    if let Some(change) = link {
        // The link names the object that brought it, as far as there is one.
        let object_id = object.map_or(ObjectId(0), |(id, _)| id);
        change_link(conn, dump_id, change, object_id, now).await?;
    }
    let detail = json!({
        "old_sha256": hex(&old_sha256), "new_sha256": by.load.sha256.to_string(),
        "old_load": dump.load_id, "new_load": load_id,
    });
    audit(conn, "overwritten", (object.map(|(id, _)| id), Some(dump_id)), &detail, now).await?;
    if let Some(object) = object {
        move_object(conn, object, load_id, by.status, now).await?;
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    landfall_domain::Sha256Digest::try_from(bytes).map_or_else(|_| String::new(), |digest| digest.to_string())
}

/// The dump takes the load's columns; gives the digest it had. It keeps its number of the day, unless the day's
/// dump of that time, origin and number is another one.
async fn show(conn: &mut PgConnection, dump_id: i64, load_id: LoadId) -> Result<Vec<u8>, StoreError> {
    let old = sqlx::query_scalar!("select sha256 from dump.capture_dump where dump_id = $1", dump_id)
        .fetch_one(&mut *conn)
        .await?;
    sqlx::query!(
        "update dump.capture_dump d
         set load_id = l.load_id, status = l.status, sha256 = l.sha256, capture_ts = l.capture_ts,
            capture_precision = l.capture_precision, capture_ts_source = l.capture_ts_source,
            origin = l.origin, country = l.country, source_bucket = l.source_bucket,
            source_key = l.source_key, source_version = l.source_version, row_version = d.row_version + 1,
            snapshot_seq = case when exists (
                select 1 from dump.capture_dump o
                where o.network_id = d.network_id and o.capture_ts = l.capture_ts and o.origin = l.origin
                    and o.snapshot_seq = d.snapshot_seq and o.dump_id <> d.dump_id)
                then (select 1 + max(o.snapshot_seq) from dump.capture_dump o
                    where o.network_id = d.network_id
                        and (o.capture_ts at time zone 'UTC')::date = (l.capture_ts at time zone 'UTC')::date)
                else d.snapshot_seq end
         from dump.load l where d.dump_id = $1 and l.load_id = $2",
        dump_id,
        load_id.0
    )
    .execute(conn)
    .await?;
    Ok(old)
}

/// The digest names the replacement, which is from here on a load like any other.
async fn point_to(conn: &mut PgConnection, dump_id: i64, by: &Replacement) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into dump.archive_sha256 as a (sha256, dump_id, load_id) values ($1, $2, $3)
         on conflict (sha256) do update set load_id = excluded.load_id where a.dump_id = excluded.dump_id",
        by.load.sha256.as_bytes().as_slice(),
        dump_id,
        by.load.load_id.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update dump.load set replaces = null, base_version = null, replacement = null where load_id = $1",
        by.load.load_id.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes a load with all that hangs on it. An object that was still worked on for it is superseded.
async fn purge(conn: &mut PgConnection, load_id: LoadId, now: DateTime<Utc>) -> Result<(), StoreError> {
    let replaced = find_load(conn, load_id).await?;
    sqlx::query!("delete from dump.load where load_id = $1", load_id.0).execute(&mut *conn).await?;
    let Some((object_id, run)) = replaced.and_then(|load| load.object) else { return Ok(()) };
    let Some(object) = object::lock(conn, object_id).await? else { return Ok(()) };
    if object.state != State::Dispatched || object.run != run {
        return Ok(());
    }
    let reason = Reason::new("overwritten").with_text("its dump was replaced while it was being parsed");
    object::transition(conn, &object, &Move { to: State::Superseded, reason, run }, now).await
}

/// Removes replacements that failed before `before`; gives how many. They were kept to be looked at.
pub async fn sweep_failed_replacements(
    conn: &mut PgConnection,
    before: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let swept = sqlx::query!(
        "delete from dump.load where replaces is not null and status = 'FAILED' and ended_at < $1",
        before
    )
    .execute(conn)
    .await?;
    Ok(swept.rows_affected())
}
