//! The sample event of the folder `events`.

use landfall_testkit::{TestStage, production};
use sweep_state::SweepState;

#[tokio::test]
async fn the_sample_event_is_a_run_of_the_schedule_and_a_sweep_takes_nothing_from_it() {
    let sample: serde_json::Value =
        serde_json::from_str(include_str!("../../../../events/schedule.json")).unwrap();
    assert_eq!(sample["source"], "aws.scheduler");
    let stage = TestStage::start().await;
    let report = SweepState::new(stage.clients(), production()).run().await.unwrap();
    insta::assert_snapshot!(serde_json::to_string(&report).unwrap(), @r#"{"sent":0,"handed_on":0,"leases_lost":0,"partitions":0,"loads_swept":0}"#);
}
