//! The scenario of the ticket feed, run as its README says: change files put before each drain, then both drains, the
//! geocoder's passes and the capture of history, at fixed times. An independent reading of the specification wrote down
//! what must be there after each run; `LANDFALL_TICKETS_SCENARIO` names another folder of the same form.

mod facts;
mod on_event;
mod rows;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs};

use chrono::{DateTime, TimeDelta, Utc};
use drain_changes::{DrainChanges, DrainReport, DrainSettings, Order};
use geocode_tickets::{GeocodeTickets, Passes, Settings};
use landfall_domain::{ChangeKey, Dataset};
use landfall_runtime::{Deadline, Secret};
use landfall_store::tickets::{self, FileStatus};
use landfall_testkit::{BUCKET, Geocoder, TestStage};
use serde_json::{Map, Value, json};

use facts::{facts_of_dataset, facts_of_run, final_row, plain};

fn folder() -> PathBuf {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tickets");
    env::var_os("LANDFALL_TICKETS_SCENARIO").map_or(ours, PathBuf::from)
}

/// A document of the scenario.
pub fn document(name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder().join(name)).unwrap()).unwrap()
}

/// The files of a run by key.
pub fn files_of(run: &str) -> BTreeMap<String, Vec<u8>> {
    let base = folder().join(run);
    let mut files = BTreeMap::new();
    let mut left = vec![base.clone()];
    while let Some(place) = left.pop() {
        for entry in fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else if path.file_name().is_some_and(|name| name != ".keep") {
                let key = path.strip_prefix(&base).unwrap().to_str().unwrap().to_owned();
                files.insert(key, fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// What does the work of a run.
struct Scenario {
    stage: TestStage,
    drain: DrainChanges,
    geocoder: GeocodeTickets,
    /// When each key was put first.
    put_at: BTreeMap<String, DateTime<Utc>>,
    leftover: String,
    _answers: Geocoder,
}

impl Scenario {
    async fn start() -> Self {
        let scenario = document("scenario.json");
        let stage = TestStage::unversioned().await;
        let clients = stage.clients();
        let settings = DrainSettings { settle: TimeDelta::zero(), ..DrainSettings::of(BUCKET) };
        let answers = Geocoder::start(document("geocoder/responses.json")).await;
        let budget = scenario["geocode"]["budget_per_run"].as_u64().unwrap();
        let asked = Settings {
            base_url: answers.url().to_owned(),
            key: Some(Secret::new(answers.key())),
            run_budget: u32::try_from(budget).unwrap(),
            interval: Duration::ZERO,
            ..Settings::default()
        };
        let geocoder = GeocodeTickets::new(clients.store.clone(), Arc::clone(&clients.clock), asked).unwrap();
        let leftover = scenario["identical_leftover_key"].as_str().unwrap().to_owned();
        let drain = DrainChanges::new(clients, settings);
        Self { stage, drain, geocoder, put_at: BTreeMap::new(), leftover, _answers: answers }
    }

    fn at(&self, time: DateTime<Utc>) {
        self.stage.pass((time - self.stage.now()).num_seconds());
    }

    /// Puts the files of a run. The leftover is the object that was applied and not moved: it lies there with the time
    /// at which it was written first.
    async fn put(&mut self, run: &str, now: DateTime<Utc>) {
        for (key, body) in files_of(run) {
            let first = *self.put_at.entry(key.clone()).or_insert(now);
            self.at(if key == self.leftover { first } else { now });
            self.stage.land(&key, &[], body).await;
        }
        self.at(now);
    }

    /// Works as the clock would have it; gives the facts of the run.
    async fn work(&self, run: &str, now: DateTime<Utc>) -> Value {
        let mut files = Map::new();
        let mut ignored: Vec<String> = Vec::new();
        for dataset in Dataset::ALL {
            let deadline = Deadline::within(Duration::from_mins(5));
            let report = self.drain.run(&Order::of(dataset), deadline).await.unwrap();
            // They stay in the bucket; a run's facts name those that were put before it.
            let put = files_of(run);
            ignored.extend(report.ignored_keys.iter().filter(|key| put.contains_key(*key)).cloned());
            files.append(&mut self.files(&report).await);
        }
        let asked = self.geocoder.run(Passes::BOTH, now).await.unwrap();
        let mut closures = Map::new();
        for dataset in Dataset::ALL {
            let mut conn = self.stage.pool().begin().await.unwrap();
            let captured = tickets::capture_history(&mut conn, dataset, now).await.unwrap();
            conn.commit().await.unwrap();
            closures.insert(dataset.name().into(), captured["new_closures"].clone());
        }
        ignored.sort();
        let mut facts = facts_of_run(self.stage.pool(), now).await;
        facts.insert("files".into(), files.into());
        facts.insert("ignored_keys".into(), json!(ignored));
        facts.insert("new_closures".into(), closures.into());
        facts.insert(
            "geocode".into(),
            json!({
                "requests_total": asked.requests(),
                "requests_cluster": asked.clusters.requests,
                "requests_location": asked.locations.requests,
            }),
        );
        for dataset in Dataset::ALL {
            let of_dataset = facts_of_dataset(self.stage.pool(), dataset, now).await;
            facts.insert(dataset.name().into(), of_dataset);
        }
        facts.into()
    }

    async fn files(&self, report: &DrainReport) -> Map<String, Value> {
        let mut files = Map::new();
        for file in &report.files {
            let mut told = json!({ "status": file.status });
            if file.status == FileStatus::Applied {
                let counts = &file.counts;
                told = json!({
                    "status": file.status,
                    "rows_read": counts.rows_read,
                    "dropped_alarm": counts.alarm,
                    "dropped_sentinel": counts.sentinel,
                    "rejected": counts.rejected,
                    "reject_reasons": self.reasons(&file.key).await,
                    "deduped": file.deduped,
                    "upserted": file.inserted + file.updated,
                    "inserted": file.inserted,
                    "updated": file.updated,
                    "truncated": counts.truncated,
                });
                assert!(file.moved, "{}", file.key);
                assert!(ChangeKey::parse(&file.key).is_some());
            }
            files.insert(file.key.clone(), told);
        }
        files
    }

    async fn reasons(&self, key: &str) -> BTreeMap<String, i64> {
        let reasons = "select reason, count(*) from tickets.row_rejects where source_key = $1 group by 1";
        let rows: Vec<(String, i64)> =
            sqlx::query_as(reasons).bind(key).fetch_all(self.stage.pool()).await.unwrap();
        rows.into_iter().collect()
    }
}

#[tokio::test]
async fn the_scenario_gives_every_fact_that_an_independent_reading_expects() {
    let expected = document("expected.json");
    let mut scenario = Scenario::start().await;
    for run in expected["runs"].as_array().unwrap() {
        let name = run["run"].as_str().unwrap();
        let now: DateTime<Utc> = run["now"].as_str().unwrap().parse().unwrap();
        scenario.put(name, now).await;
        let facts = scenario.work(name, now).await;
        for (what, wanted) in
            run.as_object().unwrap().iter().filter(|(what, _)| *what != "run" && *what != "now")
        {
            assert_eq!(plain(&facts[what]), plain(wanted), "{name}: {what}");
        }
    }
    for (name, wanted) in expected["final_rows"].as_object().unwrap() {
        let id = name.split_once(':').unwrap().1;
        let row = final_row(scenario.stage.pool(), id, wanted).await;
        assert_eq!(plain(&row), plain(wanted), "{name}");
    }
    let clusters = "select jsonb_object_agg(cluster_key, status) from tickets.geo_clusters";
    let clusters: Value = sqlx::query_scalar(clusters).fetch_one(scenario.stage.pool()).await.unwrap();
    assert_eq!(clusters, expected["geo_clusters_final"]);
}
