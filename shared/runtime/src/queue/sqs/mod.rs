//! One SQS queue for each stage.
//!
//! Messages are written to the outbox with the effect that causes them, and sent on after the commit; only what SQS
//! confirmed is deleted there. A send whose answer was lost is sent again: receivers know what they have done.

mod batch;
mod connect;
mod inspect;
mod receive;
mod send;

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::Stage;
use landfall_store::outbox::relay::{self, OutboxMessage};
use landfall_store::{Store, StoreError, dead_letter};

use super::{HeldMessage, QueueError, StageQueue};
use crate::{BodyError, Faults, MessageBodies};

pub use connect::{QueueUrls, SqsSettings};
pub use inspect::{QueueFacts, QueueSeen, Redrive, inspect_queues, judge_queue};

/// Messages and changes that one request of SQS takes at the most.
const REQUEST: usize = 10;
/// The longest time for which SQS itself can hold back a message.
const DELAY_MOST: TimeDelta = TimeDelta::seconds(900);
/// What a sweep claims at once, and how often at the most.
const CLAIM: u32 = 500;
const CLAIMS: u32 = 20;
/// For so long what a sweep has claimed is its own.
const CLAIMED: Duration = Duration::from_mins(2);

/// The queues of all stages on SQS, fed from the outbox.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    urls: QueueUrls,
    store: Store,
    owner: String,
    bodies: MessageBodies,
    faults: Faults,
    long_poll: Duration,
}

impl SqsQueue {
    /// Connects with our time-outs and retries; nothing is sent yet. `owner` names this life of the process, `bodies`
    /// takes what is too large for a queue.
    pub async fn connect(
        settings: &SqsSettings,
        urls: QueueUrls,
        (store, owner): (Store, String),
        bodies: MessageBodies,
        faults: Faults,
    ) -> Self {
        let client = connect::client(settings).await;
        Self { client, urls, store, owner, bodies, faults, long_poll: settings.long_poll }
    }

    fn url(&self, stage: Stage) -> Result<&str, QueueError> {
        self.urls.get(stage).ok_or(QueueError::NoQueue { stage })
    }

    /// Sends messages, and settles each with the outbox; gives how many SQS confirmed.
    async fn relay(&self, messages: &[OutboxMessage], now: DateTime<Utc>) -> Result<u64, StoreError> {
        let sent = self.send(messages, now).await;
        let pool = self.store.pool();
        if !sent.confirmed.is_empty() {
            relay::confirm(pool, &sent.confirmed).await?;
        }
        if !sent.unconfirmed.is_empty() {
            relay::postpone(pool, &sent.unconfirmed, now).await?;
        }
        for (message, reason) in &sent.refused {
            tracing::error!(stage = %message.stage, code = %reason.code, "SQS will never take a message: {reason}");
            relay::refuse(&self.store, message, reason, now).await?;
        }
        Ok(u64::try_from(sent.confirmed.len()).unwrap_or(u64::MAX))
    }
}

#[async_trait]
impl StageQueue for SqsQueue {
    async fn hand_on(&self, written: &[i64], now: DateTime<Utc>) -> Result<u64, StoreError> {
        // What SQS cannot hold back for so long stays in the outbox until a sweep finds it due.
        let horizon = now.checked_add_signed(DELAY_MOST).unwrap_or(now);
        let messages = relay::fresh(self.store.pool(), written, &self.urls.stages(), horizon).await?;
        self.relay(&messages, now).await
    }

    async fn hand_on_left(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        for stage in self.urls.missing() {
            tracing::warn!(%stage, "no SQS queue is named for {stage}: its messages stay in the outbox");
        }
        let mut sent = 0_u64;
        for _ in 0..CLAIMS {
            let (stages, due) = (self.urls.stages(), (now, CLAIMED));
            let claimed = relay::claim_left(self.store.pool(), &stages, &self.owner, due, CLAIM).await?;
            sent = sent.saturating_add(self.relay(&claimed, now).await?);
            if claimed.len() < usize::try_from(CLAIM).unwrap_or(usize::MAX) {
                break;
            }
        }
        Ok(sent)
    }

    async fn receive(
        &self,
        stage: Stage,
        due: (DateTime<Utc>, Duration),
        limit: u32,
    ) -> Result<Vec<HeldMessage>, QueueError> {
        self.receive_up_to(stage, due, limit).await
    }

    async fn extend(
        &self,
        stage: Stage,
        messages: &[HeldMessage],
        (_, lease): (DateTime<Utc>, Duration),
    ) -> Result<(), QueueError> {
        self.hide(stage, messages, lease).await
    }

    async fn acknowledge(&self, stage: Stage, messages: &[HeldMessage]) -> Result<(), QueueError> {
        self.delete(stage, messages).await
    }

    async fn give_back(
        &self,
        stage: Stage,
        messages: &[HeldMessage],
        (_, wait): (DateTime<Utc>, Duration),
    ) -> Result<(), QueueError> {
        self.hide(stage, messages, wait).await
    }

    /// Stored before it is deleted: killed in between, SQS gives the message again, or moves it to the queue of dead
    /// letters, and the letter is stored once. A message that is done, whose acknowledgements were lost, is no letter.
    async fn bury(&self, stage: Stage, message: &HeldMessage, now: DateTime<Utc>) -> Result<(), QueueError> {
        let held = std::slice::from_ref(message);
        let (letter, place) = match self.bodies.complete(message.used_up(stage)).await {
            Err(BodyError::Done { .. }) => return self.delete(stage, held).await,
            completed => completed?,
        };
        dead_letter::bury_failed(&self.store, letter, now).await?;
        self.delete(stage, held).await?;
        if let Some(at) = place {
            self.bodies.done(&at).await;
        }
        Ok(())
    }
}

fn failure<E: std::error::Error + 'static>(operation: &'static str) -> impl FnOnce(E) -> QueueError {
    move |error| QueueError::Sqs { operation, text: DisplayErrorContext(error).to_string() }
}

/// Whole seconds, as SQS counts them: never shorter than asked for.
fn seconds(time: Duration) -> i32 {
    let whole = time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0));
    i32::try_from(whole).unwrap_or(i32::MAX)
}

/// A code without the name of the service in front.
fn plain(code: &str) -> &str {
    code.rsplit(['.', '#']).next().unwrap_or_default()
}
