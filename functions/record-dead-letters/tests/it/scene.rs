//! An upload whose planning killed its worker each time.

use aws_lambda_events::event::sqs::SqsEvent;
use landfall_domain::Stage;
use landfall_local::sample::fixtures::example_two_nodes;
use landfall_testkit::{TestStage, sqs_event};

/// The queue of plan-archive's dead letters.
pub const DEAD: &str = "arn:aws:sqs:eu-north-1:123456789012:landfall-plan-archive-dead";

/// Lands an upload; gives its id, and its message to plan-archive.
pub async fn landed(stage: &TestStage) -> (i64, String) {
    let fixture = example_two_nodes();
    let object =
        stage.land(&format!("dumps/acme/core/CHG-1/{}", fixture.file_name), &[], fixture.bytes).await;
    let message = stage.take(Stage::PlanArchive).await.records.remove(0);
    (object, message.body.unwrap())
}

/// These messages in a queue of dead letters, sent when the test began.
pub fn dead(stage: &TestStage, queue: &str, bodies: &[String]) -> SqsEvent {
    let mut event = sqs_event(bodies);
    for record in &mut event.records {
        record.event_source_arn = Some(queue.to_owned());
        let sent = stage.now().timestamp_millis().to_string();
        record.attributes.insert("SentTimestamp".into(), sent);
    }
    event
}

/// All letters.
pub async fn letters(stage: &TestStage) -> Vec<String> {
    stage
        .texts(
            "select concat_ws(' ', stage, kind, code, attempts, 'object', coalesce(object_id::text, 'unknown'),
                created_at at time zone 'UTC', left(body, 30)) from ops.dead_letter order by id",
        )
        .await
}
