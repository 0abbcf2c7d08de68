//! What speaks against taking a table over: its keys stand twice, or the target has other rows.

use chrono::{DateTime, Utc};
use landfall_domain::Dataset;
use landfall_tickets::adopt::{Note, Problem, Table};
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::report::{AdoptReport, TOLD};
use super::target::Target;
use crate::StoreError;

const MERGE: &str = include_str!("merge.sql");
const TWICE: &str = include_str!("twice.sql");
const DIFFERENT: &str = include_str!("different.sql");
const COUNT: &str = include_str!("count.sql");
const NUMBER_EVENTS: &str = include_str!("number_events.sql");
const FOLLOW_EVENTS: &str = include_str!("follow_events.sql");

/// Characters of a stored value that are told.
const SHOWN: usize = 120;

/// Leaves out what is not taken over: requests of other days, datasets that never had a file.
pub(super) async fn leave_out(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), StoreError> {
    let day = sqlx::query("delete from adopt_geo_budget where day <> $1").bind(now.date_naive());
    day.execute(&mut *conn).await?;
    sqlx::query("delete from adopt_import_meta where source_max_key is null").execute(conn).await?;
    Ok(())
}

/// Numbers the closures, if the source does not.
pub(super) async fn number_events(conn: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query(NUMBER_EVENTS).execute(conn).await?;
    Ok(())
}

/// Counts the reopenings of a dataset's tickets by their closures.
pub(super) async fn follow_events(conn: &mut PgConnection, dataset: Dataset) -> Result<(), StoreError> {
    let statement = FOLLOW_EVENTS.replace("{stage}", &format!("adopt_{dataset}"));
    sqlx::query(AssertSqlSafe(statement)).bind(dataset.name()).execute(conn).await?;
    Ok(())
}

/// Makes one row of those of a cache that have one key; tells where they do not agree.
pub(super) async fn merge(
    conn: &mut PgConnection,
    target: (Table, &Target),
    report: &mut AdoptReport,
) -> Result<(), StoreError> {
    let (table, target) = target;
    let gone = sqlx::query(AssertSqlSafe(target.fill(MERGE))).fetch_all(conn).await?;
    for row in gone {
        let (key, kept): (String, String) = (row.try_get("given_key")?, row.try_get("kept_key")?);
        let (number, kept_number): (i64, i64) = (row.try_get("row_no")?, row.try_get("kept_row")?);
        let text = format!("has one key with row {kept_number} ({kept}), which stays: they do not agree");
        report.note(Note { table, row: number.unsigned_abs(), key, text });
    }
    Ok(())
}

/// Counts the rows of a table by what becomes of them, and names the conflicts.
pub(super) async fn judge(
    conn: &mut PgConnection,
    table: Table,
    target: &Target,
    report: &mut AdoptReport,
) -> Result<(), StoreError> {
    let twice = twice(conn, table, target).await?;
    let different = different(conn, table, target).await?;
    let count = sqlx::query(AssertSqlSafe(target.fill(COUNT))).fetch_one(conn).await?;
    let (given, held): (i64, i64) = (count.try_get("given")?, count.try_get("held")?);
    // Some of those that differ are the target's alone.
    let changed = different.in_source;
    let conflicts = twice.rows.saturating_add(different.rows);
    if conflicts == 0 && !report.tables.contains_key(&table) {
        return Ok(());
    }
    let counted = report.of(table);
    counted.insert = given.saturating_sub(held).saturating_sub(twice.rows).max(0).unsigned_abs();
    counted.same = held.saturating_sub(changed).max(0).unsigned_abs();
    counted.conflict = counted.conflict.saturating_add(conflicts.unsigned_abs());
    let told = report.conflicts.iter().filter(|problem| problem.table == table).count();
    let problems = twice.problems.into_iter().chain(different.problems);
    report.conflicts.extend(problems.take(TOLD.saturating_sub(told)));
    Ok(())
}

/// Rows in conflict, and the first of them.
#[derive(Default)]
struct Found {
    rows: i64,
    in_source: i64,
    problems: Vec<Problem>,
}

async fn twice(conn: &mut PgConnection, table: Table, target: &Target) -> Result<Found, StoreError> {
    let rows = sqlx::query(AssertSqlSafe(target.fill(TWICE))).bind(limit()).fetch_all(conn).await?;
    let mut found = Found::default();
    for row in rows {
        found.rows = row.try_get("rows")?;
        let first: i64 = row.try_get("first_row")?;
        found.problems.push(Problem {
            table,
            row: Some(row.try_get::<i64, _>("row_no")?.unsigned_abs()),
            key: row.try_get("key")?,
            column: String::new(),
            given: String::new(),
            stored: None,
            text: format!("row {first} has the same key"),
        });
    }
    Ok(found)
}

async fn different(conn: &mut PgConnection, table: Table, target: &Target) -> Result<Found, StoreError> {
    let rows = sqlx::query(AssertSqlSafe(target.fill(DIFFERENT))).bind(limit()).fetch_all(conn).await?;
    let mut found = Found::default();
    for row in rows {
        (found.rows, found.in_source) = (row.try_get("rows")?, row.try_get("in_source")?);
        let number: Option<i64> = row.try_get("row_no")?;
        let value = |name| -> Result<Option<String>, StoreError> {
            let value: Option<String> = row.try_get(name)?;
            Ok(value.map(|value| value.chars().take(SHOWN).collect()))
        };
        let (column, text): (String, _) = match number {
            Some(_) => (row.try_get("name")?, "another value is stored"),
            None => (String::new(), "stored, and not in the source"),
        };
        found.problems.push(Problem {
            table,
            row: number.map(i64::unsigned_abs),
            key: row.try_get("key")?,
            column,
            given: value("given")?.unwrap_or_default(),
            stored: if number.is_some() { value("stored")? } else { None },
            text: text.to_owned(),
        });
    }
    Ok(found)
}

fn limit() -> i64 {
    i64::try_from(TOLD).unwrap_or(i64::MAX)
}
