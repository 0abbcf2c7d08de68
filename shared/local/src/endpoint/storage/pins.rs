//! Keeps a blob file on disk while somebody reads it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use super::blobs::BlobStore;
use crate::endpoint::index::BlobId;

/// Who reads what.
///
/// A reader looks its version up and pins the blobs while it holds the gate for reading. Whoever wants to unlink a
/// blob that a commit made unreachable passes the gate for writing first: then every reader that could have seen the
/// old index has pinned, and every later one sees the new index.
#[derive(Debug, Default)]
pub(super) struct Pins {
    gate: RwLock<()>,
    readers: Mutex<HashMap<BlobId, Readers>>,
}

#[derive(Debug, Default)]
struct Readers {
    count: usize,
    doomed: bool,
}

impl Pins {
    /// Holds off unlinking between look-up and pin.
    pub(super) fn gate(&self) -> RwLockReadGuard<'_, ()> {
        self.gate.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of the dead blobs gives those that nobody reads; the others go with their last reader.
    pub(super) fn doom(&self, dead: &[BlobId]) -> Vec<BlobId> {
        drop(self.gate.write().unwrap_or_else(PoisonError::into_inner));
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        dead.iter()
            .copied()
            .filter(|blob| match readers.get_mut(blob) {
                None => true,
                Some(read) => {
                    read.doomed = true;
                    false
                }
            })
            .collect()
    }

    fn pin(&self, blob: BlobId) {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let read = readers.entry(blob).or_default();
        read.count = read.count.saturating_add(1);
    }

    /// Ends one reading; true if the blob is to be unlinked now.
    fn unpin(&self, blob: BlobId) -> bool {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(read) = readers.get_mut(&blob) else { return false };
        read.count = read.count.saturating_sub(1);
        if read.count > 0 {
            return false;
        }
        readers.remove(&blob).is_some_and(|read| read.doomed)
    }
}

/// Blob files that stay while this lives.
#[derive(Debug)]
pub(crate) struct Pinned {
    store: Arc<BlobStore>,
    blobs: Vec<BlobId>,
}

impl Pinned {
    /// Pins; the caller holds the gate.
    pub(super) fn new(store: Arc<BlobStore>, blobs: Vec<BlobId>) -> Self {
        for blob in &blobs {
            store.pins().pin(*blob);
        }
        Self { store, blobs }
    }

    pub(super) fn store(&self) -> &BlobStore {
        &self.store
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        for blob in &self.blobs {
            if self.store.pins().unpin(*blob) {
                self.store.unlink(*blob);
            }
        }
    }
}
