//! What the tables, views and functions say, in the form of the scenario's expected facts.

use chrono::{DateTime, Utc};
use landfall_domain::Dataset;
use serde_json::{Map, Value, json};
use sqlx::{AssertSqlSafe, PgPool};

/// Facts of both datasets together, by name.
const OF_RUN: [(&str, &str); 6] = [
    ("source_max_key", "(select jsonb_object_agg(dataset, metadata -> 'source_max_key') from tickets.import_meta)"),
    (
        "crq_open_stage",
        "(select jsonb_object_agg(stage, n) from (select stage, count(*) n from tickets.crq_open_sla group by 1) x)",
    ),
    (
        "geo_clusters",
        "(select jsonb_object_agg(status, n) from (select status, count(*) n from tickets.geo_clusters group by 1) x)",
    ),
    (
        "geo_locations",
        "(select jsonb_object_agg(status, n) from (select status, count(*) n from tickets.geo_locations group by 1) x)",
    ),
    ("map", "(reporting.fn_tickets_for_map() -> 'summary')"),
    (
        "dashboard_inc_one_cluster",
        "(select jsonb_build_object('cluster', c, 'metrics', reporting.fn_inc_dashboard(p_cluster => c) -> 'metrics')
          from (select min(cluster_key) as c from tickets.inc) x)",
    ),
];

/// Facts of one dataset, by name; `{t}` is its table, `{d}` its name.
const OF_DATASET: [(&str, &str); 13] = [
    ("rows", "(select to_jsonb(count(*)) from {t})"),
    (
        "by_normalized_status",
        "(select jsonb_object_agg(k, n) from (select normalized_status k, count(*) n from {t} group by 1) x)",
    ),
    (
        "by_raw_status",
        "(select jsonb_object_agg(k, n) from (select raw_status k, count(*) n from {t} group by 1) x)",
    ),
    ("open", "(select to_jsonb(count(*)) from {t} where is_open)"),
    (
        "by_region",
        "(select jsonb_object_agg(k, n) from (select coalesce(region, 'None') k, count(*) n from {t} group by 1) x)",
    ),
    (
        "by_geo_source",
        "(select jsonb_object_agg(k, n) from (select coalesce(geo_source, 'None') k, count(*) n from {t} group by 1) x)",
    ),
    ("missing_created_at_service", "(select to_jsonb(count(*)) from {t} where created_at_service is null)"),
    ("closed_undated", "(select to_jsonb(count(*)) from {t} where not is_open and closed_at is null)"),
    (
        "open_sla",
        "(select jsonb_object_agg(k, n) from (select sla_state k, count(*) n from tickets.{d}_open_sla group by 1) x)",
    ),
    ("mttr_sum", "(select to_jsonb(sum(mttr)) from {t})"),
    ("closure_events", "(select to_jsonb(count(*)) from tickets.closure_events where dataset = '{d}')"),
    (
        "snapshots",
        "(select jsonb_object_agg(snapshot_date::text, jsonb_build_object('open_total', open_total,
            'open_actionable', open_actionable, 'breached', breached, 'at_risk', at_risk, 'within', within,
            'unknown', unknown, 'opened_count', opened_count, 'closed_count', closed_count))
          from tickets.{d}_daily_snapshot)",
    ),
    ("dashboard_7d", "(reporting.fn_{d}_dashboard() -> 'metrics')"),
];

/// What the documents have beside what is expected of them.
const BESIDE: [&str; 7] =
    ["oldest_open_minutes", "by_cluster", "by_team", "stage", "unmapped", "truncated", "freshness"];

/// A document without what is beside the facts, its numbers all of one kind.
pub fn plain(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(all) => all.iter().map(plain).collect(),
        Value::Object(all) => {
            let is_file = all.contains_key("rows_read");
            let known = all.iter().filter(|(name, _)| is_file || !BESIDE.contains(&name.as_str()));
            known.map(|(name, value)| (name.clone(), plain(value))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

async fn ask(pool: &PgPool, expression: &str, now: DateTime<Utc>) -> Value {
    let mut tx = pool.begin().await.unwrap();
    let settings =
        "select set_config('tickets.now', $1, true), set_config('timezone', 'Africa/Nairobi', true)";
    sqlx::query(settings).bind(now.to_rfc3339()).execute(&mut *tx).await.unwrap();
    let sql = AssertSqlSafe(format!("select coalesce({expression}, 'null')"));
    sqlx::query_scalar(sql).fetch_one(&mut *tx).await.unwrap()
}

pub async fn facts_of_run(pool: &PgPool, now: DateTime<Utc>) -> Map<String, Value> {
    let mut facts = Map::new();
    for (name, expression) in OF_RUN {
        let mut fact = ask(pool, expression, now).await;
        if name == "map" {
            fact.as_object_mut().unwrap().remove("by_geo_source");
        }
        facts.insert(name.to_owned(), fact);
    }
    facts
}

pub async fn facts_of_dataset(pool: &PgPool, dataset: Dataset, now: DateTime<Utc>) -> Value {
    let mut facts = Map::new();
    for (name, expression) in OF_DATASET {
        let expression = expression.replace("{t}", dataset.table()).replace("{d}", dataset.name());
        facts.insert(name.to_owned(), ask(pool, &expression, now).await);
    }
    facts.into()
}

/// The columns of a ticket that are expected; null where there is no such ticket.
pub async fn final_row(pool: &PgPool, id: &str, wanted: &Value) -> Value {
    let table = if id.starts_with("INC") { "tickets.inc" } else { "tickets.crq" };
    let sql =
        format!("(select to_jsonb(t) - array['geom', 'geog'] from {table} as t where ticket_id = '{id}')");
    let row = ask(pool, &sql, DateTime::UNIX_EPOCH).await;
    let (Some(row), Some(wanted)) = (row.as_object(), wanted.as_object()) else { return row };
    let rounded = |value: &Value| value.as_f64().map_or(value.clone(), |v| json!((v * 1e7).round() / 1e7));
    wanted.keys().map(|name| (name.clone(), rounded(&row[name]))).collect::<Map<_, _>>().into()
}
