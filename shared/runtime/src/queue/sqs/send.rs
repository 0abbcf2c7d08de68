//! Sending: in batches under the limits of a request, each message settled by itself.

use std::collections::BTreeMap;

use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_sqs::types::{BatchResultErrorEntry, SendMessageBatchRequestEntry};
use chrono::{DateTime, Utc};
use futures::{StreamExt, stream};
use landfall_domain::{Reason, Stage};
use landfall_store::outbox::relay::OutboxMessage;

use super::{DELAY_MOST, REQUEST, SqsQueue, plain};
use crate::{Moment, Point};

/// Bytes of one request: what queues took before they took 1 MiB. Stage messages are small; nothing is gained by more.
const REQUEST_BYTES: usize = 256 << 10;
/// Bytes of one message that no queue takes more than.
const MESSAGE_BYTES: usize = 1 << 20;
/// Requests on their way at the same time.
const AT_ONCE: usize = 8;
/// Characters of the name of a message group.
const GROUP_CHARS: usize = 128;

/// What became of some messages.
#[derive(Debug, Default)]
pub(super) struct Sent<'a> {
    /// SQS has them.
    pub confirmed: Vec<i64>,
    /// SQS refused them for now, or its answer was lost.
    pub unconfirmed: Vec<i64>,
    /// SQS will never take them.
    pub refused: Vec<(&'a OutboxMessage, Reason)>,
}

impl<'a> Sent<'a> {
    fn add(&mut self, other: Self) {
        self.confirmed.extend(other.confirmed);
        self.unconfirmed.extend(other.unconfirmed);
        self.refused.extend(other.refused);
    }
}

impl SqsQueue {
    pub(super) async fn send<'a>(&self, messages: &'a [OutboxMessage], now: DateTime<Utc>) -> Sent<'a> {
        let mut by_stage: BTreeMap<Stage, Vec<&OutboxMessage>> = BTreeMap::new();
        let mut sent = Sent::default();
        for message in messages {
            match too_large(message) {
                Some(reason) => sent.refused.push((message, reason)),
                None => by_stage.entry(message.stage).or_default().push(message),
            }
        }
        let batches: Vec<_> = by_stage
            .into_iter()
            .flat_map(|(stage, all)| batches(all).into_iter().map(move |b| (stage, b)))
            .collect();
        let requests: Vec<_> =
            batches.into_iter().map(|(stage, batch)| self.send_batch(stage, batch, now)).collect();
        let mut requests = stream::iter(requests).buffer_unordered(AT_ONCE);
        while let Some(answer) = requests.next().await {
            sent.add(answer);
        }
        sent
    }

    async fn send_batch<'a>(
        &self,
        stage: Stage,
        batch: Vec<&'a OutboxMessage>,
        now: DateTime<Utc>,
    ) -> Sent<'a> {
        match self.request(stage, &batch, now).await {
            Ok(failed) => settled(stage, &batch, &failed),
            Err(error) if error.is_about_messages() => {
                let mut sent = Sent::default();
                for message in batch {
                    sent.add(self.send_alone(stage, message, now).await);
                }
                sent
            }
            Err(error) => not_sent(stage, &batch, &error),
        }
    }

    /// A request failed as a whole by one of its messages: the others must not wait for that one.
    async fn send_alone<'a>(&self, stage: Stage, message: &'a OutboxMessage, now: DateTime<Utc>) -> Sent<'a> {
        match self.request(stage, &[message], now).await {
            Ok(failed) => settled(stage, &[message], &failed),
            Err(error) => match never(&error.code, &error.text) {
                Some(reason) => Sent { refused: vec![(message, reason)], ..Sent::default() },
                None => not_sent(stage, &[message], &error),
            },
        }
    }

    /// One request; gives the messages that failed, or why none can be said to be sent.
    async fn request(
        &self,
        stage: Stage,
        batch: &[&OutboxMessage],
        now: DateTime<Utc>,
    ) -> Result<Vec<BatchResultErrorEntry>, RequestError> {
        let url = self.url(stage).map_err(RequestError::of)?;
        let mut request = self.client.send_message_batch().queue_url(url);
        for message in batch {
            request = request.entries(entry(message, now).map_err(RequestError::of)?);
        }
        self.faults.pass(stage, Point::Send, Moment::Before).map_err(RequestError::of)?;
        let answer = request.send().await.map_err(|error| RequestError {
            code: error.code().unwrap_or_default().to_owned(),
            text: DisplayErrorContext(&error).to_string(),
        })?;
        self.faults.pass(stage, Point::Send, Moment::After).map_err(RequestError::of)?;
        Ok(answer.failed)
    }
}

/// Why a request failed as a whole.
#[derive(Debug)]
struct RequestError {
    /// What SQS calls it; empty where SQS did not say.
    code: String,
    text: String,
}

impl RequestError {
    fn of(error: impl std::fmt::Display) -> Self {
        Self { code: String::new(), text: error.to_string() }
    }

    /// Whether the same request with other messages may succeed.
    fn is_about_messages(&self) -> bool {
        matches!(plain(&self.code), CONTENTS | "BatchRequestTooLong" | "InvalidParameterValue")
    }
}

fn settled<'a>(stage: Stage, batch: &[&'a OutboxMessage], failed: &[BatchResultErrorEntry]) -> Sent<'a> {
    let mut sent = Sent::default();
    for message in batch.iter().copied() {
        let Some(entry) = failed.iter().find(|entry| entry.id() == message.id.to_string()) else {
            sent.confirmed.push(message.id);
            continue;
        };
        let text = entry.message().unwrap_or_default();
        if let Some(reason) = never(entry.code(), text) {
            sent.refused.push((message, reason));
        } else {
            tracing::warn!(%stage, code = entry.code(), "a message was not sent: {text}");
            sent.unconfirmed.push(message.id);
        }
    }
    sent
}

fn not_sent<'a>(stage: Stage, batch: &[&'a OutboxMessage], error: &RequestError) -> Sent<'a> {
    let RequestError { code, text } = error;
    tracing::warn!(%stage, messages = batch.len(), code, "messages were not sent: {text}");
    Sent { unconfirmed: batch.iter().map(|m| m.id).collect(), ..Sent::default() }
}

fn entry(
    message: &OutboxMessage,
    now: DateTime<Utc>,
) -> Result<SendMessageBatchRequestEntry, aws_sdk_sqs::error::BuildError> {
    let group = group(&message.tenant);
    let delay = message.visible_at.signed_duration_since(now).clamp(chrono::TimeDelta::zero(), DELAY_MOST);
    // Whole seconds, and never before its time.
    let whole = delay.num_seconds().saturating_add(i64::from(delay.subsec_nanos() > 0));
    SendMessageBatchRequestEntry::builder()
        .id(message.id.to_string())
        .message_body(&message.body)
        .delay_seconds(i32::try_from(whole).unwrap_or(0))
        .set_message_group_id(group)
        .build()
}

/// The message group of a tenant: a queue that is fair serves the groups that have few messages first.
fn group(tenant: &str) -> Option<String> {
    let allowed = |c: char| if c.is_ascii_graphic() { c } else { '_' };
    let name: String = tenant.chars().take(GROUP_CHARS).map(allowed).collect();
    Some(name).filter(|name| !name.is_empty())
}

/// Cuts messages into batches that one request takes.
fn batches(messages: Vec<&OutboxMessage>) -> Vec<Vec<&OutboxMessage>> {
    let mut batches = Vec::new();
    let (mut batch, mut bytes) = (Vec::new(), 0_usize);
    for message in messages {
        let grown = bytes.saturating_add(message.body.len());
        if !batch.is_empty() && (batch.len() == REQUEST || grown > REQUEST_BYTES) {
            batches.push(std::mem::take(&mut batch));
            bytes = 0;
        }
        bytes = bytes.saturating_add(message.body.len());
        batch.push(message);
    }
    if !batch.is_empty() {
        batches.push(batch);
    }
    batches
}

fn too_large(message: &OutboxMessage) -> Option<Reason> {
    let bytes = message.body.len();
    let text = || format!("{bytes} bytes, SQS takes at most {MESSAGE_BYTES}");
    (bytes > MESSAGE_BYTES).then(|| Reason::new("message_too_large").with_text(text()))
}

/// What SQS calls characters that it does not carry.
const CONTENTS: &str = "InvalidMessageContents";

/// Why SQS will not take a message in any try. Other refusals are the queue's or the configuration's fault.
fn never(code: &str, text: &str) -> Option<Reason> {
    (plain(code) == CONTENTS).then(|| Reason::new("message_contents").with_text(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: i64, bytes: usize, visible_in_ms: i64) -> OutboxMessage {
        OutboxMessage {
            id,
            stage: Stage::PlanArchive,
            tenant: String::new(),
            body: "x".repeat(bytes),
            attempts: 0,
            created_at: DateTime::UNIX_EPOCH,
            visible_at: DateTime::UNIX_EPOCH + chrono::TimeDelta::milliseconds(visible_in_ms),
        }
    }

    fn sizes(messages: &[OutboxMessage]) -> Vec<usize> {
        batches(messages.iter().collect()).iter().map(Vec::len).collect()
    }

    #[test]
    fn a_request_holds_at_most_ten_messages_and_256_kib_and_keeps_their_order() {
        let small: Vec<_> = (0..23).map(|id| message(id, 10, 0)).collect();
        assert_eq!(sizes(&small), [10, 10, 3]);
        let order: Vec<i64> = batches(small.iter().collect()).concat().iter().map(|m| m.id).collect();
        assert_eq!(order, (0..23).collect::<Vec<_>>());
        let table = [
            (vec![100 << 10; 5], vec![2, 2, 1]),
            (vec![256 << 10, 1], vec![1, 1]),
            (vec![700 << 10, 700 << 10], vec![1, 1]),
            (vec![], vec![]),
        ];
        for (bytes, expected) in table {
            let messages: Vec<_> = bytes.iter().map(|bytes| message(1, *bytes, 0)).collect();
            assert_eq!(sizes(&messages), expected);
        }
    }

    #[test]
    fn a_delay_is_whole_seconds_never_too_short_and_none_for_what_is_due() {
        for (ms, seconds) in
            [(-5000, 0), (0, 0), (1, 1), (1000, 1), (1001, 2), (900_000, 900), (9_000_000, 900)]
        {
            let entry = entry(&message(1, 1, ms), DateTime::UNIX_EPOCH).unwrap();
            assert_eq!(entry.delay_seconds(), Some(seconds), "{ms} ms");
        }
    }

    #[test]
    fn a_tenant_is_a_message_group_that_sqs_takes_and_nobody_is_none() {
        assert_eq!(group(""), None);
        assert_eq!(group("load-7").as_deref(), Some("load-7"));
        assert_eq!(group("Ärger & Co").as_deref(), Some("_rger_&_Co"));
        assert_eq!(group(&"x".repeat(300)).map(|g| g.len()), Some(128));
    }

    #[test]
    fn one_byte_over_a_mebibyte_is_too_large() {
        assert_eq!(too_large(&message(1, 1 << 20, 0)), None);
        assert_eq!(too_large(&message(1, (1 << 20) + 1, 0)).unwrap().code, "message_too_large");
    }
}
