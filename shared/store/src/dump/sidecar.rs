//! Sidecars in the books: which archive waits for one, which counted, which came too late (specs: dumps 6.1).
//!
//! All that changes what is said of the sidecars of an archive happens under the lock of [`lock`], so that of an
//! archive's verdict and a sidecar's arrival one always sees the other.

use chrono::{DateTime, Utc};
use landfall_domain::{Look, ObjectId, Reason, Run, Stage, State};
use sqlx::{PgConnection, PgPool};

use crate::StoreError;
use crate::object::{self, Move, ObjectRow};

/// Why a sidecar is in no other state: it is metadata, not input.
const SIDECAR: &str = "sidecar";
/// Why: no archive took it, because it came after the verdict.
const LATE: &str = "late_sidecar";

/// A sidecar whose values counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedSidecar {
    /// Its key.
    pub key: String,
    /// Which version of the key, as in the books.
    pub version: String,
    /// When the store says it was written.
    pub written: DateTime<Utc>,
}

/// The keys that an archive's sidecar may have: `.json` in any case, as it is mostly written first.
fn keys(archive: &str) -> Vec<String> {
    let letters = |mask: u8| {
        let letter = |(place, letter): (u8, char)| match mask & (1 << place) {
            0 => letter,
            _ => letter.to_ascii_uppercase(),
        };
        (0_u8..).zip("json".chars()).map(letter).collect::<String>()
    };
    (0..16).map(|mask| format!("{archive}.{}", letters(mask))).collect()
}

/// Takes the locks of the sidecars of some archives, named by bucket and key, until the transaction ends. Taken
/// before any row of these archives and their sidecars.
pub async fn lock(conn: &mut PgConnection, archives: &[(&str, &str)]) -> Result<(), StoreError> {
    let mut names: Vec<String> =
        archives.iter().map(|(bucket, key)| format!("sidecars {bucket}/{key}")).collect();
    names.sort_unstable();
    names.dedup();
    sqlx::query!(
        "select pg_advisory_xact_lock(h) from (
            select distinct hashtextextended(name, 20180118) as h from unnest($1::text[]) as t(name) order by h
         ) as ordered",
        &names
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The key of a present sidecar of an archive, other than `{key}.json` itself; the newest one.
pub async fn spelled_otherwise(
    pool: &PgPool,
    bucket: &str,
    archive: &str,
) -> Result<Option<String>, StoreError> {
    let others = keys(archive).split_off(1);
    let key = sqlx::query_scalar!(
        "select key from ingest.object
         where bucket = $1 and key = any($2) and present and state = 'ignored'
         order by object_id desc limit 1",
        bucket,
        &others
    )
    .fetch_optional(pool)
    .await?;
    Ok(key)
}

/// Stores which sidecar counted in this run of an archive; the last one stands.
pub async fn record_use(
    conn: &mut PgConnection,
    archive: &ObjectRow,
    sidecar: &UsedSidecar,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into dump.sidecar_use (object_id, run, key, version, written) values ($1, $2, $3, $4, $5)
         on conflict (object_id, run) do update
         set key = excluded.key, version = excluded.version, written = excluded.written",
        archive.object_id.0,
        archive.run.0,
        sidecar.key,
        sidecar.version,
        sidecar.written
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The newest sidecar of an archive in the books, if it is another version than the one that was seen in the
/// store, and if this run has not looked at the archive for its sake yet.
pub async fn unseen(
    conn: &mut PgConnection,
    archive: &ObjectRow,
    seen: Option<&str>,
    look: Look,
) -> Result<Option<Look>, StoreError> {
    let newest = sqlx::query!(
        r#"select object_id, coalesce(version = $3 or starts_with(version, $3 || '#'), false) as "seen!"
           from ingest.object
           where bucket = $1 and key = any($2) and present and state = 'ignored'
           order by object_id desc limit 1"#,
        archive.bucket,
        &keys(&archive.key),
        seen
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = newest.filter(|row| !row.seen) else { return Ok(None) };
    let again = Look { sidecar: Some(ObjectId(row.object_id)), is_last: look.is_last };
    let looked = sqlx::query_scalar!(
        r#"select exists (select 1 from ingest.step
            where object_id = $1 and stage = $2 and unit = $3 and run = $4) as "looked!""#,
        archive.object_id.0,
        Stage::PlanArchive.as_str(),
        again.unit(),
        archive.run.0
    )
    .fetch_one(conn)
    .await?;
    Ok((!looked).then_some(again))
}

/// The versions of an archive that wait for metadata, locked.
pub async fn waiting_archives(
    conn: &mut PgConnection,
    (bucket, archive): (&str, &str),
) -> Result<Vec<(ObjectId, Run)>, StoreError> {
    let rows = sqlx::query!(
        "select object_id, run from ingest.object where bucket = $1 and key = $2 and state = 'waiting'
         order by object_id for update",
        bucket,
        archive
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| (ObjectId(r.object_id), Run(r.run))).collect())
}

/// Says of each sidecar of an archive whether it came too late to count. To be called after whatever may change
/// that: a sidecar's arrival, or an archive's verdict.
///
/// Late is what no version of the archive took although all of them are judged, unless a newer sidecar was taken
/// in its place. A replay that takes a late one makes it a sidecar like any other.
pub async fn tell_late(
    conn: &mut PgConnection,
    (bucket, archive): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for change in late_changes(conn, (bucket, archive)).await? {
        let Some(sidecar) = object::lock(conn, change.sidecar).await? else { continue };
        let reason = if change.is_late {
            let text =
                format!("came after object {} was judged; a replay of it takes the sidecar", change.archive);
            Reason::new(LATE).with_text(text)
        } else {
            Reason::new(SIDECAR).with_text(format!("object {} was judged with it", change.archive))
        };
        let to = Move { to: State::Ignored, reason, run: sidecar.run };
        object::transition(conn, &sidecar, &to, now).await?;
    }
    Ok(())
}

/// A sidecar of which another thing is to be said from now on.
struct LateChange {
    sidecar: ObjectId,
    archive: ObjectId,
    is_late: bool,
}

async fn late_changes(
    conn: &mut PgConnection,
    (bucket, archive): (&str, &str),
) -> Result<Vec<LateChange>, StoreError> {
    let rows = sqlx::query!(
        r#"with archive as (
            select a.object_id, a.state, exists (select 1 from ingest.step p
                where p.object_id = a.object_id and p.stage = 'plan-archive' and p.run = a.run) as looked_at
            from ingest.object a where a.bucket = $1 and a.key = $2
        ), open as (
            select 1 from archive
            where state in ('received', 'waiting', 'blocked') or (state = 'dispatched' and not looked_at)
        ), judged as (
            select object_id from archive where looked_at and state not in ('waiting', 'failed', 'superseded', 'gone')
        ), used as (
            select u.object_id, u.version, u.written from dump.sidecar_use u join archive using (object_id)
        ), sidecar as (
            select s.object_id, s.reason, s.last_modified,
                (select max(u.object_id) from used u
                 where s.version = u.version or starts_with(s.version, u.version || '#')) as used_by
            from ingest.object s
            where s.bucket = $1 and s.key = any($3) and s.state = 'ignored' and s.reason in ('sidecar', 'late_sidecar')
        )
        select s.object_id, false as "is_late!", s.used_by as "archive!" from sidecar s
        where s.reason = 'late_sidecar' and s.used_by is not null
        union all
        select s.object_id, true, (select max(object_id) from judged) from sidecar s
        where s.reason = 'sidecar' and s.used_by is null and not exists (select 1 from open)
            and exists (select 1 from judged)
            and not exists (select 1 from used u where u.written >= date_trunc('second', s.last_modified))
        order by 1"#,
        bucket,
        archive,
        &keys(archive)
    )
    .fetch_all(conn)
    .await?;
    let change = |id: i64, archive: i64, is_late: bool| LateChange {
        sidecar: ObjectId(id),
        archive: ObjectId(archive),
        is_late,
    };
    rows.into_iter()
        .map(|r| {
            let id = r
                .object_id
                .ok_or_else(|| StoreError::Unreadable { what: "a sidecar without an id".to_owned() })?;
            Ok(change(id, r.archive, r.is_late))
        })
        .collect()
}

/// A sidecar of an archive, for people.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SidecarRow {
    /// Its object; none if it counted and is not in the books.
    pub object_id: Option<i64>,
    /// Its key.
    pub key: String,
    /// Which version of the key.
    pub version: String,
    /// Why it is ignored: `sidecar` or `late_sidecar`.
    pub reason: Option<String>,
    /// The last run of the archive in which it counted.
    pub used_in_run: Option<i32>,
}

/// The sidecars that an archive's version was judged with, and those that came too late for it, oldest first.
pub async fn of_archive(
    pool: &PgPool,
    archive: ObjectId,
    (bucket, key): (&str, &str),
) -> Result<Vec<SidecarRow>, StoreError> {
    let rows = sqlx::query_as!(
        SidecarRow,
        r#"with used as (
            select key, version, max(run) as run from dump.sidecar_use where object_id = $1 group by key, version
        ), known as (
            select object_id, key, version, reason from ingest.object
            where bucket = $2 and key = any($3) and state = 'ignored'
        )
        select known.object_id as "object_id?", coalesce(used.key, known.key) as "key!",
            coalesce(known.version, used.version) as "version!", known.reason as "reason?", used.run as used_in_run
        from known full join used
            on known.key = used.key and split_part(known.version, '#', 1) = split_part(used.version, '#', 1)
        where used.run is not null or known.reason = 'late_sidecar'
        order by known.object_id nulls last"#,
        archive.0,
        bucket,
        &keys(key)
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sidecar_is_found_in_any_spelling_of_its_suffix() {
        let keys = keys("a.tgz");
        assert_eq!(keys.first().map(String::as_str), Some("a.tgz.json"));
        assert_eq!(keys.len(), 16);
        for key in ["a.tgz.JSON", "a.tgz.Json", "a.tgz.jSoN"] {
            assert!(keys.iter().any(|k| k == key), "{key}");
        }
    }
}
