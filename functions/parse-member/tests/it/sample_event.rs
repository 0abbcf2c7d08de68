//! The sample event of the folder `events`.

use aws_lambda_events::event::sqs::SqsEvent;
use landfall_domain::Stage;
use landfall_testkit::TestStage;

use crate::scene::{LEDGER, planned, whole_dump, worker};

const SAMPLE: &str = include_str!("../../../../events/parse-member.json");

#[tokio::test]
async fn the_sample_event_is_of_no_plan_and_done_at_once() {
    let stage = TestStage::start().await;
    planned(&stage, whole_dump()).await;
    let before = stage.fingerprint().await;
    let sample: SqsEvent = serde_json::from_str(SAMPLE).unwrap();
    assert!(stage.handle(&worker(&stage, "a"), sample).await.is_empty());
    assert_eq!(stage.fingerprint().await, before);
}

#[tokio::test]
async fn with_the_plan_of_the_first_load_the_sample_event_parses_it() {
    let stage = TestStage::start().await;
    planned(&stage, whole_dump()).await;
    stage.take(Stage::ParseMember).await;
    let plan = stage.texts("select plan_id::text from dump.load where load_id = 1").await.remove(0);
    let sample = SAMPLE.replace("22222222-0000-4000-8000-000000000001", &plan);
    let sample: SqsEvent = serde_json::from_str(&sample).unwrap();
    assert!(stage.handle(&worker(&stage, "a"), sample).await.is_empty());
    insta::assert_snapshot!(stage.texts(LEDGER).await.join("\n"), @"
    HEL-CORE-01 node DONE ok 1
    HEL-CORE-01 lsp DONE ok 1
    HEL-CORE-01 alarm_state DONE partial 1
    ");
}
