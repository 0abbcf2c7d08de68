//! Sending: each message of a batch is settled by itself.

use std::borrow::Cow;
use std::collections::BTreeMap;

use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_sqs::types::BatchResultErrorEntry;
use chrono::{DateTime, Utc};
use futures::{StreamExt, stream};
use landfall_domain::{BodyAt, Reason, Stage, chain_text};
use landfall_store::dead_letter;
use landfall_store::outbox::relay::OutboxMessage;

use super::batch::{Outgoing, Way, batches, entry, way};
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
        let mut by_stage: BTreeMap<Stage, Vec<Outgoing<'a>>> = BTreeMap::new();
        let mut sent = Sent::default();
        for message in messages {
            let outgoing = match way(message) {
                Way::Whole => Ok(Outgoing::whole(message)),
                Way::Bucket => self.by_bucket(message, now).await,
                Way::Refused(reason) => {
                    sent.refused.push((message, reason));
                    continue;
                }
            };
            match outgoing {
                Ok(outgoing) => by_stage.entry(message.stage).or_default().push(outgoing),
                Err(error) => sent.add(not_sent(message.stage, &[Outgoing::whole(message)], &error)),
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

    /// Puts the body of a message into the work bucket; what is sent then is where it lies.
    async fn by_bucket<'a>(
        &self,
        message: &'a OutboxMessage,
        now: DateTime<Utc>,
    ) -> Result<Outgoing<'a>, RequestError> {
        let OutboxMessage { id, stage, body, .. } = message;
        let mut conn = self.store.pool().acquire().await.map_err(RequestError::of)?;
        let object = dead_letter::object_of(&mut conn, *stage, body).await.map_err(RequestError::of)?;
        drop(conn);
        let at = BodyAt::of(*stage, *id, body).about(object);
        self.bodies.keep(&at, body, now).await.map_err(|error| RequestError::of(chain_text(&error)))?;
        let body = at.encode().map_err(RequestError::of)?;
        Ok(Outgoing { message, body: Cow::Owned(body) })
    }

    async fn send_batch<'a>(&self, stage: Stage, batch: Vec<Outgoing<'a>>, now: DateTime<Utc>) -> Sent<'a> {
        match self.request(stage, &batch, now).await {
            Ok(failed) => settled(stage, &batch, &failed),
            Err(error) if error.is_about_messages() => {
                let mut sent = Sent::default();
                for outgoing in batch {
                    sent.add(self.send_alone(stage, outgoing, now).await);
                }
                sent
            }
            Err(error) => not_sent(stage, &batch, &error),
        }
    }

    /// A request failed as a whole by one of its messages: the others must not wait for that one.
    async fn send_alone<'a>(&self, stage: Stage, outgoing: Outgoing<'a>, now: DateTime<Utc>) -> Sent<'a> {
        let alone = [outgoing];
        match self.request(stage, &alone, now).await {
            Ok(failed) => settled(stage, &alone, &failed),
            Err(error) => match never(&error.code, &error.text) {
                Some(reason) => {
                    let refused = alone.iter().map(|outgoing| (outgoing.message, reason.clone()));
                    Sent { refused: refused.collect(), ..Sent::default() }
                }
                None => not_sent(stage, &alone, &error),
            },
        }
    }

    /// One request; gives the messages that failed, or why none can be said to be sent.
    async fn request(
        &self,
        stage: Stage,
        batch: &[Outgoing<'_>],
        now: DateTime<Utc>,
    ) -> Result<Vec<BatchResultErrorEntry>, RequestError> {
        let url = self.url(stage).map_err(RequestError::of)?;
        let mut request = self.client.send_message_batch().queue_url(url);
        for outgoing in batch {
            request = request.entries(entry(outgoing, now).map_err(RequestError::of)?);
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

fn settled<'a>(stage: Stage, batch: &[Outgoing<'a>], failed: &[BatchResultErrorEntry]) -> Sent<'a> {
    let mut sent = Sent::default();
    for message in batch.iter().map(|outgoing| outgoing.message) {
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

fn not_sent<'a>(stage: Stage, batch: &[Outgoing<'a>], error: &RequestError) -> Sent<'a> {
    let RequestError { code, text } = error;
    tracing::warn!(%stage, messages = batch.len(), code, "messages were not sent: {text}");
    Sent { unconfirmed: batch.iter().map(|outgoing| outgoing.message.id).collect(), ..Sent::default() }
}

/// What SQS calls characters that it does not carry.
const CONTENTS: &str = "InvalidMessageContents";

/// Why SQS will not take a message in any try. Other refusals are the queue's or the configuration's fault.
fn never(code: &str, text: &str) -> Option<Reason> {
    (plain(code) == CONTENTS).then(|| Reason::new("message_contents").with_text(text.to_owned()))
}
