//! What operators see: how the datasets stand, and alerts once each.

use chrono::{DateTime, Utc};
use landfall_store::alert::{self, Alert};
use landfall_store::tickets;
use landfall_testkit::database::TestDatabase;

use crate::scene::run;

fn now() -> DateTime<Utc> {
    "2026-06-25T06:40:00Z".parse().unwrap()
}

#[tokio::test]
async fn before_the_first_file_a_dataset_has_no_watermark() {
    let database = TestDatabase::create().await;
    let both = tickets::status(database.pool(), now()).await.unwrap();
    assert_eq!(both.iter().map(|s| s.dataset.as_str()).collect::<Vec<_>>(), ["inc", "crq"]);
    assert!(both.iter().all(|s| s.source_max_key.is_none() && s.lag_minutes.is_none() && s.applied == 0));
    assert_eq!(both[0].reject_rate(), None);
    assert_eq!(tickets::budget_used(database.pool(), now()).await.unwrap(), 0);
}

#[tokio::test]
async fn the_status_tells_watermark_lag_files_rejects_and_budget() {
    let database = TestDatabase::create().await;
    run(
        database.pool(),
        r#"update tickets.import_meta set last_status = 'ok',
               metadata = '{"source_max_key": "k5", "content_max_ts": "2026-06-23T09:40:00+03:00"}'
           where dataset = 'inc';
           insert into tickets.import_files (dataset, source_key, version, status, rows_read, rejected, started_at,
               finished_at)
           values ('inc', 'k1', 'v', 'applied', 900, 9, '2026-06-20T00:00Z', '2026-06-20T00:00Z'),
               ('inc', 'k4', 'v', 'archived_leftover', 90, 3, '2026-06-25T06:00Z', '2026-06-25T06:01Z'),
               ('inc', 'k5', 'v', 'applied', 10, 2, '2026-06-25T06:00Z', '2026-06-25T06:20Z'),
               ('inc', 'k2', 'v', 'failed', 10, 9, '2026-06-25T06:00Z', '2026-06-25T06:30Z'),
               ('inc', 'k6', 'v', 'failed', 10, 9, '2026-06-25T06:00Z', '2026-06-25T06:30Z'),
               ('inc', 'k3', 'v', 'late', 0, 0, '2026-06-25T06:00Z', '2026-06-25T06:30Z'),
               ('inc', 'k4', 'w', 'reuploaded', 0, 0, '2026-06-25T06:00Z', '2026-06-25T06:30Z');
           insert into tickets.geo_budget values ('2026-06-25', 41), ('2026-06-24', 4500)"#,
    )
    .await;
    let both = tickets::status(database.pool(), now()).await.unwrap();
    insta::assert_snapshot!(serde_json::to_string(&both[0]).unwrap(), @r#"{"dataset":"inc","source_max_key":"k5","last_run_at":null,"last_success_at":null,"last_status":"ok","content_max_ts":"2026-06-23T06:40:00Z","lag_minutes":2880,"last_applied_at":"2026-06-25T06:20:00Z","applied":3,"late":1,"reuploaded":1,"failed":1,"rows_read":100,"rejected":5}"#);
    assert_eq!(both[0].reject_rate(), Some(0.05));
    assert_eq!(tickets::budget_used(database.pool(), now()).await.unwrap(), 41);
}

#[tokio::test]
async fn an_alert_is_told_of_once() {
    let database = TestDatabase::create().await;
    let mut conn = database.pool().acquire().await.unwrap();
    let about = |feed, subject| Alert {
        feed,
        code: "late",
        subject,
        message: "it came late",
        detail: serde_json::Value::Null,
    };
    for (feed, subject, is_new) in [
        ("tickets/inc", "k1@v", true),
        ("tickets/inc", "k1@v", false),
        ("tickets/inc", "k2@v", true),
        ("tickets/crq", "k1@v", true),
    ] {
        let raised = alert::raise(&mut conn, &about(feed, subject), now()).await.unwrap();
        assert_eq!(raised, is_new, "{feed} {subject}");
    }
}
