//! The sample event of the folder `events`.

use aws_lambda_events::event::sqs::SqsEvent;
use landfall_testkit::TestStage;
use record_dead_letters::RecordDeadLetters;

use crate::scene::{landed, letters};

#[tokio::test]
async fn the_sample_event_is_a_letter_of_the_first_object() {
    let stage = TestStage::start().await;
    let (object, _) = landed(&stage).await;
    assert_eq!(object, 1, "the sample names the first object of a database");
    let sample: SqsEvent = serde_json::from_str(include_str!("../../../../events/dead-letter.json")).unwrap();
    for _ in 0..2 {
        let failed = stage.handle(&RecordDeadLetters::new(stage.clients()), sample.clone()).await;
        assert!(failed.is_empty(), "{failed:?}");
    }
    assert_eq!(stage.state(object).await, "failed receives_used_up");
    insta::assert_snapshot!(letters(&stage).await.join("\n"), @r#"plan-archive failed receives_used_up 5 object 1 2025-03-01 09:00:00 {"v":1,"body":{"object_id":1,""#);
}
