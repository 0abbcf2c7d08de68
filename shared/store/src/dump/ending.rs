//! Fan-in: whoever ends the last open unit of a load ends the load (specs: dumps 7.7, "End of a load").

use chrono::{DateTime, Utc};
use landfall_domain::{LoadId, ObjectId, Run, State};
use landfall_dumps::guard::{LoadEnd, load_end};
use sqlx::PgConnection;

use super::load::LoadRow;
use super::node::publish_columns;
use super::replace::replacement_ended;
use crate::StoreError;
use crate::object::{self, Move};

/// What the end of some units came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnitsEnded {
    /// Others are still open.
    Open(i32),
    /// The load ended.
    Load(LoadStatus),
}

/// The status of a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadStatus {
    /// All rows are DONE and the outer object was whole.
    Complete,
    /// Some rows failed for good, or the outer object was damaged.
    Partial,
    /// No row is DONE with anything but `missing`.
    Failed,
}

impl LoadStatus {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "COMPLETE",
            Self::Partial => "PARTIAL",
            Self::Failed => "FAILED",
        }
    }
}

/// Takes `ended` units from a load's open ones; at zero the load ends, and with it, where it is the visible or
/// the first load of its dump, the dump and the object. One that replaces another asks for its flip. The caller holds the locks of [`super::lock_load`].
pub async fn units_ended(
    conn: &mut PgConnection,
    load: &LoadRow,
    ended: i32,
    now: DateTime<Utc>,
) -> Result<UnitsEnded, StoreError> {
    let open = sqlx::query_scalar!(
        "update dump.load set open_units = open_units - $2 where load_id = $1 returning open_units",
        load.load_id.0,
        ended
    )
    .fetch_one(&mut *conn)
    .await?;
    if open > 0 {
        return Ok(UnitsEnded::Open(open));
    }
    let status = judge(conn, load.load_id).await?;
    sqlx::query!(
        "update dump.load set status = $2, ended_at = $3 where load_id = $1",
        load.load_id.0,
        status.as_str(),
        now
    )
    .execute(&mut *conn)
    .await?;
    if load.is_replacement {
        replacement_ended(conn, load, status, now).await?;
        return Ok(UnitsEnded::Load(status));
    }
    show(conn, load, status, now).await?;
    if let Some((object_id, run)) = load.object {
        move_object(conn, (object_id, run), load.load_id, status, now).await?;
    }
    Ok(UnitsEnded::Load(status))
}

async fn judge(conn: &mut PgConnection, load_id: LoadId) -> Result<LoadStatus, StoreError> {
    let row = sqlx::query!(
        r#"select bool_and(p.state = 'DONE') as "all_done!",
            bool_or(p.state = 'DONE' and p.outcome <> 'missing') as "any_read!",
            bool_and(l.outer_whole) as "outer_whole!"
           from dump.plugin_ledger p join dump.load l using (load_id) where load_id = $1"#,
        load_id.0
    )
    .fetch_one(conn)
    .await?;
    Ok(match (row.any_read, row.all_done && row.outer_whole) {
        (false, _) => LoadStatus::Failed,
        (true, true) => LoadStatus::Complete,
        (true, false) => LoadStatus::Partial,
    })
}

/// Sets the dump's status, and makes the load visible unless it failed.
async fn show(
    conn: &mut PgConnection,
    load: &LoadRow,
    status: LoadStatus,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let shown = sqlx::query!(
        "update dump.capture_dump
         set status = $3, load_id = case when $4 then $2 else load_id end, row_version = row_version + 1
         where dump_id = $1 and (load_id is null or load_id = $2)",
        load.dump_id,
        load.load_id.0,
        status.as_str(),
        status != LoadStatus::Failed
    )
    .execute(&mut *conn)
    .await?;
    if shown.rows_affected() > 0 && status != LoadStatus::Failed {
        publish_columns(conn, (load.dump_id, load.load_id, load.network_id), now).await?;
    }
    Ok(())
}

/// A superseded or gone object stays what it is; one that a replay has taken on is the replay's.
pub(super) async fn move_object(
    conn: &mut PgConnection,
    (object_id, run): (ObjectId, Run),
    load_id: LoadId,
    status: LoadStatus,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(object) = object::lock(conn, object_id).await? else { return Ok(()) };
    let ours = matches!(object.state, State::Dispatched | State::Done | State::Quarantined | State::Failed);
    if !ours || object.run != run {
        return Ok(());
    }
    let (to, reason) = match status {
        LoadStatus::Complete => load_end(LoadEnd::Complete),
        LoadStatus::Partial => {
            let (state, reason) = load_end(LoadEnd::Partial);
            (state, reason.with_text(partial_text(conn, load_id).await?))
        }
        LoadStatus::Failed => {
            let (code, text) = first_failure(conn, load_id).await?;
            let (state, reason) = load_end(LoadEnd::Failed { code: code.as_deref() });
            (state, reason.with_text(text))
        }
    };
    object::transition(conn, &object, &Move { to, reason, run }, now).await
}

async fn partial_text(conn: &mut PgConnection, load_id: LoadId) -> Result<String, StoreError> {
    let row = sqlx::query!(
        r#"select l.outer_whole, l.plan->'outer_end'->'broken'->>'text' as broken,
            (select string_agg(p.plan_ne || ' ' || p.plugin || ' ' || coalesce(p.error_code, ''), ', '
                order by p.plan_ne, p.priority)
             from dump.plugin_ledger p where p.load_id = l.load_id and p.state = 'FAILED') as failed
           from dump.load l where l.load_id = $1"#,
        load_id.0
    )
    .fetch_one(conn)
    .await?;
    let broken =
        row.broken.filter(|_| !row.outer_whole).map(|text| format!("the archive is damaged: {text}"));
    let failed = row.failed.map(|list| format!("failed: {list}"));
    let text: Vec<String> = broken.into_iter().chain(failed).collect();
    Ok(text.join("; "))
}

/// Code and text of the first failed row by network element, then priority.
async fn first_failure(
    conn: &mut PgConnection,
    load_id: LoadId,
) -> Result<(Option<String>, String), StoreError> {
    let row = sqlx::query!(
        "select plan_ne, plugin, error_code, error_text from dump.plugin_ledger
         where load_id = $1 and state = 'FAILED' order by plan_ne, priority limit 1",
        load_id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(match row {
        Some(r) => {
            let text = r.error_text.unwrap_or_default();
            (r.error_code, format!("{} {}: {text}", r.plan_ne, r.plugin))
        }
        None => (None, "no plugin found anything to read".into()),
    })
}
