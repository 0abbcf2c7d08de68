//! What is looked at every ten minutes: monthly partitions, made before they are needed, and failed replacements.

use landfall_local::sample::fixtures::example_two_nodes;
use landfall_testkit::{TestStage, production};
use sweep_state::SweepState;

const MONTHS: &str =
    "select relname::text from pg_class where relname ~ '^(event_log|attempt)_20250[6-9]$' order by relname";

/// No partitions are there yet.
async fn in_june() -> TestStage {
    let stage = TestStage::start().await;
    stage.pass(92 * 24 * 3600);
    stage
}

#[tokio::test]
async fn the_month_and_the_two_after_it_are_made_once() {
    let stage = in_june().await;
    let sweeper = SweepState::new(stage.clients(), production());
    assert_eq!(sweeper.run().await.unwrap().partitions, 6);
    insta::assert_snapshot!(stage.texts(MONTHS).await.join(" "), @"attempt_202506 attempt_202507 attempt_202508 event_log_202506 event_log_202507 event_log_202508");
    assert_eq!(sweeper.run().await.unwrap().partitions, 0);
    let another = SweepState::new(stage.clients(), production());
    assert_eq!(another.run().await.unwrap().partitions, 0);
}

#[tokio::test]
async fn a_month_later_one_more_of_each_is_made() {
    let stage = in_june().await;
    let sweeper = SweepState::new(stage.clients(), production());
    sweeper.run().await.unwrap();
    stage.pass(32 * 24 * 3600);
    assert_eq!(sweeper.run().await.unwrap().partitions, 2);
    assert_eq!(stage.texts(MONTHS).await.len(), 8);
}

#[tokio::test]
async fn what_happens_after_a_sweep_lies_in_its_month() {
    let stage = in_june().await;
    SweepState::new(stage.clients(), production()).run().await.unwrap();
    stage.land("dumps/acme/core/CHG-1/a.tgz", &[], "a").await;
    assert_eq!(stage.count("select count(*) from ingest.event_log_202506").await, 1);
    assert_eq!(stage.count("select count(*) from ingest.event_log_default").await, 0);
}

#[tokio::test]
async fn a_replacement_that_failed_is_kept_for_thirty_days() {
    let stage = TestStage::start().await;
    stage.land("dumps/acme/core/CHG-1/a.tgz", &[], example_two_nodes().bytes).await;
    stage.plan().await;
    let failed = "insert into dump.load (dump_id, run, source_bucket, source_key, source_version, source_size, sha256,
            capture_ts, capture_precision, capture_ts_source, origin, plan_id, plan, outer_whole, replaces,
            base_version, replacement, status, open_units, created_at, ended_at)
         select dump_id, run, source_bucket, source_key, source_version, source_size, sha256, capture_ts,
            capture_precision, capture_ts_source, origin, plan_id, plan, outer_whole, load_id, 1, '{}', 'FAILED', 0,
            '2025-03-01 09:00Z', '2025-03-01 09:00Z' from dump.load";
    assert_eq!(stage.execute(failed).await, 1);
    let sweeper = SweepState::new(stage.clients(), production());
    stage.pass(30 * 24 * 3600);
    assert_eq!(sweeper.run().await.unwrap().loads_swept, 0);
    stage.pass(600);
    assert_eq!(sweeper.run().await.unwrap().loads_swept, 1);
    assert_eq!(
        stage.texts("select status from dump.load").await,
        ["RUNNING"],
        "what is not a replacement stays"
    );
}
