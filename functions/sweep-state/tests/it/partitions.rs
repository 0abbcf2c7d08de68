//! Monthly partitions are made before they are needed.

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
