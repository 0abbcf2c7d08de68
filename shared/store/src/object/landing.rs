//! Landings: new identities, in one statement for a whole batch.

use chrono::{DateTime, Utc};
use landfall_domain::{Feed, Landing, ObjectId, Reason, Run, State};
use sqlx::PgConnection;

use crate::StoreError;

/// A landing and what the front door decided of it.
#[derive(Debug, Clone)]
pub struct NewObject {
    /// The identity.
    pub landing: Landing,
    /// Its first state.
    pub state: State,
    /// Why.
    pub reason: Reason,
    /// The feed, where it belongs to one.
    pub feed: Option<Feed>,
}

/// An identity that was not known before, or that is worked on again because it came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// Its id.
    pub object_id: ObjectId,
    /// The run that begins with it.
    pub run: Run,
    /// Place in the batch, from 0.
    pub index: usize,
}

/// Columns of a batch, as `unnest` takes them.
#[derive(Default)]
struct Columns {
    bucket: Vec<String>,
    key: Vec<String>,
    version: Vec<String>,
    version_id: Vec<Option<String>>,
    etag: Vec<Option<String>>,
    last_modified: Vec<Option<DateTime<Utc>>>,
    size: Vec<Option<i64>>,
    metadata_digest: Vec<Option<String>>,
    sequencer: Vec<Option<String>>,
    state: Vec<String>,
    reason: Vec<String>,
    reason_text: Vec<Option<String>>,
    feed: Vec<Option<String>>,
    index: Vec<i32>,
}

impl Columns {
    fn push(&mut self, index: usize, object: &NewObject) {
        let landing = &object.landing;
        self.bucket.push(landing.bucket.clone());
        self.key.push(landing.key.clone());
        self.version.push(landing.version.as_str().to_owned());
        self.version_id.push(landing.pin.version_id.clone());
        self.etag.push(landing.pin.etag.clone());
        self.last_modified.push(landing.last_modified);
        self.size.push(landing.size.and_then(|s| i64::try_from(s).ok()));
        self.metadata_digest.push(landing.metadata_digest.clone());
        self.sequencer.push(landing.sequencer.clone());
        self.state.push(object.state.to_string());
        self.reason.push(object.reason.code.clone().into_owned());
        self.reason_text.push(object.reason.text.clone());
        self.feed.push(object.feed.map(|f| f.as_str().to_owned()));
        self.index.push(i32::try_from(index).unwrap_or(i32::MAX));
    }
}

/// Records the identities of a batch that are not known yet, each with its first event; gives those.
///
/// The same bytes written again within one second are the same identity, unless the user metadata differs: then
/// its digest becomes part of the version (design: identity and states).
pub async fn register(
    conn: &mut PgConnection,
    objects: &[NewObject],
    now: DateTime<Utc>,
) -> Result<Vec<Registered>, StoreError> {
    let mut columns = Columns::default();
    for (index, object) in objects.iter().enumerate() {
        columns.push(index, object);
    }
    let mut new = insert(conn, &columns, now).await?;
    let again = with_other_metadata(conn, objects, &new).await?;
    if !again.bucket.is_empty() {
        new.extend(insert(conn, &again, now).await?);
    }
    let back = restore_present(conn, objects).await?;
    retire_overwritten(conn, objects, (&new, &back), now).await?;
    Ok(new)
}

/// Inserts what is new. What the front door itself gave up on is opened again by the next event that names it; so is
/// a version that was lost and came back within its second: the same bytes, written once more.
///
/// The log reads the state that the statement began with, which for a new row is none.
async fn insert(
    conn: &mut PgConnection,
    c: &Columns,
    now: DateTime<Utc>,
) -> Result<Vec<Registered>, StoreError> {
    let rows = sqlx::query!(
        r#"with input as (
            select distinct on (bucket, key, version) * from unnest($1::text[], $2::text[], $3::text[], $4::text[],
                $5::text[], $6::timestamptz[], $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[],
                $12::text[], $13::text[], $14::integer[])
            as t(bucket, key, version, version_id, etag, last_modified, size, metadata_digest, sequencer, state,
                reason, reason_text, feed, index)
            order by bucket, key, version, index
        ), new as (
            insert into ingest.object (bucket, key, version, version_id, etag, last_modified, size,
                metadata_digest, sequencer, state, reason, reason_text, feed, first_seen, state_since,
                present, removed_at)
            select bucket, key, version, version_id, etag, last_modified, size, metadata_digest, sequencer, state,
                reason, reason_text, feed, $15::timestamptz, $15::timestamptz,
                state not in ('gone', 'superseded'), case when state in ('gone', 'superseded') then $15::timestamptz end
            from input
            on conflict (bucket, key, version) do update
            set state = excluded.state, reason = excluded.reason, reason_text = excluded.reason_text,
                state_since = excluded.state_since, feed = excluded.feed, present = excluded.present,
                removed_at = excluded.removed_at, metadata_digest = excluded.metadata_digest,
                run = object.run + case when object.state = 'failed' then 0 else 1 end
            where (object.state = 'failed' and object.reason = 'front_door' and excluded.state <> 'failed')
                or (object.state in ('gone', 'superseded') and object.version_id is null and excluded.present
                    and excluded.state <> 'failed'
                    and coalesce(object.metadata_digest, excluded.metadata_digest) = excluded.metadata_digest)
            returning object_id, bucket, key, version, state, reason, reason_text, run
        ), log as (
            insert into ingest.event_log (object_id, from_state, to_state, reason, reason_text, run, at)
            select object_id, (select o.state from ingest.object o where o.object_id = new.object_id), state, reason,
                reason_text, run, $15::timestamptz from new
        )
        select new.object_id, new.run, input.index as "index!" from new join input using (bucket, key, version)
        order by input.index"#,
        &c.bucket,
        &c.key,
        &c.version,
        &c.version_id as &[Option<String>],
        &c.etag as &[Option<String>],
        &c.last_modified as &[Option<DateTime<Utc>>],
        &c.size as &[Option<i64>],
        &c.metadata_digest as &[Option<String>],
        &c.sequencer as &[Option<String>],
        &c.state,
        &c.reason,
        &c.reason_text as &[Option<String>],
        &c.feed as &[Option<String>],
        &c.index,
        now
    )
    .fetch_all(conn)
    .await?;
    let registered = rows.into_iter().map(|r| Registered {
        object_id: ObjectId(r.object_id),
        run: Run(r.run),
        index: usize::try_from(r.index).unwrap_or(0),
    });
    Ok(registered.collect())
}

/// Of the landings that are known already: those whose user metadata is not that of the known row.
async fn with_other_metadata(
    conn: &mut PgConnection,
    objects: &[NewObject],
    new: &[Registered],
) -> Result<Columns, StoreError> {
    let is_new = |index: usize| new.iter().any(|r| r.index == index);
    let known: Vec<(usize, &NewObject)> = objects
        .iter()
        .enumerate()
        .filter(|(i, o)| {
            o.landing.pin.version_id.is_none() && o.landing.metadata_digest.is_some() && !is_new(*i)
        })
        .collect();
    let mut again = Columns::default();
    if known.is_empty() {
        return Ok(again);
    }
    let (buckets, keys, versions): (Vec<_>, Vec<_>, Vec<_>) =
        known.iter().fold((Vec::new(), Vec::new(), Vec::new()), |(mut b, mut k, mut v), (_, o)| {
            b.push(o.landing.bucket.clone());
            k.push(o.landing.key.clone());
            v.push(o.landing.version.to_string());
            (b, k, v)
        });
    let rows = sqlx::query!(
        "select o.bucket, o.key, o.version, o.metadata_digest from ingest.object o
         join unnest($1::text[], $2::text[], $3::text[]) as t(bucket, key, version) using (bucket, key, version)",
        &buckets,
        &keys,
        &versions
    )
    .fetch_all(conn)
    .await?;
    for (index, object) in known {
        let landing = &object.landing;
        let digest = landing.metadata_digest.as_deref().unwrap_or_default();
        let same = |r: &&_| is_row_of(r, landing);
        let differs = rows
            .iter()
            .map(|r| (r.bucket.as_str(), r.key.as_str(), r.version.as_str(), r.metadata_digest.as_deref()))
            .filter(|r| same(&r))
            .any(|(.., stored)| stored.is_some_and(|s| s != digest));
        if differs {
            let mut other = object.clone();
            other.landing.version = landing.version.with_metadata(digest);
            again.push(index, &other);
        }
    }
    Ok(again)
}

fn is_row_of(row: &(&str, &str, &str, Option<&str>), landing: &Landing) -> bool {
    row.0 == landing.bucket && row.1 == landing.key && row.2 == landing.version.as_str()
}

/// A version that was worked on, was removed, and was written again within its second is there once more. Gives
/// those, each with the time it was written.
async fn restore_present(
    conn: &mut PgConnection,
    objects: &[NewObject],
) -> Result<Vec<(i64, DateTime<Utc>)>, StoreError> {
    // Only what the store has just shown us is known to be there; an event alone may be old.
    let seen = objects.iter().map(|o| &o.landing).filter(|l| l.pin.version_id.is_none());
    let seen: Vec<&Landing> = seen.filter(|l| l.metadata_digest.is_some()).collect();
    if seen.is_empty() {
        return Ok(Vec::new());
    }
    let column = |of: fn(&Landing) -> String| seen.iter().map(|l| of(l)).collect::<Vec<_>>();
    let rows = sqlx::query!(
        r#"update ingest.object o set present = true, removed_at = null
           from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as t(bucket, key, version, digest)
           where o.bucket = t.bucket and o.key = t.key and split_part(o.version, '#', 1) = t.version
              and o.metadata_digest = t.digest and o.version_id is null and not o.present
              and o.state not in ('gone', 'superseded')
           returning o.object_id, o.last_modified as "written!""#,
        &column(|l| l.bucket.clone()),
        &column(|l| l.key.clone()),
        &column(|l| l.version.to_string()),
        &column(|l| l.metadata_digest.clone().unwrap_or_default())
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| (r.object_id, r.written)).collect())
}

/// A new version in a bucket without versions, or one that came back, took the place of the older ones: they are
/// no longer present.
async fn retire_overwritten(
    conn: &mut PgConnection,
    objects: &[NewObject],
    (new, back): (&[Registered], &[(i64, DateTime<Utc>)]),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (mut ids, mut written): (Vec<_>, Vec<_>) = back.iter().copied().unzip();
    let mut is_back = vec![true; back.len()];
    for registered in new {
        let Some(object) = objects.get(registered.index) else { continue };
        if let (None, Some(at), false) = (
            &object.landing.pin.version_id,
            object.landing.last_modified,
            object.state.is_final() && object.state != State::Ignored,
        ) {
            ids.push(registered.object_id.0);
            written.push(at);
            is_back.push(false);
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    // Of two that were written within one second the later row stands, unless the earlier one alone came back.
    sqlx::query!(
        "update ingest.object old set present = false, removed_at = $3
         from unnest($1::bigint[], $2::timestamptz[], $4::boolean[]) as t(object_id, written, is_back)
         join ingest.object new using (object_id)
         where old.bucket = new.bucket and old.key = new.key and old.object_id <> new.object_id
            and old.version_id is null and old.present
            and ((old.last_modified, old.object_id) < (t.written, new.object_id)
                or (t.is_back and old.last_modified = t.written and old.object_id <> all($1)))",
        &ids,
        &written,
        now,
        &is_back
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Records versions that events named but that were overwritten before they were seen, unless they are known:
/// by their version, by their event's sequencer, or by a listing that saw them at about the same time.
///
/// An event and the object's last-modified time may differ by a second; a listing knows no sequencer.
pub async fn register_superseded(
    conn: &mut PgConnection,
    objects: &[NewObject],
    now: DateTime<Utc>,
) -> Result<Vec<Registered>, StoreError> {
    let mut unknown = Columns::default();
    for (index, object) in objects.iter().enumerate() {
        let landing = &object.landing;
        let known = sqlx::query_scalar!(
            r#"select exists (
                select 1 from ingest.object o where o.bucket = $1 and o.key = $2 and (
                    o.version = $3 or o.sequencer = $4
                    or (o.sequencer is null and o.etag = $5
                        and abs(extract(epoch from o.last_modified - $6::timestamptz)) <= 2))
            ) as "known!""#,
            landing.bucket,
            landing.key,
            landing.version.as_str(),
            landing.sequencer,
            landing.pin.etag,
            landing.last_modified
        )
        .fetch_one(&mut *conn)
        .await?;
        if !known {
            unknown.push(index, object);
        }
    }
    if unknown.bucket.is_empty() { Ok(Vec::new()) } else { insert(conn, &unknown, now).await }
}

/// Records that a key, or one version of it, was removed from its bucket at `at`.
pub async fn mark_removed(
    conn: &mut PgConnection,
    (bucket, key): (&str, &str),
    version_id: Option<&str>,
    at: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "update ingest.object set present = false, removed_at = $4
         where bucket = $1 and key = $2 and present
            and version_id is not distinct from $3::text
            and ($3::text is not null or date_trunc('second', last_modified) <= $4)",
        bucket,
        key,
        version_id,
        at
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
