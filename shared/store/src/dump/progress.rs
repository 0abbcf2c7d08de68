//! How far the work on one object version is, for those who wait for it.

use landfall_domain::{ObjectId, State};
use sqlx::PgPool;

use crate::StoreError;

/// Where an object stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The object.
    pub object_id: ObjectId,
    /// Its state.
    pub state: State,
    /// Why.
    pub reason: String,
    /// Whether its verdict is committed, or it ended without one.
    pub judged: bool,
    /// Units of its load that are still open; none while there is no load.
    pub open_units: Option<i32>,
}

/// The progress of one version of a key; of the newest where several differ only in their user metadata.
pub async fn progress(
    pool: &PgPool,
    (bucket, key): (&str, &str),
    version: &str,
) -> Result<Option<Progress>, StoreError> {
    let row = sqlx::query!(
        r#"select o.object_id, o.state, o.reason,
            exists (select 1 from ingest.step s
                where s.object_id = o.object_id and s.stage = 'plan-archive' and s.unit = '' and s.run = o.run) as "planned!",
            (select l.open_units from dump.load l where l.object_id = o.object_id and l.run = o.run
                order by l.load_id desc limit 1) as open_units
           from ingest.object o
           where o.bucket = $1 and o.key = $2 and (o.version = $3 or starts_with(o.version, $3 || '#'))
           order by o.object_id desc limit 1"#,
        bucket,
        key,
        version
    )
    .fetch_optional(pool)
    .await?;
    let Some(r) = row else { return Ok(None) };
    let state: State = r
        .state
        .parse()
        .map_err(|e: landfall_domain::UnknownState| StoreError::Unreadable { what: e.to_string() })?;
    Ok(Some(Progress {
        object_id: ObjectId(r.object_id),
        judged: r.planned || state.is_final(),
        state,
        reason: r.reason,
        open_units: r.open_units,
    }))
}
