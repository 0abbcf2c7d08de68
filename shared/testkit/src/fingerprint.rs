//! What a run left behind, without the numbers and times that differ from run to run.

use std::collections::BTreeMap;
use std::fmt::Write;

use sqlx::PgPool;

/// Names for what the database knows by number.
const NAMES: &str = "
    create schema if not exists test;
    create or replace view test.dump_name as
        select d.dump_id, concat_ws(' ', c.customer_key || '/' || n.network_key, d.capture_ts at time zone 'UTC',
            d.origin, 'no. ' || d.snapshot_seq) as dump
        from dump.capture_dump d join dump.customer c using (customer_id) join dump.network n using (network_id);
    create or replace view test.load_name as
        select l.load_id, d.dump || ' load ' || rank() over (partition by l.dump_id order by l.load_id) as load
        from dump.load l join test.dump_name d using (dump_id);
    create or replace view test.ne_name as
        select e.ne_id, c.customer_key || '/' || n.network_key || ' ' || e.ne_key as ne
        from dump.network_element e join dump.network n using (network_id) join dump.customer c using (customer_id);
";

/// Each table and its rows as JSON, without surrogate keys and without the times of the work.
const TABLES: [(&str, &str); 22] = [
    ("ingest.object", "select jsonb_build_object('key', key, 'state', state, 'reason', reason) from ingest.object"),
    (
        "ingest.event_log",
        "select jsonb_build_object('key', o.key, 'life', string_agg(l.to_state || ' ' || l.reason, ', '
            order by l.at, l.event_id))
         from ingest.event_log l join ingest.object o using (object_id) group by o.object_id, o.key",
    ),
    (
        "dump.capture_dump",
        "select to_jsonb(t) - array['dump_id', 'customer_id', 'network_id', 'load_id', 'source_version',
            'created_at', 'row_version'] || jsonb_build_object('dump', n.dump, 'visible', l.load)
         from dump.capture_dump t join test.dump_name n using (dump_id) left join test.load_name l using (load_id)",
    ),
    (
        "dump.load",
        "select jsonb_build_object('load', n.load, 'status', t.status, 'open', t.open_units, 'whole', t.outer_whole)
         from dump.load t join test.load_name n using (load_id)",
    ),
    (
        "dump.archive_sha256",
        "select jsonb_build_object('sha256', encode(t.sha256, 'hex'), 'load', n.load)
         from dump.archive_sha256 t join test.load_name n using (load_id)",
    ),
    (
        "dump.dump_link",
        "select to_jsonb(t) - array['dump_id', 'object_id', 'created_at'] || jsonb_build_object('dump', n.dump)
         from dump.dump_link t join test.dump_name n using (dump_id)",
    ),
    (
        "dump.sidecar_use",
        "select jsonb_build_object('key', o.key, 'sidecar', u.key, 'run', u.run)
         from dump.sidecar_use u join ingest.object o using (object_id)",
    ),
    (
        "dump.network_element",
        "select to_jsonb(t) - array['ne_id', 'network_id', 'dump_id'] || jsonb_build_object('ne', n.ne, 'dump', d.dump)
         from dump.network_element t join test.ne_name n using (ne_id) left join test.dump_name d using (dump_id)",
    ),
    (
        "dump.dump_node",
        "select to_jsonb(t) - array['load_id', 'ne_id'] || jsonb_build_object('load', l.load, 'ne', n.ne)
         from dump.dump_node t join test.load_name l using (load_id) left join test.ne_name n using (ne_id)",
    ),
    (
        "dump.lsp_entry",
        "select to_jsonb(t) - array['load_id', 'ne_id'] || jsonb_build_object('load', l.load, 'ne', n.ne)
         from dump.lsp_entry t join test.load_name l using (load_id) join test.ne_name n using (ne_id)",
    ),
    (
        "dump.alarm_state_entry",
        "select to_jsonb(t) - array['load_id', 'ne_id'] || jsonb_build_object('load', l.load, 'ne', n.ne)
         from dump.alarm_state_entry t join test.load_name l using (load_id) join test.ne_name n using (ne_id)",
    ),
    (
        "dump.dpr_entry",
        "select to_jsonb(t) - array['load_id', 'ne_id'] || jsonb_build_object('load', l.load, 'ne', n.ne)
         from dump.dpr_entry t join test.load_name l using (load_id) join test.ne_name n using (ne_id)",
    ),
    (
        "dump.nea_trace",
        "select to_jsonb(t) - array['load_id', 'ne_id'] || jsonb_build_object('load', l.load, 'ne', n.ne)
         from dump.nea_trace t join test.load_name l using (load_id) join test.ne_name n using (ne_id)",
    ),
    (
        "dump.nea_bucket_count",
        "select to_jsonb(t) - array['load_id', 'ne_id'] || jsonb_build_object('load', l.load, 'ne', n.ne)
         from dump.nea_bucket_count t join test.load_name l using (load_id) join test.ne_name n using (ne_id)",
    ),
    (
        "dump.ma_notif_bucket_count",
        "select to_jsonb(t) - array['load_id', 'ne_id'] || jsonb_build_object('load', l.load, 'ne', n.ne)
         from dump.ma_notif_bucket_count t join test.load_name l using (load_id) join test.ne_name n using (ne_id)",
    ),
    (
        "dump.three_r_group",
        "select to_jsonb(t) - array['load_id', 'ne_id'] || jsonb_build_object('load', l.load, 'ne', n.ne)
         from dump.three_r_group t join test.load_name l using (load_id) join test.ne_name n using (ne_id)",
    ),
    (
        "dump.three_r_link",
        "select to_jsonb(t) - array['load_id', 'ne_id'] || jsonb_build_object('load', l.load, 'ne', n.ne)
         from dump.three_r_link t join test.load_name l using (load_id) join test.ne_name n using (ne_id)",
    ),
    (
        "dump.dpr_link",
        "select to_jsonb(t) - array['load_id', 'ne_id'] || jsonb_build_object('load', l.load, 'ne', n.ne)
         from dump.dpr_link t join test.load_name l using (load_id) join test.ne_name n using (ne_id)",
    ),
    (
        "dump.dpr_router_map",
        "select to_jsonb(t) - array['load_id', 'ne_id'] || jsonb_build_object('load', l.load, 'ne', n.ne)
         from dump.dpr_router_map t join test.load_name l using (load_id) join test.ne_name n using (ne_id)",
    ),
    (
        "dump.plugin_ledger",
        "select jsonb_build_object('load', l.load, 'ne', t.plan_ne, 'plugin', t.plugin, 'state', t.state,
            'outcome', t.outcome, 'error', t.error_code, 'records', t.record_count, 'warnings', t.warning_count)
         from dump.plugin_ledger t join test.load_name l using (load_id)",
    ),
    (
        "dump.parse_warning",
        "select to_jsonb(t) - 'load_id' || jsonb_build_object('load', l.load)
         from dump.parse_warning t join test.load_name l using (load_id)",
    ),
    ("ops.dead_letter", "select jsonb_build_object('stage', stage, 'kind', kind, 'code', code) from ops.dead_letter"),
];

/// The content of all result tables as lines, each with how often it occurs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(BTreeMap<String, usize>);

impl Fingerprint {
    /// Takes the fingerprint of a database.
    pub async fn of(pool: &PgPool) -> Self {
        sqlx::raw_sql(NAMES).execute(pool).await.expect("the views are made");
        let mut lines = BTreeMap::new();
        for (table, query) in TABLES {
            let rows: Vec<serde_json::Value> =
                sqlx::query_scalar(query).fetch_all(pool).await.expect("the table is read");
            for row in rows {
                *lines.entry(format!("{table} {row}")).or_insert(0) += 1;
            }
        }
        Self(lines)
    }

    /// Without what is said of objects: the tables that readers see.
    pub fn results(&self) -> Self {
        let kept = self.0.iter().filter(|(line, _)| !line.starts_with("ingest."));
        Self(kept.map(|(line, count)| (line.clone(), *count)).collect())
    }

    /// Rows of a table.
    pub fn rows(&self, table: &str) -> usize {
        let of_table = self.0.iter().filter(|(line, _)| line.split(' ').next() == Some(table));
        of_table.map(|(_, count)| count).sum()
    }

    /// What differs, one line each: nothing where both are the same.
    pub fn differences(&self, other: &Self) -> String {
        let mut text = String::new();
        let mut note = |sign: &str, line: &String, here: usize, there: usize| {
            if here > there {
                writeln!(text, "{sign} {}x {line}", here - there).expect("a string takes all");
            }
        };
        for (line, count) in &self.0 {
            note("-", line, *count, other.0.get(line).copied().unwrap_or(0));
        }
        for (line, count) in &other.0 {
            note("+", line, *count, self.0.get(line).copied().unwrap_or(0));
        }
        text
    }
}
