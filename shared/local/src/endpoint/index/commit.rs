//! The index file and its committer: one thread applies all changes, a batch a transaction.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;

use landfall_domain::Clock;
use redb::{Database, DatabaseError, ReadableDatabase};
use tokio::sync::{mpsc, oneshot};

use super::codec::Damaged;
use super::tables::{BatchOutcome, Tables, Writer};
use crate::endpoint::refusal::Refusal;
use crate::endpoint::storage::BlobStore;

/// Changes that wait for the committer; more wait in their request.
const QUEUE: usize = 1024;
/// Most changes in one transaction: bounds the time the first of them waits.
const BATCH: usize = 256;

/// The index cannot do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IndexError {
    /// Another process has it open.
    #[error("the index is in use by another process")]
    InUse,
    /// Reading or writing it failed.
    #[error("the index cannot be read or written")]
    Storage(#[source] Box<redb::Error>),
    /// It holds something unreadable.
    #[error("the index is damaged")]
    Damaged(#[from] Damaged),
    /// A version's content is not where it should be.
    #[error("the content of blob {0} is missing or too short")]
    ContentLost(u64),
    /// The batch of this change was given up; nothing of it is stored.
    #[error("the batch of this change failed")]
    BatchFailed(#[source] Arc<IndexError>),
    /// The endpoint is shutting down.
    #[error("the index is closed")]
    Closed,
    /// The committer could not be started.
    #[error("the committer thread cannot be started")]
    Thread(#[source] std::io::Error),
}

macro_rules! from_redb {
    ($($source:ty),*) => {$(
        impl From<$source> for IndexError {
            fn from(error: $source) -> Self {
                Self::Storage(Box::new(error.into()))
            }
        }
        impl From<$source> for ChangeError {
            fn from(error: $source) -> Self {
                Self::Broken(error.into())
            }
        }
    )*};
}
from_redb!(redb::StorageError, redb::TableError, redb::TransactionError, redb::CommitError);

impl From<DatabaseError> for IndexError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::DatabaseAlreadyOpen => Self::InUse,
            other => Self::Storage(Box::new(other.into())),
        }
    }
}

/// Why a read or a change has no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    /// The request asks for what cannot be; nothing was changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The index failed.
    #[error(transparent)]
    Broken(#[from] IndexError),
}

impl From<Damaged> for ChangeError {
    fn from(error: Damaged) -> Self {
        Self::Broken(error.into())
    }
}

/// The index of one data folder.
pub(crate) struct Index {
    database: RwLock<Option<Arc<Database>>>,
    queue: mpsc::Sender<Message>,
}

enum Message {
    Change(Box<dyn Change>),
    Close(oneshot::Sender<()>),
}

impl Index {
    /// Opens or makes the index file.
    ///
    /// # Errors
    /// [`IndexError::InUse`] if a process has it open, others if it cannot be read.
    pub(crate) fn open(path: &Path, cache_bytes: usize) -> Result<Arc<Database>, IndexError> {
        let database = Database::builder().set_cache_size(cache_bytes).create(path)?;
        let transaction = database.begin_write()?;
        // Makes all tables, so that readers find them.
        Writer::open(&transaction, 0)?.close()?;
        transaction.commit()?;
        Ok(Arc::new(database))
    }

    /// Reads an opened index that nobody else uses yet.
    pub(crate) fn first_look(database: &Database) -> Result<Tables, IndexError> {
        Ok(Tables::new(database.begin_read()?))
    }

    /// Starts the committer.
    pub(crate) fn start(
        database: Arc<Database>,
        blobs: Arc<BlobStore>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, IndexError> {
        let (queue, messages) = mpsc::channel(QUEUE);
        let committer = Committer { database: Arc::clone(&database), blobs, clock };
        thread::Builder::new()
            .name("index-committer".to_owned())
            .spawn(move || committer.run(messages))
            .map_err(IndexError::Thread)?;
        Ok(Self { database: RwLock::new(Some(database)), queue })
    }

    /// The tables as they are now.
    pub(crate) fn read(&self) -> Result<Tables, IndexError> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Tables::new(database.ok_or(IndexError::Closed)?.begin_read()?))
    }

    /// Applies `change` in a transaction and waits until it is durable.
    ///
    /// `change` must judge before it writes: what it wrote before a refusal would stay.
    ///
    /// # Errors
    /// What the change says, or that the index failed; then nothing is stored.
    pub(crate) async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Writer<'_>) -> Result<T, ChangeError> + Send + 'static,
    ) -> Result<T, ChangeError> {
        let (reply, answer) = oneshot::channel();
        let queued = Queued { change: Some(change), result: None, reply };
        self.queue.send(Message::Change(Box::new(queued))).await.map_err(|_| IndexError::Closed)?;
        answer.await.map_err(|_| IndexError::Closed)?
    }

    /// The same for a thread that may block.
    ///
    /// # Errors
    /// As [`change`](Self::change).
    pub(crate) fn change_blocking<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Writer<'_>) -> Result<T, ChangeError> + Send + 'static,
    ) -> Result<T, ChangeError> {
        let (reply, answer) = oneshot::channel();
        let queued = Queued { change: Some(change), result: None, reply };
        self.queue.blocking_send(Message::Change(Box::new(queued))).map_err(|_| IndexError::Closed)?;
        answer.blocking_recv().map_err(|_| IndexError::Closed)?
    }

    /// Commits what is queued, then closes the file. Later calls get [`IndexError::Closed`].
    pub(crate) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        self.database.write().unwrap_or_else(PoisonError::into_inner).take();
        if self.queue.send(Message::Close(done)).await.is_ok() {
            // An error only says that the committer is gone already.
            drop(closed.await);
        }
    }
}

/// A queued change, its type forgotten.
trait Change: Send {
    /// Runs it; an error ends the whole batch.
    fn apply(&mut self, writer: &mut Writer<'_>) -> Result<(), IndexError>;
    /// Answers the waiting request.
    fn settle(self: Box<Self>, batch: Result<(), Arc<IndexError>>);
}

struct Queued<F, T> {
    change: Option<F>,
    result: Option<Result<T, Refusal>>,
    reply: oneshot::Sender<Result<T, ChangeError>>,
}

impl<F, T> Change for Queued<F, T>
where
    F: FnOnce(&mut Writer<'_>) -> Result<T, ChangeError> + Send,
    T: Send,
{
    fn apply(&mut self, writer: &mut Writer<'_>) -> Result<(), IndexError> {
        let Some(change) = self.change.take() else { return Ok(()) };
        self.result = Some(match change(writer) {
            Ok(value) => Ok(value),
            Err(ChangeError::Refused(refusal)) => Err(refusal),
            Err(ChangeError::Broken(error)) => return Err(error),
        });
        Ok(())
    }

    fn settle(self: Box<Self>, batch: Result<(), Arc<IndexError>>) {
        let answer = match (batch, self.result) {
            (Ok(()), Some(result)) => result.map_err(ChangeError::Refused),
            (Ok(()), None) => Err(IndexError::Closed.into()),
            (Err(error), _) => Err(IndexError::BatchFailed(error).into()),
        };
        // The request may have gone; the change stays.
        drop(self.reply.send(answer));
    }
}

struct Committer {
    database: Arc<Database>,
    blobs: Arc<BlobStore>,
    clock: Arc<dyn Clock>,
}

impl Committer {
    fn run(self, mut messages: mpsc::Receiver<Message>) {
        let mut closing = None;
        while closing.is_none() {
            let Some(first) = messages.blocking_recv() else { return };
            let mut batch: Vec<Box<dyn Change>> = Vec::new();
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Change(change) => batch.push(change),
                    Message::Close(done) => {
                        closing = Some(done);
                        break;
                    }
                }
                next = if batch.len() < BATCH { messages.try_recv().ok() } else { None };
            }
            self.settle(batch);
        }
        drop(messages);
        drop(self);
        if let Some(done) = closing {
            // Nobody waits any more if this fails.
            let _gone = done.send(());
        }
    }

    fn settle(&self, mut batch: Vec<Box<dyn Change>>) {
        if batch.is_empty() {
            return;
        }
        match self.commit(&mut batch) {
            Ok(dead) => {
                for change in batch {
                    change.settle(Ok(()));
                }
                // After the answers: unlinking a large file takes a while.
                self.blobs.discard(&dead);
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "index commit failed");
                let error = Arc::new(error);
                for change in batch {
                    change.settle(Err(Arc::clone(&error)));
                }
            }
        }
    }

    /// Applies the batch and makes it durable; gives the blob files that died.
    fn commit(&self, batch: &mut [Box<dyn Change>]) -> Result<Vec<super::BlobId>, IndexError> {
        let transaction = self.database.begin_write()?;
        let outcome = {
            let mut writer = Writer::open(&transaction, 0)?;
            for change in batch {
                writer.set_now(self.clock.now().timestamp_millis());
                change.apply(&mut writer)?;
            }
            writer.close()?
        };
        let BatchOutcome { dirty, kept, dead } = outcome;
        if !dirty {
            transaction.abort()?;
            return Ok(dead);
        }
        let committed = transaction.commit();
        for blob in kept {
            // Also after a failed commit: it may have reached the disk. The next start removes what it did not bring in.
            blob.keep();
        }
        committed?;
        Ok(dead)
    }
}
