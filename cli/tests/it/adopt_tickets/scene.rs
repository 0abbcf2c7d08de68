//! A system that ran before, its export, and an empty platform.

use std::fs;
use std::process::{Child, Output, Stdio};

use futures::TryStreamExt;
use landfall_testkit::TestStage;
use landfall_testkit::database::TestDatabase;
use landfall_tickets::COLUMNS;
use landfall_tickets::adopt::Table;
use serde_json::{Map, Value, json};
use sqlx::{AssertSqlSafe, PgPool};

use super::super::command::{json as document, landfall, process, told};

/// The watermark of incidents.
pub const KEY: &str = "automations/inc/changes/2026-06-25T08-20-00.csv";

/// A platform without tickets, the database of the system before, and a folder for its export.
pub struct Scene {
    pub stage: TestStage,
    pub old: TestDatabase,
    pub dir: tempfile::TempDir,
}

/// A ticket of the system before.
pub struct Ticket<'a>(pub &'a str, pub i32, pub &'a [(&'a str, &'a str)]);

impl Scene {
    /// The system before knows something of everything.
    pub async fn new() -> Self {
        let scene = Self::empty().await;
        scene.fill().await;
        scene
    }

    pub async fn empty() -> Self {
        let (stage, old) = (TestStage::start().await, TestDatabase::create().await);
        Self { stage, old, dir: tempfile::tempdir().unwrap() }
    }

    async fn fill(&self) {
        self.old(PLACES).await;
        for ticket in [
            Ticket(
                "INC000000000001",
                0,
                &[("cluster", " Pipeline"), ("location_name", "Kwetu Homes FDT02/P10")],
            ),
            Ticket(
                "INC000000000002",
                1,
                &[("closed_at", "2026-06-20 10:00:00"), ("normalized_status", "closed")],
            ),
            Ticket(
                "INC000000000003",
                0,
                &[("latitude", "-1.25"), ("longitude", "36.75"), ("region", "NAIROBI  East")],
            ),
            Ticket(
                "CRQ000000000001",
                0,
                &[("cluster", "Pipeline"), ("mttr", "93.5"), ("bucket", "\"a\", b\nc\\")],
            ),
        ] {
            self.put(&ticket).await;
        }
        self.old("select tickets.resolve_ticket_geoms()").await;
        self.old(HISTORY).await;
    }

    /// Stores a ticket in the system before.
    pub async fn put(&self, Ticket(id, reopened, values): &Ticket<'_>) {
        let table = id.get(..3).unwrap().to_lowercase();
        let sql = format!(
            "insert into tickets.{table} (ticket_id, raw, source_key, reopen_count, cluster_key, location_key)
             values ($1, $2, $3, $4, tickets.place_key($2 ->> 'cluster'),
                 case when $2 ->> 'location_name' is not null then 'kwetu homes' end)"
        );
        let put = sqlx::query(AssertSqlSafe(sql)).bind(*id).bind(raw(id, values)).bind(KEY).bind(*reopened);
        put.execute(self.old.pool()).await.unwrap();
    }

    /// Runs statements in the database of the system before.
    pub async fn old(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(self.old.pool()).await.unwrap();
    }

    /// Exports every table of the system before.
    pub async fn export(&self) {
        for table in Table::ALL {
            let sql = format!("copy (select * from tickets.{table}) to stdout with (format csv, header)");
            let mut conn = self.old.pool().acquire().await.unwrap();
            let blocks: Vec<_> = conn.copy_out_raw(&sql).await.unwrap().try_collect().await.unwrap();
            fs::write(self.path(table.name()), blocks.concat()).unwrap();
        }
    }

    pub fn path(&self, table: &str) -> std::path::PathBuf {
        self.dir.path().join(format!("{table}.csv"))
    }

    pub fn write(&self, table: &str, content: &str) {
        fs::write(self.path(table), content).unwrap();
    }

    /// Writes a file of tickets: id, source key and JSON of each.
    pub fn write_tickets(&self, table: &str, rows: &[(&str, Value)]) {
        let line =
            |(id, raw): &(&str, Value)| format!("{id},{KEY},\"{}\"\n", raw.to_string().replace('"', "\"\""));
        let lines: String = rows.iter().map(line).collect();
        self.write(table, &format!("ticket_id,source_key,raw\n{lines}"));
    }

    /// Changes the exported file of a table.
    pub fn edit(&self, table: &str, from: &str, to: &str) {
        let content = fs::read_to_string(self.path(table)).unwrap();
        assert!(content.contains(from), "{content}");
        self.write(table, &content.replace(from, to));
    }

    /// Takes over from the folder.
    pub fn adopt(&self, args: &[&str]) -> Output {
        self.tickets(&[&["adopt", "--from", "."], args].concat())
    }

    /// Takes over from the database.
    pub fn adopt_database(&self, args: &[&str]) -> Output {
        self.tickets(&[&["adopt", "--from", self.old.url()], args].concat())
    }

    /// Runs a command of tickets on the platform.
    pub fn tickets(&self, args: &[&str]) -> Output {
        let mut command = landfall(self.dir.path());
        command.envs(self.stage.variables()).arg("tickets").args(args);
        command.output().unwrap()
    }

    /// Starts a command of tickets, and waits for nothing.
    pub fn start(&self, args: &[&str]) -> Child {
        let mut command = process(self.dir.path());
        command.envs(self.stage.variables()).arg("tickets").args(args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// What the run from the folder tells people.
    pub fn told(&self, args: &[&str]) -> String {
        told(&self.adopt(args), self.dir.path())
    }

    /// What the run from the folder gives as a document.
    pub fn document(&self, args: &[&str]) -> Value {
        document(&self.adopt(&[&["--json"], args].concat()))
    }

    pub async fn stored(&self) -> Vec<String> {
        stored(self.stage.pool()).await
    }
}

/// All values of a ticket, most of them null.
pub fn raw(id: &str, values: &[(&str, &str)]) -> Value {
    let mut raw: Map<String, Value> = COLUMNS.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    raw.insert("normalized_status".into(), json!("open"));
    raw.insert("created_at_service".into(), json!("2026-06-19 08:00:00"));
    raw.insert("ticket_id".into(), json!(id));
    raw.extend(values.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
    raw.into()
}

/// All that is taken over, of today's budget, without ids and the time of storing.
pub async fn stored(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "select 'inc ' || (to_jsonb(t) - 'ingested_at')::text from tickets.inc t
         union all select 'crq ' || (to_jsonb(t) - 'ingested_at')::text from tickets.crq t
         union all select 'event ' || (to_jsonb(e) - 'id')::text from tickets.closure_events e
         union all select 'day ' || to_jsonb(s)::text from tickets.daily_snapshots s
         union all select 'cluster ' || to_jsonb(c)::text from tickets.geo_clusters c
         union all select 'location ' || to_jsonb(l)::text from tickets.geo_locations l
         union all select 'budget ' || used from tickets.geo_budget where day = (now() at time zone 'UTC')::date
         union all select 'mark ' || metadata::text from tickets.import_meta where metadata <> '{}'
         order by 1",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

const PLACES: &str = r#"
    insert into tickets.geo_clusters (cluster_key, query, status, lat, lng, city, attempts, last_attempt_at, raw) values
        ('pipeline', 'Pipeline, Nairobi, Kenya', 'ok', -1.3125, 36.8875, 'Nairobi', 1, '2026-06-01 10:00:00+03', '[{"lat": "-1.3125"}]'),
        ('qoa', 'Quarry Road, Kenya', 'not_found', null, null, null, 1, '2026-06-02 10:00:00.25+03', null);
    insert into tickets.geo_locations (cluster_key, location_key, status, lat, lng, attempts, distance_km) values
        ('pipeline', 'kwetu homes', 'manual', -1.3, 36.9, 0, 1.5);
    insert into tickets.geo_budget (day, used) values
        ((now() at time zone 'UTC')::date, 7), ((now() at time zone 'UTC')::date - 1, 4000);
"#;

const HISTORY: &str = r#"
    insert into tickets.closure_events (dataset, ticket_id, reopen_count, closed_at, outcome, observed_at, backfill) values
        ('inc', 'INC000000000002', 0, '2026-06-18 10:00:00+03', 'closed', '2026-06-19 07:00:00+03', true),
        ('inc', 'INC000000000002', 1, '2026-06-20 10:00:00+03', 'closed', '2026-06-21 07:00:00+03', false);
    insert into tickets.inc_daily_snapshot values
        ('2026-06-23', 5, 4, 3, 1, 1, 0, 2, 1, '[{"open": 5, "cluster": "pipeline"}]', '2026-06-23 20:40:00+03'),
        ('2026-06-24', 2, 0, 2, 0, 0, 0, 0, 0, '[]', '2026-06-24 20:40:00+03');
    insert into tickets.crq_daily_snapshot values
        ('2026-06-24', 1, 0, 0, 0, 1, 0, 1, 0, '[]', '2026-06-24 20:40:00+03');
    update tickets.import_meta set metadata = jsonb_build_object(
        'source_max_key', 'automations/' || dataset || '/changes/2026-06-25T08-20-00.csv',
        'content_max_ts', timestamptz '2026-06-23 12:00:00+03');
"#;
