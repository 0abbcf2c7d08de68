//! The database of the system before, or views over it. It is only read, and all of it as it stands at one moment.

use landfall_dumps::adopt::Table;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, Row};

use crate::StoreError;

/// A connection to the database of the system before.
#[derive(Debug)]
pub struct OldDatabase {
    conn: PgConnection,
    name: String,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldColumn {
    /// Its name.
    pub name: String,
    /// Its type, as PostgreSQL names it internally.
    kind: String,
}

impl OldDatabase {
    /// Connects, for reading only. What others write meanwhile is not seen.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let options: PgConnectOptions = url.parse().map_err(StoreError::Unavailable)?;
        let name = format!("{}/{}", options.get_host(), options.get_database().unwrap_or_default());
        let mut conn = options.application_name("landfall adopt").connect().await?;
        sqlx::raw_sql("begin isolation level repeatable read read only").execute(&mut conn).await?;
        Ok(Self { conn, name })
    }

    /// Host and database, without a password.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The columns of a table or view; none if it is not there.
    pub async fn columns(&mut self, table: Table) -> Result<Option<Vec<OldColumn>>, StoreError> {
        let found: Vec<(String, String)> = sqlx::query_as(
            "select a.attname::text, t.typname::text from pg_attribute a join pg_type t on t.oid = a.atttypid
             where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped order by a.attnum",
        )
        .bind(table.name())
        .fetch_all(&mut self.conn)
        .await?;
        let columns: Vec<OldColumn> =
            found.into_iter().map(|(name, kind)| OldColumn { name, kind }).collect();
        Ok((!columns.is_empty()).then_some(columns))
    }

    /// Begins to read a table, in the order of its values.
    pub async fn open_table(&mut self, table: Table, columns: &[OldColumn]) -> Result<(), StoreError> {
        let texts: Vec<String> = columns.iter().map(as_text).collect();
        let order: Vec<String> = (1..=columns.len()).map(|number| number.to_string()).collect();
        let (texts, order) = (texts.join(", "), order.join(", "));
        let sql = format!(
            "declare adopt_{table} no scroll cursor for select {texts} from {table} order by {order}"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.conn).await?;
        Ok(())
    }

    /// The next rows of a table that is being read; none at its end.
    pub async fn next_rows(&mut self, table: Table, count: u32) -> Result<Vec<Vec<String>>, StoreError> {
        let sql = format!("fetch forward {count} from adopt_{table}");
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut self.conn).await?;
        let texts = |row: sqlx::postgres::PgRow| -> Result<Vec<String>, StoreError> {
            let cells = 0..row.len();
            cells.map(|at| Ok(row.try_get::<Option<String>, _>(at)?.unwrap_or_default())).collect()
        };
        rows.into_iter().map(texts).collect()
    }
}

/// A column as text: a time as UTC, bytes as hexadecimal digits, the items of an array between `;`.
fn as_text(column: &OldColumn) -> String {
    let name = format!("\"{}\"", column.name.replace('"', "\"\""));
    match column.kind.as_str() {
        "timestamptz" => {
            format!(r#"to_char({name} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"#)
        }
        "bytea" => format!("encode({name}, 'hex')"),
        kind if kind.starts_with('_') => format!("array_to_string({name}, ';')"),
        _ => format!("{name}::text"),
    }
}
