//! `ingest.step`: the step ledger. An effect of (object, stage, unit, run) happens once.

use chrono::{DateTime, Utc};
use landfall_domain::{ObjectId, Run, Stage};
use sqlx::PgConnection;

use crate::StoreError;

/// Enters a step in the ledger; false if it is there already, and the caller has nothing to do.
///
/// A concurrent try of the same step waits here for the other's commit.
pub async fn enter(
    conn: &mut PgConnection,
    key: (ObjectId, Stage, &str, Run),
    outcome: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let (object_id, stage, unit, run) = key;
    let done = sqlx::query!(
        "insert into ingest.step (object_id, stage, unit, run, outcome, at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        object_id.0,
        stage.as_str(),
        unit,
        run.0,
        outcome,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The outcome of a step that decided nothing yet: there will be another one.
pub const WAITING: &str = "waiting";

/// Whether any step of a stage has decided this run of an object.
pub async fn is_decided(
    conn: &mut PgConnection,
    (object_id, stage, run): (ObjectId, Stage, Run),
) -> Result<bool, StoreError> {
    let decided = sqlx::query_scalar!(
        r#"select exists (select 1 from ingest.step
            where object_id = $1 and stage = $2 and run = $3 and outcome <> $4) as "decided!""#,
        object_id.0,
        stage.as_str(),
        run.0,
        WAITING
    )
    .fetch_one(conn)
    .await?;
    Ok(decided)
}

/// Takes a stage's steps of a run out of the ledger: what they did was undone in the same transaction, and it is to
/// be done again.
pub async fn reopen(
    conn: &mut PgConnection,
    (object_id, stage, run): (ObjectId, Stage, Run),
) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from ingest.step where object_id = $1 and stage = $2 and run = $3",
        object_id.0,
        stage.as_str(),
        run.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether a step is in the ledger.
pub async fn is_done(
    pool: &sqlx::PgPool,
    (object_id, stage, unit, run): (ObjectId, Stage, &str, Run),
) -> Result<bool, StoreError> {
    let done = sqlx::query_scalar!(
        r#"select exists (select 1 from ingest.step
            where object_id = $1 and stage = $2 and unit = $3 and run = $4) as "done!""#,
        object_id.0,
        stage.as_str(),
        unit,
        run.0
    )
    .fetch_one(pool)
    .await?;
    Ok(done)
}
