//! A stage whose behaviour is written into the bodies of its messages, and which writes down what it did.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use chrono::{DateTime, Utc};
use landfall_domain::{Disposition, Problem, Reason, Stage};
use landfall_runtime::{
    CommitError, Deadline, MessageBodies, Record, StageHandler, handle_batch, handle_batch_with,
};
use landfall_store::StoreError;

/// Understands these words in a body: `ack`, `retry`, `bad`, `panic` (when deciding), `data`, `down`, `panic-commit`
/// (when committing), `wait` (decides slowly), `unstorable` (its outcome cannot be stored).
#[derive(Debug, Default)]
pub struct Scripted {
    /// What happened, in order.
    pub log: Mutex<Vec<String>>,
    /// The records as the adapter gave them.
    pub seen: Mutex<Vec<Record>>,
    /// Effects that are committed.
    pub committed: Mutex<BTreeSet<String>>,
    deciding: AtomicUsize,
    /// The most records that were decided at the same time.
    pub most_deciding: AtomicUsize,
}

impl Scripted {
    fn note(&self, line: String) {
        self.log.lock().unwrap().push(line);
    }

    /// What happened so far.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

/// A failure of the database that the data is to blame for.
fn data_error() -> StoreError {
    StoreError::Constraint { constraint: "lsp_entry_pkey".into(), source: sqlx::Error::RowNotFound }
}

#[async_trait]
impl StageHandler for Scripted {
    type Decision = String;

    fn stage(&self) -> Stage {
        Stage::ReceiveObject
    }

    async fn decide(&self, record: &Record, _: Deadline) -> Result<String, Problem> {
        let now = self.deciding.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_deciding.fetch_max(now, Ordering::SeqCst);
        self.seen.lock().unwrap().push(record.clone());
        if record.body.contains("wait") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.deciding.fetch_sub(1, Ordering::SeqCst);
        let fail = |disposition, code| Err(Problem::new(disposition, Reason::new(code)));
        match record.body.as_str() {
            body if body.contains("ack") => fail(Disposition::Ack, "stale"),
            body if body.contains("retry") => fail(Disposition::Retry, "store_throttled"),
            body if body.contains("bad") => fail(Disposition::Quarantine, "message_form"),
            body if body.contains("panic-commit") => Ok(body.to_owned()),
            body if body.contains("panic") => panic!("cannot bear {body}"),
            body => Ok(body.to_owned()),
        }
    }

    async fn commit(&self, decisions: &[&String]) -> Result<(), CommitError> {
        let all = decisions.iter().map(|d| d.as_str()).collect::<Vec<_>>().join(" ");
        self.note(format!("commit {all}"));
        assert!(!all.contains("panic-commit"), "cannot commit {all}");
        if all.contains("data") {
            return Err(data_error().into());
        }
        if all.contains("down") {
            return Err(StoreError::Unavailable(sqlx::Error::PoolTimedOut).into());
        }
        self.committed.lock().unwrap().extend(decisions.iter().map(|d| (*d).clone()));
        Ok(())
    }

    async fn quarantine(&self, record: &Record, problem: &Problem) -> Result<(), StoreError> {
        self.note(format!("quarantine {} {}", record.message_id, problem.reason.code));
        self.stored(record)
    }

    async fn give_up(&self, record: &Record, problem: &Problem) -> Result<(), StoreError> {
        self.note(format!("give up {} {}", record.message_id, problem.reason));
        self.stored(record)
    }
}

impl Scripted {
    #[expect(clippy::unused_self, reason = "reads as what the handler does")]
    fn stored(&self, record: &Record) -> Result<(), StoreError> {
        let unstorable = record.body.contains("unstorable");
        if unstorable { Err(StoreError::Unavailable(sqlx::Error::PoolTimedOut)) } else { Ok(()) }
    }
}

/// A message with an id and a body.
pub fn message(id: &str, body: &str) -> SqsMessage {
    let mut message = SqsMessage::default();
    message.message_id = Some(id.to_owned());
    message.body = Some(body.to_owned());
    message
}

/// A message with an attribute.
pub fn with_attribute(mut message: SqsMessage, name: &str, value: &str) -> SqsMessage {
    message.attributes.insert(name.to_owned(), value.to_owned());
    message
}

/// Messages `m0`, `m1` ... with these bodies.
pub fn batch(bodies: &[&str]) -> SqsEvent {
    let messages = bodies.iter().enumerate().map(|(index, body)| message(&format!("m{index}"), body));
    of(messages.collect())
}

/// A batch of messages.
pub fn of(records: Vec<SqsMessage>) -> SqsEvent {
    let mut event = SqsEvent::default();
    event.records = records;
    event
}

/// The time at which all batches are handled.
pub fn now() -> DateTime<Utc> {
    "2025-01-18T09:00:00Z".parse().unwrap()
}

/// Runs a batch; gives the ids that are to be given again.
pub async fn run(handler: &Scripted, event: SqsEvent) -> Vec<String> {
    failed(&handle_batch(handler, event, Deadline::within(Duration::from_mins(1)), now()).await.unwrap())
}

fn failed(response: &SqsBatchResponse) -> Vec<String> {
    response.batch_item_failures.iter().map(|failure| failure.item_identifier.clone()).collect()
}

/// Hands a handler a batch of messages whose bodies may lie elsewhere; gives the ids of those to be given again.
pub async fn handle_large(handler: &Scripted, bodies: &MessageBodies, event: SqsEvent) -> Vec<String> {
    let deadline = Deadline::within(Duration::from_mins(1));
    failed(&handle_batch_with(handler, Some(bodies), event, deadline, now()).await.unwrap())
}

/// The same messages as they are received for the last time.
pub fn last_receive(mut event: SqsEvent) -> SqsEvent {
    let most = Stage::ReceiveObject.settings().max_receives.to_string();
    for record in &mut event.records {
        record.attributes.insert("ApproximateReceiveCount".into(), most.clone());
    }
    event
}
