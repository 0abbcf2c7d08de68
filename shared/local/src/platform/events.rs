//! Events of the embedded endpoint become messages of the front door before the write is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use chrono::DateTime;
use landfall_domain::notification::{Change, ObjectEvent, WrittenEvent, to_json};
use landfall_domain::{Clock, Stage};
use landfall_store::{NewMessage, Store, StoreError, outbox};
use tokio::sync::{mpsc, oneshot};

use crate::dispatcher::Dispatcher;
use crate::endpoint::{EventSink, ObjectWritten, SinkError, WriteKind};

/// Messages that are committed together at the most.
const BATCH: usize = 256;

type Waiting = (NewMessage, oneshot::Sender<Result<(), Arc<StoreError>>>);

/// Writes events to the outbox. Writers that come at the same time share one commit.
#[derive(Debug)]
pub struct OutboxSink {
    bucket: String,
    clock: Arc<dyn Clock>,
    queue: mpsc::Sender<Waiting>,
    missed: Missed,
}

/// Whether a write was stored whose event was not: the bucket must be listed.
#[derive(Debug, Clone, Default)]
pub struct Missed(Arc<AtomicBool>);

impl Missed {
    /// Whether there was one since the last call.
    pub fn take(&self) -> bool {
        self.0.swap(false, Ordering::AcqRel)
    }

    /// There was one.
    pub fn mark(&self) {
        self.0.store(true, Ordering::Release);
    }
}

impl OutboxSink {
    /// A sink for the events of one bucket; other buckets are nobody's input.
    pub fn start(store: Store, bucket: String, clock: Arc<dyn Clock>, dispatcher: Dispatcher) -> Self {
        let (queue, waiting) = mpsc::channel(BATCH);
        tokio::spawn(commit_batches(store, clock.clone(), dispatcher, waiting));
        Self { bucket, clock, queue, missed: Missed::default() }
    }

    /// Tells whether events were missed.
    pub fn missed(&self) -> Missed {
        self.missed.clone()
    }

    async fn enqueue(&self, message: NewMessage) -> Result<(), SinkError> {
        let (answer, answered) = oneshot::channel();
        self.queue.send((message, answer)).await.map_err(SinkError::new)?;
        answered.await.map_err(SinkError::new)?.map_err(SinkError::new)
    }
}

async fn commit_batches(
    store: Store,
    clock: Arc<dyn Clock>,
    dispatcher: Dispatcher,
    mut waiting: mpsc::Receiver<Waiting>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        let (messages, writers): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
        let result = send(&store, &messages, clock.as_ref()).await.map_err(Arc::new);
        dispatcher.wake();
        for writer in writers {
            // A writer that went away needs no answer; its event is stored all the same.
            let _ = writer.send(result.clone());
        }
    }
}

async fn send(store: &Store, messages: &[NewMessage], clock: &dyn Clock) -> Result<(), StoreError> {
    let mut conn = store.pool().acquire().await?;
    outbox::send(&mut conn, messages, clock.now()).await
}

#[async_trait]
impl EventSink for OutboxSink {
    async fn written(&self, events: &[ObjectWritten]) -> Result<(), SinkError> {
        let ours: Vec<WrittenEvent> =
            events.iter().filter(|e| e.bucket == self.bucket).map(event_of).collect();
        let Some(first) = ours.first() else { return Ok(()) };
        let message = NewMessage {
            stage: Stage::ReceiveObject,
            tenant: String::new(),
            subject: first.event.key.clone(),
            body: to_json(&ours),
            visible_at: self.clock.now(),
        };
        let stored = self.enqueue(message).await;
        if stored.is_err() {
            self.missed.mark();
        }
        stored
    }
}

fn event_of(written: &ObjectWritten) -> WrittenEvent {
    let (change, name) = match written.kind {
        WriteKind::Put => (Change::Created, "Put"),
        WriteKind::Copy => (Change::Created, "Copy"),
        WriteKind::CompleteMultipartUpload => (Change::Created, "CompleteMultipartUpload"),
        WriteKind::Delete => (Change::Removed, "Delete"),
        WriteKind::DeleteMarkerCreated => (Change::Hidden, "DeleteMarkerCreated"),
    };
    let event = ObjectEvent {
        change,
        bucket: written.bucket.clone(),
        key: written.key.clone(),
        version_id: written.version_id.clone(),
        etag: Some(written.etag.clone()).filter(|e| !e.is_empty()),
        size: Some(written.size),
        time: DateTime::from_timestamp_millis(written.last_modified),
        sequencer: Some(written.sequencer.clone()),
    };
    WrittenEvent { event, name }
}
