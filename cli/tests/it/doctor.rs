//! `landfall doctor`: what is as it should be, and parts that are not there, each of which costs only its own findings.

use std::sync::Arc;
use std::time::Duration;

use landfall_domain::SystemClock;
use landfall_local::endpoint::{Endpoint, EndpointConfig, NoEvents};
use landfall_objects::{ObjectStore, Settings, StaticCredentials, Versioning};
use landfall_testkit::database::TestDatabase;
use serde_json::Value;

use super::command::{json, landfall, told};
use super::running::Up;

/// How long the command may take, whatever is not there.
const BOUND: Duration = Duration::from_mins(1);
/// A port where nothing listens.
const NOWHERE: &str = "http://127.0.0.1:9";

/// The names of the findings of a level.
fn at<'a>(report: &'a Value, level: &str) -> Vec<&'a str> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["level"] == level)
        .map(|finding| finding["name"].as_str().unwrap())
        .collect()
}

/// A command in an empty folder with these variables; gives its exit code and its document.
fn doctor(variables: &[(&str, &str)]) -> (i32, Value) {
    let dir = tempfile::tempdir().unwrap();
    let mut command = landfall(dir.path());
    command.envs(variables.iter().copied()).args(["doctor", "--json"]).timeout(BOUND);
    let output = command.output().unwrap();
    (output.status.code().unwrap(), json(&output))
}

/// The variables of a store at an address.
fn store(endpoint: &str) -> [(&str, &str); 3] {
    let names = ["LANDFALL_S3_ENDPOINT", "LANDFALL_S3_ACCESS_KEY", "LANDFALL_S3_SECRET_KEY"];
    [(names[0], endpoint), (names[1], "test"), (names[2], "test")]
}

#[test]
fn a_running_platform_has_no_problem() {
    let dir = tempfile::tempdir().unwrap();
    let mut up = Up::start(dir.path());
    let run = |args: &[&str]| {
        landfall(dir.path()).args(["doctor", "--data", "data"]).args(args).timeout(BOUND).output().unwrap()
    };
    let output = run(&["--json"]);
    let report = json(&output);
    assert_eq!(output.status.code(), Some(0), "{report:#}");
    assert_eq!(at(&report, "problem"), [""; 0]);
    assert_eq!(at(&report, "skipped"), [""; 0]);
    let seen = |name: &str| {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["name"] == name).unwrap()["seen"].as_str().unwrap().to_owned()
    };
    assert!(seen("store.notifications").contains("embedded"));
    assert!(seen("store.versioning").contains("enabled"));
    assert!(seen("schedules.sweep-state").contains("sweeps each second"));
    let table = String::from_utf8(run(&[]).stdout).unwrap();
    assert!(table.starts_with(" CHECK") || table.starts_with("CHECK"), "{table}");
    assert!(table.contains("\n0 problems, "), "{table}");
    assert_eq!(up.terminate(), Some(0));
}

#[tokio::test]
async fn a_missing_migration_is_told_beside_a_store_and_queues_that_are_not_there() {
    let database = TestDatabase::create().await;
    sqlx::query("delete from _sqlx_migrations where version = 9").execute(database.pool()).await.unwrap();
    let rest = [
        ("DATABASE_URL", database.url()),
        ("LANDFALL_QUEUE", "sqs"),
        ("LANDFALL_QUEUE_URL_PLAN_ARCHIVE", "http://127.0.0.1:9/plan"),
        ("AWS_ENDPOINT_URL_SQS", NOWHERE),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    let (code, report) = doctor(&[&store(NOWHERE)[..], &rest].concat());
    assert_eq!(code, 1);
    let expected = ["store.landing-bucket", "queue.plan-archive", "database.migrations"];
    assert_eq!(at(&report, "problem"), expected, "{report:#}");
    let ok = at(&report, "ok");
    for name in
        ["queue.outbox", "queue.dead-letters", "database.version", "database.partitions", "clock.database"]
    {
        assert!(ok.contains(&name), "{name}: {report:#}");
    }
    for name in ["store.create-once", "store.clean-up", "clock.store", "schedules.sweep-state"] {
        assert!(at(&report, "skipped").contains(&name), "{name}: {report:#}");
    }
    let unnamed = at(&report, "warning");
    assert!(
        unnamed.contains(&"queue.receive-object") && unnamed.contains(&"queue.parse-member"),
        "{report:#}"
    );
    let findings = report["findings"].as_array().unwrap();
    for finding in findings {
        let is_bad = finding["level"] == "problem" || finding["level"] == "warning";
        assert_eq!(finding["next"].is_string(), is_bad, "{finding}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_costs_only_what_needs_it() {
    let folder = tempfile::tempdir().unwrap();
    let config = EndpointConfig::new(folder.path(), "test", "test");
    let endpoint = Endpoint::start(config, Arc::new(NoEvents), Arc::new(SystemClock)).await.unwrap();
    let objects = ObjectStore::connect(&Settings {
        endpoint: Some(endpoint.url()),
        region: None,
        credentials: Some(StaticCredentials::new("test", "test")),
        force_path_style: true,
    })
    .await;
    objects.ensure_bucket("landing", Versioning::Enabled).await.unwrap();
    objects.ensure_bucket("work", Versioning::Unversioned).await.unwrap();
    let url = endpoint.url();
    let run = move || {
        doctor(&[&store(&url)[..], &[("DATABASE_URL", "postgres://u:secret@127.0.0.1:9/none")]].concat())
    };
    let (code, report) = tokio::task::spawn_blocking(run).await.unwrap();
    assert_eq!((code, at(&report, "problem")), (1, vec!["database.reachable"]), "{report:#}");
    assert_eq!(
        at(&report, "skipped"),
        ["queue.outbox", "queue.dead-letters", "clock.database", "schedules.sweep-state"]
    );
    assert!(at(&report, "ok").contains(&"store.create-once"), "{report:#}");
    assert!(!report.to_string().contains("secret"), "{report:#}");
    let left = objects.list_versions("work", "", None).next().await.unwrap().unwrap();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn without_any_configuration_it_says_what_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    let output = landfall(dir.path()).arg("doctor").output().unwrap();
    insta::assert_snapshot!(told(&output, dir.path()), @r"
    exit 1
     CHECK                  LEVEL    SEEN
     store.landing-bucket   problem  no object store: no platform runs on ./.landfall (there is no running.json) and neither LANDFALL_S3_ENDPOINT nor LANDFALL_BUCKET is set
     queue.outbox           skipped  the database is not reachable
     queue.dead-letters     skipped  the database is not reachable
     database.reachable     problem  no database: no platform runs on ./.landfall (there is no running.json) and DATABASE_URL is not set
     clock.database         skipped  the database is not reachable
     schedules.sweep-state  skipped  the database is not reachable

    What to do
    store.landing-bucket: start one with `landfall up --data ./.landfall`, name the folder of a running one with --data, or set the variables
    database.reachable: start one with `landfall up --data ./.landfall`, name the folder of a running one with --data, or set DATABASE_URL

    2 problems, 0 warnings
    ---
    ");
}

#[test]
fn a_queue_that_nobody_knows_is_a_bad_argument() {
    let dir = tempfile::tempdir().unwrap();
    let output = landfall(dir.path()).env("LANDFALL_QUEUE", "kafka").arg("doctor").output().unwrap();
    insta::assert_snapshot!(told(&output, dir.path()), @r#"
    exit 2
    ---
    error: environment variable LANDFALL_QUEUE does not read: "kafka": expected postgres or sqs
    docs/configuration.md lists every variable
    "#);
}
