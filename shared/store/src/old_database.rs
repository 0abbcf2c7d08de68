//! The database of the system before, or views over it. It is only read, and all of it as it stands at one moment.

use std::fmt;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, Row};

use crate::StoreError;

/// A connection to the database of the system before.
#[derive(Debug)]
pub struct OldDatabase {
    conn: PgConnection,
    name: String,
    /// Tables opened so far: each has a cursor of its own.
    opened: u32,
}

/// A table or view, displayed as SQL names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// Where it is; none for the search path of the connection.
    pub schema: Option<String>,
    /// Its name.
    pub name: String,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldColumn {
    /// Its name.
    pub name: String,
    /// Its type, as PostgreSQL names it internally.
    kind: String,
}

impl Relation {
    /// A table that the search path leads to.
    pub fn named(name: &str) -> Self {
        Self { schema: None, name: name.to_owned() }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{}.", quoted(schema))?;
        }
        f.write_str(&quoted(&self.name))
    }
}

impl OldDatabase {
    /// Connects, for reading only. What others write meanwhile is not seen.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let options: PgConnectOptions = url.parse().map_err(StoreError::Unavailable)?;
        let name = format!("{}/{}", options.get_host(), options.get_database().unwrap_or_default());
        let mut conn = options.application_name("landfall adopt").connect().await?;
        sqlx::raw_sql("begin isolation level repeatable read read only").execute(&mut conn).await?;
        Ok(Self { conn, name, opened: 0 })
    }

    /// Host and database, without a password.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The columns of a table or view; none if it is not there.
    pub async fn columns(&mut self, relation: &Relation) -> Result<Option<Vec<OldColumn>>, StoreError> {
        let found: Vec<(String, String)> = sqlx::query_as(
            "select a.attname::text, t.typname::text from pg_attribute a join pg_type t on t.oid = a.atttypid
             where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped order by a.attnum",
        )
        .bind(relation.to_string())
        .fetch_all(&mut self.conn)
        .await?;
        let columns: Vec<OldColumn> =
            found.into_iter().map(|(name, kind)| OldColumn { name, kind }).collect();
        Ok((!columns.is_empty()).then_some(columns))
    }

    /// Begins to read columns of a table, in the order of the values of the first `by` of them.
    pub async fn open_table(
        &mut self,
        relation: &Relation,
        columns: &[OldColumn],
        by: usize,
    ) -> Result<(), StoreError> {
        self.opened = self.opened.saturating_add(1);
        let texts: Vec<String> = columns.iter().map(as_text).collect();
        let order: Vec<String> = (1..=by).map(|number| number.to_string()).collect();
        let (cursor, texts, order) = (self.cursor(), texts.join(", "), order.join(", "));
        let sql =
            format!("declare {cursor} no scroll cursor for select {texts} from {relation} order by {order}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.conn).await?;
        Ok(())
    }

    /// The next rows of the table that was opened last, null as an empty text; none at its end.
    pub async fn next_rows(&mut self, count: u32) -> Result<Vec<Vec<String>>, StoreError> {
        let sql = format!("fetch forward {count} from {}", self.cursor());
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut self.conn).await?;
        let texts = |row: sqlx::postgres::PgRow| -> Result<Vec<String>, StoreError> {
            let cells = 0..row.len();
            cells.map(|at| Ok(row.try_get::<Option<String>, _>(at)?.unwrap_or_default())).collect()
        };
        rows.into_iter().map(texts).collect()
    }

    /// Ends the reading: its snapshot keeps nothing from being cleaned up any more.
    pub async fn end(&mut self) -> Result<(), StoreError> {
        sqlx::raw_sql("rollback").execute(&mut self.conn).await?;
        Ok(())
    }

    fn cursor(&self) -> String {
        format!("adopt_{}", self.opened)
    }
}

/// A column as text: a time as UTC, bytes as hexadecimal digits, the items of an array between `;`.
fn as_text(column: &OldColumn) -> String {
    let name = quoted(&column.name);
    match column.kind.as_str() {
        "timestamptz" => {
            format!(r#"to_char({name} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"#)
        }
        "bytea" => format!("encode({name}, 'hex')"),
        kind if kind.starts_with('_') => format!("array_to_string({name}, ';')"),
        _ => format!("{name}::text"),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
