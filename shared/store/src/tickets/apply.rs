//! From the stage to the table, set-based: existing tickets by one UPDATE, new ones by one INSERT (specs: tickets 6).
//!
//! Apart, each row's generated columns are computed once; `INSERT .. ON CONFLICT` computes them for the proposed row and
//! again for the update. docs/tickets-sql.md has the figures. The places of all rows are found by joins: the trigger that
//! does it for single rows stands back.

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use crate::StoreError;

const DEDUPE: &str = include_str!("apply_dedupe.sql");
const UPDATE: &str = include_str!("apply_update.sql");
const INSERT: &str = include_str!("apply_insert.sql");

/// What became of the staged rows of a run: their number is the sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Applied {
    /// Rows before the last one of their ticket.
    pub deduped: u64,
    /// Tickets that were new.
    pub inserted: u64,
    /// Tickets that were stored before.
    pub updated: u64,
    /// Tickets that stayed as they were, because they came with a later file; only with the guard.
    pub outdated: u64,
}

/// Applies what a run has staged to the table of a dataset, within the transaction of `conn`: the last row of each
/// ticket, under `source_key`. With `guard`, tickets that came with a file of a greater key stay as they are.
///
/// `dataset` is a dataset's name (`inc`) or table (`tickets.inc`). The staged rows stay, see [`clear_stage`].
///
/// # Errors
/// An unknown dataset; what the database says, after which the transaction must be rolled back.
pub async fn apply(
    conn: &mut PgConnection,
    dataset: &str,
    run: Uuid,
    source_key: &str,
    guard: bool,
) -> Result<Applied, StoreError> {
    let table = table_of(dataset)?;
    let deduped = sqlx::query(DEDUPE).bind(run).execute(&mut *conn).await?.rows_affected();
    places_are(conn, "given").await?;
    let update = sqlx::query(AssertSqlSafe(UPDATE.replace("{table}", table)));
    let updated = update.bind(run).bind(source_key).bind(guard).execute(&mut *conn).await?.rows_affected();
    let insert = sqlx::query(AssertSqlSafe(INSERT.replace("{table}", table)));
    let inserted = insert.bind(run).bind(source_key).execute(&mut *conn).await?.rows_affected();
    places_are(conn, "").await?;
    let outdated = if guard { staged(conn, run).await?.saturating_sub(updated + inserted) } else { 0 };
    Ok(Applied { deduped, inserted, updated, outdated })
}

/// Removes a run's rows from the stage; gives their number.
pub async fn clear_stage(conn: &mut PgConnection, run: Uuid) -> Result<u64, StoreError> {
    let done = sqlx::query!("delete from tickets.stage where run = $1", run).execute(conn).await?;
    Ok(done.rows_affected())
}

/// The table of a dataset: one of two constants, whatever was asked for.
fn table_of(dataset: &str) -> Result<&'static str, StoreError> {
    match dataset {
        "inc" | "tickets.inc" => Ok("tickets.inc"),
        "crq" | "tickets.crq" => Ok("tickets.crq"),
        other => Err(StoreError::Unreadable { what: format!("dataset {other:?} is none of tickets") }),
    }
}

/// Tells the trigger, until the transaction ends, whether statements find the places of tickets by themselves.
pub(super) async fn places_are(conn: &mut PgConnection, by: &str) -> Result<(), StoreError> {
    sqlx::query!("select set_config('tickets.places', $1, true)", by).fetch_one(conn).await?;
    Ok(())
}

/// How many rows of a run are staged.
async fn staged(conn: &mut PgConnection, run: Uuid) -> Result<u64, StoreError> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from tickets.stage where run = $1"#, run);
    Ok(u64::try_from(count.fetch_one(conn).await?).unwrap_or_default())
}
