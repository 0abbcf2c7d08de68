//! Tickets in one transaction whose present is fixed.

use landfall_store::Transaction;
use landfall_testkit::database::TestDatabase;
use serde_json::Value;
use sqlx::AssertSqlSafe;

/// The key of most files.
pub const KEY: &str = "automations/inc/changes/2026-06-25T08-20-00.csv";

/// A transaction in a database of its own.
pub struct Scene {
    /// Never committed.
    pub tx: Transaction,
    _database: TestDatabase,
}

impl Scene {
    /// Nothing but what the migrations bring; it is `now` (an ISO time).
    pub async fn at(now: &str) -> Self {
        let database = TestDatabase::create().await;
        let tx = database.pool().begin().await.unwrap();
        let mut scene = Self { tx, _database: database };
        scene.set_now(now).await;
        scene
    }

    /// Morning of 25 June 2026.
    pub async fn new() -> Self {
        Self::at("2026-06-25T09:40:00+03:00").await
    }

    /// Time goes on.
    pub async fn set_now(&mut self, now: &str) {
        let set = sqlx::query("select set_config('tickets.now', $1, true)").bind(now);
        set.execute(&mut *self.tx).await.unwrap();
    }

    /// Runs statements.
    pub async fn run(&mut self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *self.tx).await.unwrap();
    }

    /// The code with which the database refuses a statement; the transaction goes on.
    pub async fn refused(&mut self, sql: &str) -> String {
        self.run("savepoint before").await;
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *self.tx).await;
        self.run("rollback to savepoint before").await;
        done.unwrap_err().as_database_error().unwrap().code().unwrap().into_owned()
    }

    /// The tickets' own upsert, of a row with these values and nothing else. The dataset is that of the id.
    pub async fn put(&mut self, ticket_id: &str, values: &[(&str, &str)]) {
        let raw: Value = values.iter().copied().chain([("ticket_id", ticket_id)]).collect();
        let table = ticket_id.get(..3).unwrap().to_lowercase();
        let sql = format!(
            "insert into tickets.{table} (ticket_id, raw, source_key, cluster_key, location_key)
             values ($1, $2, $3, tickets.place_key($2 ->> 'cluster'), tickets.place_key($2 ->> 'location_name'))
             on conflict (ticket_id) do update set raw = excluded.raw, source_key = excluded.source_key,
                 cluster_key = excluded.cluster_key, location_key = excluded.location_key, ingested_at = now()"
        );
        let put = sqlx::query(AssertSqlSafe(sql)).bind(ticket_id).bind(raw).bind(KEY);
        put.execute(&mut *self.tx).await.unwrap();
    }

    /// A value as JSON.
    pub async fn json(&mut self, expression: &str) -> Value {
        let sql = format!("select to_jsonb(x) from (select {expression}) as of(x)");
        let got: Option<Value> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *self.tx).await.unwrap();
        got.unwrap_or_default()
    }

    /// Rows as lines: columns by one blank, times in EAT, null as `-`.
    pub async fn rows(&mut self, query: &str) -> String {
        let sql = format!(
            "select coalesce(string_agg(line, E'\\n' order by nth), '') from (
                 select row_number() over () as nth, (
                     select string_agg(coalesce(v.value #>> '{{}}', '-'), ' ' order by v.nth)
                     from json_each(row_to_json(r)) with ordinality as v(key, value, nth)) as line
                 from ({query}) as r) as lines"
        );
        sqlx::query("set local timezone = '<+03>-03'").execute(&mut *self.tx).await.unwrap();
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *self.tx).await.unwrap()
    }
}
