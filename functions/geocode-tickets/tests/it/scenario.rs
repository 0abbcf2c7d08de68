//! The passes of the scenario's runs, against the facts that an independent reading of the specification gives.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use landfall_domain::Clock;
use landfall_testkit::Geocoder;
use landfall_tickets::{ChangeFile, ChangeKey, Reject, Row, RowSink};
use serde_json::{Value, json};

use crate::scene::Scene;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/tickets")
}

fn json_of(name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder().join(name)).unwrap()).unwrap()
}

/// The rows of a file: id, raw values, keys of area and place. The last of a ticket counts.
#[derive(Default)]
struct Rows(BTreeMap<String, (Value, Option<String>, Option<String>)>);

impl RowSink for Rows {
    fn row(&mut self, row: Row<'_>) {
        let raw = serde_json::from_str(row.raw_json).unwrap();
        let keys = (row.cluster_key.map(str::to_owned), row.location_key.map(str::to_owned));
        self.0.insert(row.ticket_id.to_owned(), (raw, keys.0, keys.1));
    }

    fn reject(&mut self, _: Reject<'_>) {}
}

/// Applies a change file as a drain does, without its ledger.
async fn apply(scene: &Scene, path: &Path, key: &str) {
    let key = ChangeKey::parse(key).unwrap();
    let (mut file, mut rows) = (ChangeFile::new(key.dataset()), Rows::default());
    file.push(&fs::read(path).unwrap(), &mut rows).unwrap();
    file.finish(&mut rows).unwrap();
    let sql = format!(
        "insert into {} (ticket_id, raw, source_key, cluster_key, location_key) values ($1, $2, $3, $4, $5)
         on conflict (ticket_id) do update set raw = excluded.raw, source_key = excluded.source_key,
             cluster_key = excluded.cluster_key, location_key = excluded.location_key",
        key.dataset().table()
    );
    for (id, (raw, cluster_key, location_key)) in rows.0 {
        let upsert = sqlx::query(sqlx::AssertSqlSafe(sql.clone())).bind(id).bind(raw).bind(key.as_str());
        upsert.bind(cluster_key).bind(location_key).execute(scene.database.pool()).await.unwrap();
    }
}

/// `{value: rows}` of a query that gives texts.
async fn counted(scene: &Scene, sql: &'static str) -> Value {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for text in scene.texts(sql).await {
        *counts.entry(text).or_default() += 1;
    }
    json!(counts)
}

#[tokio::test]
async fn requests_answers_and_points_of_each_run_are_those_expected() {
    let (scenario, expected) = (json_of("scenario.json"), json_of("expected.json"));
    let mut scene = Scene::with(Geocoder::of_scenario().await).await;
    scene.settings.run_budget = scenario["geocode"]["budget_per_run"].as_u64().unwrap().try_into().unwrap();
    for run in expected["runs"].as_array().unwrap() {
        let name = run["run"].as_str().unwrap();
        let now: DateTime<Utc> = run["now"].as_str().unwrap().parse().unwrap();
        scene.clock.advance(now - scene.clock.now());
        for (key, file) in run["files"].as_object().unwrap() {
            if file["status"] == "applied" {
                apply(&scene, &folder().join(name).join(key), key).await;
            }
        }
        let report = scene.run().await;
        let requests = json!({
            "requests_total": report.requests(), "requests_cluster": report.clusters.requests,
            "requests_location": report.locations.requests,
        });
        assert_eq!(requests, run["geocode"], "{name}");
        let areas = counted(&scene, "select status from tickets.geo_clusters").await;
        assert_eq!(areas, run["geo_clusters"], "{name}");
        let places = counted(&scene, "select status from tickets.geo_locations").await;
        assert_eq!(places, run["geo_locations"], "{name}");
        let inc = counted(&scene, "select coalesce(geo_source, 'None') from tickets.inc").await;
        assert_eq!(inc, run["inc"]["by_geo_source"], "{name}");
        let crq = counted(&scene, "select coalesce(geo_source, 'None') from tickets.crq").await;
        assert_eq!(crq, run["crq"]["by_geo_source"], "{name}");
    }
    let kept = scene
        .texts("select cluster_key || ' ' || status from tickets.geo_clusters order by cluster_key")
        .await;
    let wanted = expected["geo_clusters_final"].as_object().unwrap();
    let wanted: Vec<String> =
        wanted.iter().map(|(key, status)| format!("{key} {}", status.as_str().unwrap())).collect();
    assert_eq!(kept, wanted);
}
