//! Sending: each message of a batch is settled by itself.

use std::collections::BTreeMap;

use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_sqs::types::BatchResultErrorEntry;
use chrono::{DateTime, Utc};
use futures::{StreamExt, stream};
use landfall_domain::{Reason, Stage};
use landfall_store::outbox::relay::OutboxMessage;

use super::batch::{batches, entry, too_large};
use super::{SqsQueue, plain};
use crate::{Moment, Point};

/// Requests on their way at the same time.
const AT_ONCE: usize = 8;

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

impl Sent<'_> {
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

/// What SQS calls characters that it does not carry.
const CONTENTS: &str = "InvalidMessageContents";

/// Why SQS will not take a message in any try. Other refusals are the queue's or the configuration's fault.
fn never(code: &str, text: &str) -> Option<Reason> {
    (plain(code) == CONTENTS).then(|| Reason::new("message_contents").with_text(text.to_owned()))
}
