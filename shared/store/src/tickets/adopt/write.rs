//! From the stage to the tables, set-based; and what was made again, compared with what the source had made.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use landfall_domain::Dataset;
use landfall_tickets::adopt::{Column, Header, Kind, Role, Table};
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::report::Difference;
use super::target::Target;
use crate::StoreError;
use crate::tickets::apply::places_are;

const META: &str = include_str!("write_meta.sql");
const ROWS: &str = include_str!("write_rows.sql");
const TICKETS: &str = include_str!("write_tickets.sql");
const COMPARE: &str = include_str!("compare.sql");

/// Writes the rows of a table that are new. The cache comes before the tickets.
pub(super) async fn write(
    conn: &mut PgConnection,
    table: Table,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let target = Target::of(table, now);
    match table {
        Table::ImportMeta => {
            sqlx::query(META).execute(conn).await?;
        }
        Table::Inc | Table::Crq => {
            places_are(conn, "given").await?;
            sqlx::query(AssertSqlSafe(target.fill(TICKETS))).bind(now).execute(&mut *conn).await?;
            places_are(conn, "").await?;
        }
        _ => {
            sqlx::query(AssertSqlSafe(target.fill(ROWS))).execute(conn).await?;
        }
    }
    Ok(())
}

/// Brings tickets to the places that the cache knows; gives how many had another one.
pub(super) async fn resolve(conn: &mut PgConnection) -> Result<u64, StoreError> {
    let moved: i64 = sqlx::query_scalar("select tickets.resolve_ticket_geoms()").fetch_one(conn).await?;
    Ok(moved.unsigned_abs())
}

/// Compares the columns that were made again with those that the source has.
pub(super) async fn compare(
    conn: &mut PgConnection,
    header: &Header,
    now: DateTime<Utc>,
) -> Result<BTreeMap<String, Difference>, StoreError> {
    let table = header.table();
    let columns = table.columns().iter().filter(|c| c.role == Role::Compared && header.has(c.name));
    let columns: Vec<&Column> = columns.collect();
    let mut differences = BTreeMap::new();
    if columns.is_empty() {
        return Ok(differences);
    }
    let counts: Vec<String> = columns.iter().map(|column| counted(column)).collect();
    let statement = Target::of(table, now).fill(&COMPARE.replace("{columns}", &counts.join(",\n    ")));
    let found = sqlx::query(AssertSqlSafe(statement)).fetch_one(conn).await?;
    for (nth, column) in columns.into_iter().enumerate() {
        let tickets: i64 = found.try_get(nth.saturating_mul(2))?;
        let example: Option<String> = found.try_get(nth.saturating_mul(2).saturating_add(1))?;
        if let Some(example) = example {
            let tickets = tickets.unsigned_abs();
            differences.insert(column.name.to_owned(), Difference { tickets, example });
        }
    }
    Ok(differences)
}

/// How often a column differs, and where first.
fn counted(column: &Column) -> String {
    let name = column.name;
    let made = match column.kind {
        Kind::Number => format!("t.{name}::double precision"),
        Kind::Time => format!("t.{name}"),
        _ => format!("nullif(t.{name}::text, '')"),
    };
    let differs = format!("filter (where s.{name} is distinct from {made})");
    format!("count(*) {differs}, min(t.ticket_id) {differs}")
}

/// The watermarks that the source gives.
pub(super) async fn watermarks(conn: &mut PgConnection) -> Result<BTreeMap<Dataset, String>, StoreError> {
    let given = "select dataset, source_max_key from adopt_import_meta where source_max_key is not null";
    let rows: Vec<(String, String)> = sqlx::query_as(given).fetch_all(conn).await?;
    Ok(rows.into_iter().filter_map(|(dataset, key)| Some((dataset.parse().ok()?, key))).collect())
}
