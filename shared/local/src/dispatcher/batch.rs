//! A batch of held messages as the SQS event that a function gets, and the handlers that answer it.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use landfall_domain::{Clock, Stage};
use landfall_runtime::{BatchError, Deadline, HeldMessage, MessageBodies, StageHandler, handle_batch_with};
use md5::{Digest, Md5};

use crate::functions::CallError;

/// The account and region of queues that are rows of the outbox.
const REGION: &str = "us-east-1";
const ACCOUNT: &str = "000000000000";

/// Why a batch has no answer: all its messages are given again.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The event cannot be answered record by record.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The function that runs elsewhere did not answer as it should.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// Answers the batches of one stage, in this process or elsewhere.
#[async_trait]
pub trait BatchHandler: Send + Sync {
    /// The stage.
    fn stage(&self) -> Stage;

    /// Returns once it can take a batch; no message is taken from the queue before.
    async fn ready(&self) {}

    /// Handles a batch; the answer names the messages to be given again.
    ///
    /// # Errors
    /// There is no answer. All messages are given again, and this counts as one of their tries.
    async fn handle(&self, event: SqsEvent, deadline: Deadline) -> Result<SqsBatchResponse, DeliveryError>;
}

/// A stage handler of this process.
#[derive(Debug)]
pub struct InProcess<H> {
    handler: H,
    clock: Arc<dyn Clock>,
    bodies: Option<MessageBodies>,
}

impl<H: StageHandler> InProcess<H> {
    /// Wraps a handler whose messages come from the outbox and carry their bodies.
    pub fn new(handler: H, clock: Arc<dyn Clock>) -> Self {
        Self { handler, clock, bodies: None }
    }

    /// The same where messages come from SQS: the bodies of large ones lie here.
    pub fn with_bodies(self, bodies: MessageBodies) -> Self {
        Self { bodies: Some(bodies), ..self }
    }
}

#[async_trait]
impl<H: StageHandler> BatchHandler for InProcess<H> {
    fn stage(&self) -> Stage {
        self.handler.stage()
    }

    async fn handle(&self, event: SqsEvent, deadline: Deadline) -> Result<SqsBatchResponse, DeliveryError> {
        let (bodies, now) = (self.bodies.as_ref(), self.clock.now());
        Ok(handle_batch_with(&self.handler, bodies, event, deadline, now).await?)
    }
}

/// The event that a function gets for some messages, with what the mapping on Lambda says of each.
pub(super) fn event_of(stage: Stage, messages: &[HeldMessage]) -> SqsEvent {
    let mut event = SqsEvent::default();
    event.records = messages.iter().map(|held| message_of(stage, held)).collect();
    event
}

fn message_of(stage: Stage, held: &HeldMessage) -> SqsMessage {
    let mut message = SqsMessage::default();
    message.message_id = Some(held.id.clone());
    message.receipt_handle = Some(held.id.clone());
    message.body = Some(held.body.clone());
    message.md5_of_body = Some(hex::encode(Md5::digest(&held.body)));
    message.event_source = Some("aws:sqs".into());
    message.event_source_arn = Some(format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{stage}"));
    message.aws_region = Some(REGION.into());
    message.attributes.insert("ApproximateReceiveCount".into(), held.receives.to_string());
    message.attributes.insert("SentTimestamp".into(), held.created_at.timestamp_millis().to_string());
    message
}

/// Splits messages into those that are done and those to be given again.
///
/// As with the real queue, an empty or unknown id in the answer means that all of them failed.
pub(super) fn split(
    messages: Vec<HeldMessage>,
    response: &SqsBatchResponse,
) -> (Vec<HeldMessage>, Vec<HeldMessage>) {
    let failed: HashSet<&str> =
        response.batch_item_failures.iter().map(|f| f.item_identifier.as_str()).collect();
    let is_known = |id: &str| messages.iter().any(|m| m.id == id);
    if !failed.iter().all(|id| is_known(id)) {
        return (Vec::new(), messages);
    }
    messages.into_iter().partition(|m| !failed.contains(m.id.as_str()))
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::event::sqs::BatchItemFailure;
    use landfall_runtime::Receipt;

    use super::*;

    fn held(id: i64) -> HeldMessage {
        HeldMessage {
            id: id.to_string(),
            body: "{}".into(),
            receives: 1,
            created_at: chrono::DateTime::UNIX_EPOCH,
            receipt: Receipt::Row(id),
        }
    }

    #[test]
    fn the_event_has_what_lambda_tells_of_each_message() {
        let event = event_of(Stage::PlanArchive, &[held(7)]);
        // By way of a value, because the order of attributes is nobody's promise.
        let event = serde_json::to_value(event).unwrap();
        insta::assert_json_snapshot!(event, @r#"
        {
          "Records": [
            {
              "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "0"
              },
              "awsRegion": "us-east-1",
              "body": "{}",
              "eventSource": "aws:sqs",
              "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:plan-archive",
              "md5OfBody": "99914b932bd37a50b983c5e7c90ae93b",
              "md5OfMessageAttributes": null,
              "messageAttributes": {},
              "messageId": "7",
              "receiptHandle": "7"
            }
          ]
        }
        "#);
    }

    fn response(ids: &[&str]) -> SqsBatchResponse {
        let mut response = SqsBatchResponse::default();
        for id in ids {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = (*id).to_owned();
            response.batch_item_failures.push(failure);
        }
        response
    }

    #[test]
    fn only_the_named_messages_are_given_again() {
        let (done, failed) = split(vec![held(1), held(2), held(3)], &response(&["2"]));
        assert_eq!(done.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(), ["1", "3"]);
        assert_eq!(failed.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(), ["2"]);
    }

    #[test]
    fn an_empty_or_unknown_id_means_that_all_failed() {
        for id in ["", "7"] {
            let (done, failed) = split(vec![held(1), held(2)], &response(&[id]));
            assert_eq!((done.len(), failed.len()), (0, 2), "{id:?}");
        }
    }
}
