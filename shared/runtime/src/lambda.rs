//! Runs a stage handler on the Lambda runtime.

use std::time::{Duration, SystemTime};

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use chrono::{DateTime, Utc};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use landfall_domain::{Clock, Stage};

use crate::adapter::{receives_of, sent_at_of};
use crate::queue::{HeldMessage, Receipt, RetryWaits, StageQueue, handing_on, queue_from_env};
use crate::{
    BatchError, Clients, Deadline, Env, LogFormat, MessageBodies, StageHandler, handle_batch_with,
    init_tracing, initialized,
};

/// Builds a handler once, then answers SQS batches until the environment is taken away.
///
/// # Errors
/// The handler cannot be built; Lambda is told why. Or its runtime API does not answer.
pub async fn run<H, B>(build: B) -> Result<(), Error>
where
    H: StageHandler,
    B: FnOnce(&Env, Clients) -> Result<H, Error>,
{
    init_tracing(LogFormat::Json, "info");
    let env = Env::of_process();
    // Boxed, because the clients' start is large, and the process would keep its room.
    let built = Box::pin(initialized(&env, async {
        let clients = Clients::from_env(&env).await?;
        let queue = queue_from_env(&env, &clients).await?;
        let (clock, bodies) = (clients.clock.clone(), MessageBodies::of(&clients));
        Ok((build(&env, clients)?, queue, bodies, clock))
    }));
    let (handler, queue, bodies, clock) = built.await?;
    let around = Around { queue: queue.as_ref(), bodies: Some(&bodies), clock: clock.as_ref() };
    let (handler, around) = (&handler, &around);
    lambda_runtime::run(service_fn(
        async move |event: LambdaEvent<SqsEvent>| -> Result<SqsBatchResponse, Error> {
            let deadline =
                Deadline::of_invocation(handler.stage(), event.context.deadline(), SystemTime::now());
            Ok(answer_batch(handler, around, event.payload, deadline).await?)
        },
    ))
    .await
}

/// What a function has around its handler.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// Where the messages go that it writes, and where those come back to that failed.
    pub queue: &'a dyn StageQueue,
    /// Where the bodies of large messages lie; none where there are none.
    pub bodies: Option<&'a MessageBodies>,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// Answers one SQS batch as a function does: the messages that it has committed are handed on before the answer, and
/// those that failed are given back for the wait of their try. Left alone they would come again only after the
/// queue's time of visibility, which must cover the longest run: an hour and a half.
///
/// # Errors
/// A record cannot be named in the answer.
pub async fn answer_batch<H: StageHandler>(
    handler: &H,
    around: &Around<'_>,
    event: SqsEvent,
    deadline: Deadline,
) -> Result<SqsBatchResponse, BatchError> {
    let (stage, Around { queue, bodies, clock }) = (handler.stage(), *around);
    let held: Vec<HeldMessage> =
        event.records.iter().filter_map(|message| held_message(message, clock.now())).collect();
    let handled = handle_batch_with(handler, bodies, event, deadline, clock.now());
    let response = handing_on(queue, || clock.now(), handled).await?;
    let is_failed = |id: &str| response.batch_item_failures.iter().any(|item| item.item_identifier == id);
    let failed: Vec<HeldMessage> = held.into_iter().filter(|message| is_failed(&message.id)).collect();
    // Dead letters are in no hurry, and come from the queues of others.
    if !failed.is_empty() && stage.settings().trigger.has_queue() {
        give_back(stage, queue, failed, clock.now()).await;
    }
    Ok(response)
}

/// A message whose tries are used up is given back at once: the queue then moves it to its dead letters. One that
/// cannot be given back comes again when its time of visibility ends.
async fn give_back(stage: Stage, queue: &dyn StageQueue, failed: Vec<HeldMessage>, now: DateTime<Utc>) {
    let most = stage.settings().max_receives;
    let (used_up, again): (Vec<_>, Vec<_>) = failed.into_iter().partition(|message| message.receives >= most);
    let mut given = RetryWaits::default().give_back(queue, stage, again, now).await;
    if given.is_ok() && !used_up.is_empty() {
        given = queue.give_back(stage, &used_up, (now, Duration::ZERO)).await;
    }
    if let Err(error) = given {
        tracing::warn!(%stage, error = &error as &dyn std::error::Error, "failed messages come again late: {error}");
    }
}

/// What is needed to give a message back; none without the handle that SQS gave for it.
fn held_message(message: &SqsMessage, now: DateTime<Utc>) -> Option<HeldMessage> {
    Some(HeldMessage {
        id: message.message_id.clone()?,
        body: String::new(), // the queue knows it
        receives: receives_of(message),
        created_at: sent_at_of(message).unwrap_or(now),
        receipt: Receipt::Handle(message.receipt_handle.clone()?),
    })
}
