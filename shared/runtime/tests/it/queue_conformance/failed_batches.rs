//! A batch that a function got from SQS: what fails comes again after the wait of its try, not after the queue's time of
//! visibility, and goes to the dead letters at once after the last one.

use std::time::{Duration, Instant};

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use landfall_domain::{Stage, SystemClock};
use landfall_runtime::lambda::{Around, answer_batch};
use landfall_runtime::{Deadline, Faults, QueueUrls, SqsQueue};
use landfall_store::Store;

use super::rig::{Rig, Sqs, nowhere};
use crate::scripted::Scripted;

/// The stage of [`Scripted`].
const STAGE: Stage = Stage::ReceiveObject;
/// What a mapping of Lambda receives with: longer than any test.
const VISIBILITY: i32 = 360;
const PATIENCE: Duration = Duration::from_secs(30);

/// A function behind a queue, and the mapping between them.
struct Mapped {
    sqs: Sqs,
    url: String,
    dead_url: String,
    queue: SqsQueue,
    _rig: Rig,
}

impl Mapped {
    async fn fresh() -> Option<Self> {
        let (rig, sqs) = Rig::sqs("").await?;
        let made = sqs.endpoint.make(STAGE).await;
        let urls = QueueUrls::of([(STAGE, made.url.clone())]);
        let parts = (Store::over(rig.pool().clone()), "function".to_owned());
        let queue =
            SqsQueue::connect(&sqs.endpoint.settings(), urls, parts, nowhere().await, Faults::none()).await;
        Some(Self { sqs, url: made.url, dead_url: made.dead_url, queue, _rig: rig })
    }

    async fn send(&self, body: &str) {
        self.sqs.endpoint.client.send_message().queue_url(&self.url).message_body(body).send().await.unwrap();
    }

    async fn receive(&self) -> Vec<Message> {
        let asked = self.sqs.endpoint.client.receive_message().queue_url(&self.url);
        let asked = asked.max_number_of_messages(10).visibility_timeout(VISIBILITY);
        let asked = asked.message_system_attribute_names(MessageSystemAttributeName::All);
        asked.send().await.unwrap().messages.unwrap_or_default()
    }

    /// As many as that, in the order in which they come; and when they were there.
    async fn expect(&self, count: usize) -> (Vec<Message>, Instant) {
        let begun = Instant::now();
        let mut got = Vec::new();
        while got.len() < count {
            got.extend(self.receive().await);
            assert!(begun.elapsed() < PATIENCE, "{got:?}");
        }
        (got, Instant::now())
    }

    /// The function answers a batch; what it does not name, the mapping deletes.
    async fn answer(&self, messages: &[Message]) -> Vec<String> {
        let mut event = SqsEvent::default();
        event.records = messages.iter().map(event_record).collect();
        let deadline = Deadline::within(Duration::from_secs(20));
        let handler = Scripted::default();
        let around = Around { queue: &self.queue, bodies: None, clock: &SystemClock };
        let answer = answer_batch(&handler, &around, event, deadline).await.unwrap();
        let failed = failed_ids(answer);
        for done in messages.iter().filter(|m| !failed.contains(&m.message_id.clone().unwrap())) {
            let delete = self.sqs.endpoint.client.delete_message().queue_url(&self.url);
            delete.receipt_handle(done.receipt_handle.clone().unwrap()).send().await.unwrap();
        }
        failed
    }
}

fn failed_ids(answer: SqsBatchResponse) -> Vec<String> {
    answer.batch_item_failures.into_iter().map(|item| item.item_identifier).collect()
}

fn event_record(message: &Message) -> SqsMessage {
    let mut record = SqsMessage::default();
    record.message_id.clone_from(&message.message_id);
    record.receipt_handle.clone_from(&message.receipt_handle);
    record.body.clone_from(&message.body);
    for (name, value) in message.attributes.iter().flatten() {
        record.attributes.insert(name.as_str().to_owned(), value.clone());
    }
    record
}

fn body(message: &Message) -> &str {
    message.body.as_deref().unwrap()
}

#[tokio::test]
async fn what_failed_in_a_function_comes_again_after_the_wait_of_its_try() {
    let Some(mapped) = Mapped::fresh().await else { return };
    for word in ["ack 1", "retry 2"] {
        mapped.send(word).await;
    }
    let (batch, _) = mapped.expect(2).await;
    let begun = Instant::now();
    assert_eq!(mapped.answer(&batch).await.len(), 1);
    let (again, came) = mapped.expect(1).await;
    assert_eq!(body(&again[0]), "retry 2");
    let waited = came.duration_since(begun).as_secs_f64();
    assert!((2.9..30.0).contains(&waited), "{waited}");
}

#[tokio::test]
async fn what_failed_for_the_last_time_goes_to_the_dead_letters_at_once() {
    let Some(mapped) = Mapped::fresh().await else { return };
    mapped.send("retry").await;
    for _ in 1..STAGE.settings().max_receives {
        let (held, _) = mapped.expect(1).await;
        let hide = mapped.sqs.endpoint.client.change_message_visibility().queue_url(&mapped.url);
        let hide = hide.receipt_handle(held[0].receipt_handle.clone().unwrap()).visibility_timeout(0);
        hide.send().await.unwrap();
    }
    let (last, _) = mapped.expect(1).await;
    assert_eq!(mapped.answer(&last).await.len(), 1);
    assert!(mapped.receive().await.is_empty());
    assert_eq!(mapped.sqs.endpoint.visible(&mapped.dead_url).await, "1");
}
