//! RESUME: a load goes on, read from another object of the same content (specs: dumps 7.2).

use chrono::{DateTime, Utc};
use landfall_domain::{LoadId, ObjectId, ParseMember, PlanId, Run, Stage};
use landfall_dumps::guard::ResumeScope;
use sqlx::PgConnection;

use super::Source;
use crate::{NewMessage, StoreError};

/// A network element with open rows, and its open plugins by rising priority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenUnits {
    /// The network element.
    pub ne: String,
    /// Its open plugins.
    pub plugins: Vec<String>,
}

/// Points a load to another object, resets the rows that lost their source (or all that failed, where the whole
/// dump did) and gives the open rows a new plan. What earlier workers still hold is theirs no longer.
pub async fn resume_load(
    conn: &mut PgConnection,
    load_id: LoadId,
    (source, object_id, run): (&Source, ObjectId, Run),
    (plan_id, scope): (PlanId, ResumeScope),
) -> Result<Vec<OpenUnits>, StoreError> {
    let reset = sqlx::query!(
        "update dump.plugin_ledger
         set state = 'PENDING', attempts = 0, outcome = null, error_code = null, error_text = null,
            started_at = null, finished_at = null, next_attempt_at = null
         where load_id = $1 and state = 'FAILED' and attempts = 3 and error_code <> 'E_SPOOL_LIMIT'
            and ($2 or error_code in ('E_SOURCE_CHANGED', 'E_SOURCE_MISSING')
                or (error_code = 'E_DEPENDENCY' and exists (select 1 from dump.plugin_ledger n
                    where n.load_id = $1 and n.plan_ne = plugin_ledger.plan_ne and n.plugin = 'node'
                    and n.error_code in ('E_SOURCE_CHANGED', 'E_SOURCE_MISSING'))))",
        load_id.0,
        scope == ResumeScope::All
    )
    .execute(&mut *conn)
    .await?;
    let reset = i32::try_from(reset.rows_affected()).unwrap_or(i32::MAX);
    sqlx::query!(
        "update dump.plugin_ledger
         set plan_id = $2, next_attempt_at = null, lease_owner = null, lease_until = null,
            -- The worker that held it lost it to the new plan: its try does not count.
            attempts = case when state = 'RUNNING' then attempts - 1 else attempts end,
            state = case when state = 'RUNNING' then 'PENDING' else state end
         where load_id = $1 and (state in ('PENDING', 'RUNNING') or (state = 'FAILED' and attempts < 3))",
        load_id.0,
        plan_id.0
    )
    .execute(&mut *conn)
    .await?;
    point_load(conn, load_id, (source, object_id, run), (plan_id, reset)).await?;
    sqlx::query!(
        "update dump.capture_dump set status = 'RUNNING', row_version = row_version + 1
         where dump_id = (select dump_id from dump.load where load_id = $1 and replaces is null)
            and load_id is null",
        load_id.0
    )
    .execute(&mut *conn)
    .await?;
    open_units(conn, load_id).await
}

/// The load reads another object from here on, and has so many more open units.
async fn point_load(
    conn: &mut PgConnection,
    load_id: LoadId,
    (source, object_id, run): (&Source, ObjectId, Run),
    (plan_id, reset): (PlanId, i32),
) -> Result<(), StoreError> {
    sqlx::query!(
        "update dump.load l
         set object_id = $2, run = $3, source_bucket = $4, source_key = $5, source_version = $6,
            source_version_id = $7, source_etag = $8, source_size = $9, plan_id = $10,
            ended_at = null, open_units = open_units + $11,
            -- What readers see keeps its status until its rows have ended again.
            status = case when exists (select 1 from dump.capture_dump d where d.load_id = l.load_id)
                then status else 'RUNNING' end
         where load_id = $1",
        load_id.0,
        object_id.0,
        run.0,
        source.bucket,
        source.key,
        source.version,
        source.pin.version_id,
        source.pin.etag,
        source.size,
        plan_id.0,
        reset
    )
    .execute(&mut *conn)
    .await?;
    Ok(())
}

/// The open rows of a load, by network element.
pub async fn open_units(conn: &mut PgConnection, load_id: LoadId) -> Result<Vec<OpenUnits>, StoreError> {
    let rows = sqlx::query!(
        r#"select plan_ne, array_agg(plugin order by priority) as "plugins!" from dump.plugin_ledger
           where load_id = $1 and (state in ('PENDING', 'RUNNING') or (state = 'FAILED' and attempts < 3))
           group by plan_ne order by plan_ne"#,
        load_id.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| OpenUnits { ne: r.plan_ne, plugins: r.plugins }).collect())
}

/// The message to parse-member for one network element. Its subject tells the sweep that the element has a
/// message ([`super::expired_units`]).
pub fn parse_message(body: &ParseMember, visible_at: DateTime<Utc>) -> Result<NewMessage, StoreError> {
    let subject = format!("load {} ne {}", body.load_id, body.ne);
    // One upload of a thousand network elements is to hold up nobody else's.
    Ok(NewMessage::of(Stage::ParseMember, subject, body, visible_at)?
        .for_tenant(format!("load-{}", body.load_id)))
}
