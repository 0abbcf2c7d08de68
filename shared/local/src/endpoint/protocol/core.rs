//! What all operations share: the stores, and the one way to write.

use std::sync::Arc;

use s3s::S3Result;
use tokio_util::task::TaskTracker;

use super::answers::Fault;
use crate::endpoint::events::{EventSink, ObjectWritten};
use crate::endpoint::index::{ChangeError, Index, Tables, Writer};
use crate::endpoint::storage::BlobStore;

/// The working parts of an endpoint.
pub(crate) struct Core {
    /// What exists.
    pub(crate) index: Index,
    /// Its contents.
    pub(crate) blobs: Arc<BlobStore>,
    /// Who hears of writes.
    pub(crate) sink: Arc<dyn EventSink>,
    /// Work that must end before the index is closed.
    pub(crate) tasks: TaskTracker,
    /// The region that is named.
    pub(crate) region: String,
    /// Smallest part that is not the last.
    pub(crate) min_part_bytes: u64,
}

impl Core {
    /// Makes a change durable and tells the sink of its `events`, both before the answer.
    ///
    /// This runs to its end even if the client goes away: the events of a stored write are not lost with a connection.
    pub(super) async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut Writer<'_>) -> Result<T, ChangeError> + Send + 'static,
        events: impl FnOnce(&T) -> Vec<ObjectWritten> + Send + 'static,
    ) -> S3Result<T> {
        let core = Arc::clone(self);
        let task = self.tasks.spawn(async move {
            let value = core.index.change(change).await?;
            let events = events(&value);
            if !events.is_empty() {
                core.sink.written(&events).await?;
            }
            Ok::<T, Fault>(value)
        });
        Ok(task.await.map_err(Fault::from)??)
    }

    /// Makes a change that nobody hears of.
    pub(super) async fn change<T: Send + 'static>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut Writer<'_>) -> Result<T, ChangeError> + Send + 'static,
    ) -> S3Result<T> {
        self.write(change, |_| Vec::new()).await
    }

    /// Reads the index on a thread that may block.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Tables) -> Result<T, ChangeError> + Send + 'static,
    ) -> S3Result<T> {
        let core = Arc::clone(self);
        let task = tokio::task::spawn_blocking(move || read(&core.index.read()?));
        Ok(task.await.map_err(Fault::from)?.map_err(Fault::from)?)
    }
}
