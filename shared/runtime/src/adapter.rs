//! The one SQS batch adapter: decide per record, commit per batch, never fail a batch for one message.
//!
//! Whatever happens to one record, a panic included, costs that record alone. Only the records that failed are
//! reported, so that the queue gives only them again.

use std::any::Any;
use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::str::FromStr;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use chrono::{DateTime, Utc};
use futures::{FutureExt, StreamExt, stream};
use landfall_domain::{BodyAt, Disposition, Problem, Reason, Stage};
use tracing::Instrument;

use crate::{BodyError, Deadline, MessageBodies, Record, StageHandler};

/// Records of one batch that are decided at the same time: they wait for the network, not for the processor.
const DECIDE_AT_ONCE: usize = 16;

/// An event that cannot be answered record by record.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// Without an id a failure cannot be reported, and an empty id would report all.
    #[error("record {index} of the batch has no message id")]
    NoMessageId {
        /// Place in the batch, from 0.
        index: usize,
    },
}

/// What became of one record.
#[derive(Debug)]
pub enum Outcome {
    /// Done; the queue may forget it.
    Done,
    /// To be given again.
    Failed,
}

/// Handles a batch whose messages carry their bodies, as those of the outbox do; the answer names the records to be
/// given again. `clock_now` stands in for a sent time that the queue does not tell.
pub async fn handle_batch<H: StageHandler>(
    handler: &H,
    event: SqsEvent,
    deadline: Deadline,
    clock_now: DateTime<Utc>,
) -> Result<SqsBatchResponse, BatchError> {
    handle_batch_with(handler, None, event, deadline, clock_now).await
}

/// The same where large bodies lie elsewhere: they are fetched before the handler decides, and marked as done before
/// the batch is answered.
pub async fn handle_batch_with<H: StageHandler>(
    handler: &H,
    bodies: Option<&MessageBodies>,
    event: SqsEvent,
    deadline: Deadline,
    clock_now: DateTime<Utc>,
) -> Result<SqsBatchResponse, BatchError> {
    let max_receives = handler.stage().settings().max_receives;
    let records = event
        .records
        .into_iter()
        .enumerate()
        .map(|(index, message)| record(index, message, max_receives, clock_now))
        .collect::<Result<Vec<_>, _>>()?;
    let bodies = Bodies { kept: bodies, stage: handler.stage() };
    let decided = decide_all(handler, bodies, &records, deadline).await;
    let mut results: Vec<Result<(), Problem>> = Vec::with_capacity(records.len());
    let mut decisions = Vec::new();
    for (index, decision) in decided.into_iter().enumerate() {
        results.push(match decision {
            Ok(decision) => {
                decisions.push((index, decision));
                Ok(())
            }
            Err(problem) => Err(problem),
        });
    }
    for (index, problem) in commit_all(handler, &decisions).await {
        if let Some(result) = results.get_mut(index) {
            *result = Err(problem);
        }
    }
    let mut response = SqsBatchResponse::default();
    for (record, result) in records.iter().zip(results) {
        if let Outcome::Failed = settle_with(handler, bodies, record, result).await {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier.clone_from(&record.message_id);
            response.batch_item_failures.push(failure);
        }
    }
    Ok(response)
}

fn record(
    index: usize,
    message: SqsMessage,
    max_receives: u32,
    now: DateTime<Utc>,
) -> Result<Record, BatchError> {
    let receives = receives_of(&message);
    let sent_at = sent_at_of(&message).unwrap_or(now);
    let message_id =
        message.message_id.filter(|id| !id.is_empty()).ok_or(BatchError::NoMessageId { index })?;
    // A message that was moved to a queue of dead letters tells which one it comes from.
    let source = message.attributes.get("DeadLetterQueueSourceArn").cloned().or(message.event_source_arn);
    let source = source.unwrap_or_default();
    Ok(Record {
        message_id,
        body: message.body.unwrap_or_default(),
        receives,
        is_last: receives >= max_receives,
        sent_at,
        source,
    })
}

/// Times a message was received, this one included.
pub(crate) fn receives_of(message: &SqsMessage) -> u32 {
    attribute(message, "ApproximateReceiveCount").unwrap_or(1)
}

/// When a message was sent first; none where that is not told.
pub(crate) fn sent_at_of(message: &SqsMessage) -> Option<DateTime<Utc>> {
    attribute(message, "SentTimestamp").and_then(DateTime::from_timestamp_millis)
}

fn attribute<T: FromStr>(message: &SqsMessage, name: &str) -> Option<T> {
    message.attributes.get(name).and_then(|text| text.parse().ok())
}

/// Where the bodies of a stage's large messages lie.
#[derive(Debug, Clone, Copy)]
struct Bodies<'a> {
    kept: Option<&'a MessageBodies>,
    stage: Stage,
}

impl<'a> Bodies<'a> {
    /// Where the body of a record lies, if not in it.
    fn place(self, record: &Record) -> Option<(&'a MessageBodies, BodyAt)> {
        self.kept.and_then(|kept| Some((kept, BodyAt::decode(self.stage, &record.body)?)))
    }

    /// The record with its body. It is let go of after each use: a batch of large messages is never held as a whole.
    async fn whole(self, record: &Record) -> Result<Cow<'_, Record>, BodyError> {
        let Some((kept, at)) = self.place(record) else { return Ok(Cow::Borrowed(record)) };
        let body = kept.fetch(&at).await?;
        Ok(Cow::Owned(Record { body, ..record.clone() }))
    }
}

async fn decide_all<H: StageHandler>(
    handler: &H,
    bodies: Bodies<'_>,
    records: &[Record],
    deadline: Deadline,
) -> Vec<Result<H::Decision, Problem>> {
    let decisions: Vec<_> =
        records.iter().map(|record| decide(handler, bodies, record, deadline).boxed()).collect();
    stream::iter(decisions).buffered(DECIDE_AT_ONCE).collect().await
}

async fn decide<H: StageHandler>(
    handler: &H,
    bodies: Bodies<'_>,
    record: &Record,
    deadline: Deadline,
) -> Result<H::Decision, Problem> {
    let span = tracing::info_span!(
        "message",
        stage = %handler.stage(),
        message.id = %record.message_id,
        attempt = record.receives,
        object.bucket = tracing::field::Empty,
        object.key = tracing::field::Empty,
    );
    let decided = async {
        let record = bodies.whole(record).await?;
        handler.decide(&record, deadline).await
    };
    guarded(decided).instrument(span).await
}

/// Commits all, or, where the data of one is to blame, each by itself; gives those that failed.
async fn commit_all<H: StageHandler>(
    handler: &H,
    decisions: &[(usize, H::Decision)],
) -> Vec<(usize, Problem)> {
    if decisions.is_empty() {
        return Vec::new();
    }
    let all: Vec<&H::Decision> = decisions.iter().map(|(_, d)| d).collect();
    let (by_data, problem) = match commit(handler, &all).await {
        Ok(()) => return Vec::new(),
        Err(failure) => failure,
    };
    if by_data && decisions.len() > 1 {
        let mut failed = Vec::new();
        for (index, decision) in decisions {
            if let Err((_, problem)) = commit(handler, &[decision]).await {
                failed.push((*index, problem));
            }
        }
        return failed;
    }
    let copy = || Problem::new(problem.disposition, problem.reason.clone());
    decisions.iter().map(|(index, _)| (*index, copy())).collect()
}

/// Commits some decisions; a failure says whether their data, or a panic over it, may be to blame.
async fn commit<H: StageHandler>(handler: &H, decisions: &[&H::Decision]) -> Result<(), (bool, Problem)> {
    let mut by_data = false;
    let result = guarded(async {
        handler.commit(decisions).await.map_err(|error| {
            by_data = error.is_data();
            Problem::from(error)
        })
    })
    .await;
    result.map_err(|problem| (by_data || problem.reason.code == PANIC, problem))
}

/// The code of a panic that was caught.
const PANIC: &str = "panic";

async fn guarded<T>(work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(result) => result,
        Err(panic) => {
            let text = panic_text(panic.as_ref());
            Err(Problem::new(Disposition::Retry, Reason::new(PANIC).with_text(text)))
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic without a text".into())
}

/// Acts on what a record came to, with its body where it can be had, and marks that as done with the message.
async fn settle_with<H: StageHandler>(
    handler: &H,
    bodies: Bodies<'_>,
    record: &Record,
    result: Result<(), Problem>,
) -> Outcome {
    let Some((kept, at)) = bodies.place(record) else { return settle(handler, record, result).await };
    let outcome = match result {
        Ok(()) => Outcome::Done,
        Err(problem) => match bodies.whole(record).await {
            Ok(whole) => settle(handler, &whole, Err(problem)).await,
            // Nothing is marked: the message was done before, or what lies there is left to be looked at.
            Err(_) => return settle_without_body(handler, record, problem).await,
        },
    };
    if let Outcome::Done = outcome {
        kept.done(&at).await;
    }
    outcome
}

/// A message that is put aside without its body cannot be worked on again by a redrive alone: what it is about is
/// `failed`, not only the message `quarantined`.
async fn settle_without_body<H: StageHandler>(handler: &H, record: &Record, problem: Problem) -> Outcome {
    if problem.disposition == Disposition::Quarantine
        && !guarded_store(handler.give_up(record, &problem)).await
    {
        return Outcome::Failed;
    }
    settle(handler, record, Err(problem)).await
}

/// Acts on what a record came to. This is where a failure is logged, once.
async fn settle<H: StageHandler>(handler: &H, record: &Record, result: Result<(), Problem>) -> Outcome {
    let Err(problem) = result else { return Outcome::Done };
    let stage = handler.stage();
    let stored = match problem.disposition {
        Disposition::Ack => {
            tracing::debug!(%stage, message.id = %record.message_id, "nothing to do: {problem}");
            return Outcome::Done;
        }
        Disposition::Quarantine => {
            tracing::warn!(%stage, message.id = %record.message_id, code = %problem.reason.code, "quarantined: {problem}");
            guarded_store(handler.quarantine(record, &problem)).await
        }
        Disposition::Retry if record.is_last => {
            tracing::error!(%stage, message.id = %record.message_id, code = %problem.reason.code, attempt = record.receives, "failed for good: {problem}");
            let _ = guarded_store(handler.give_up(record, &problem)).await;
            return Outcome::Failed;
        }
        Disposition::Retry => {
            tracing::warn!(%stage, message.id = %record.message_id, code = %problem.reason.code, attempt = record.receives, "will be tried again: {problem}");
            return Outcome::Failed;
        }
    };
    if stored { Outcome::Done } else { Outcome::Failed }
}

async fn guarded_store(work: impl Future<Output = Result<(), landfall_store::StoreError>>) -> bool {
    match guarded(async { work.await.map_err(Problem::from) }).await {
        Ok(()) => true,
        Err(problem) => {
            tracing::error!(code = %problem.reason.code, "outcome could not be stored: {problem}");
            false
        }
    }
}
