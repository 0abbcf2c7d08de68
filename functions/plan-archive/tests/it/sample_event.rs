//! The sample event of the folder `events`.

use aws_lambda_events::event::sqs::SqsEvent;
use landfall_domain::Stage;
use landfall_local::sample::fixtures::example_two_nodes;
use landfall_testkit::TestStage;

use crate::scene::{FOLDER, land, lenient, planner};

#[tokio::test]
async fn the_sample_event_plans_the_first_object() {
    let stage = TestStage::start().await;
    let object = land(&stage, FOLDER, &[], &example_two_nodes()).await;
    assert_eq!(object, 1, "the sample names the first object of a database");
    stage.take(Stage::PlanArchive).await;
    let sample: SqsEvent =
        serde_json::from_str(include_str!("../../../../events/plan-archive.json")).unwrap();
    for _ in 0..2 {
        assert!(stage.handle(&planner(&stage, lenient()), sample.clone()).await.is_empty());
        assert_eq!(stage.count("select count(*) from dump.capture_dump").await, 1);
    }
}
