//! Blob files: numbered, written once, synced before anything refers to them.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::pins::{Pinned, Pins};
use crate::endpoint::index::BlobId;

/// New content that a change may bring into the index. What it does not bring in goes with the drop of this.
pub(crate) enum Content {
    /// No bytes.
    Empty,
    /// Bytes that will lie in the index.
    Small {
        /// The number they get.
        blob: BlobId,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// A file that is on disk already.
    File(PendingBlob),
}

/// The folder of blob files.
#[derive(Debug)]
pub(crate) struct BlobStore {
    root: PathBuf,
    next: AtomicU64,
    pins: Pins,
}

impl BlobStore {
    /// Opens the folder and removes the files that `is_live` does not know: what a crash left behind.
    ///
    /// `last` is the largest number in use. Gives the store and the number of files removed.
    ///
    /// # Errors
    /// The folder cannot be made or read, or `is_live` failed.
    pub(crate) fn open<E: From<io::Error>>(
        root: PathBuf,
        last: u64,
        mut is_live: impl FnMut(BlobId) -> Result<bool, E>,
    ) -> Result<(Arc<Self>, u64), E> {
        fs::create_dir_all(&root)?;
        let (mut last, mut removed) = (last, 0_u64);
        for outer in folders(&root)? {
            for inner in folders(&outer)? {
                for file in fs::read_dir(&inner)? {
                    let file = file?;
                    // Files that we did not name are not ours to remove.
                    let Some(blob) = file.file_name().to_str().and_then(parse_name) else { continue };
                    last = last.max(blob.0);
                    if !is_live(blob)? {
                        fs::remove_file(file.path())?;
                        removed = removed.saturating_add(1);
                    }
                }
            }
        }
        let next = AtomicU64::new(last.saturating_add(1));
        Ok((Arc::new(Self { root, next, pins: Pins::default() }), removed))
    }

    /// A number for new content.
    pub(crate) fn next_id(&self) -> BlobId {
        BlobId(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Makes a new file. Blocking.
    pub(super) fn create(self: &Arc<Self>) -> io::Result<(File, PendingBlob)> {
        let id = self.next_id();
        let path = self.path(id);
        let file = match File::create_new(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.make_folders(&path)?;
                File::create_new(&path)?
            }
            other => other?,
        };
        Ok((file, PendingBlob { store: Arc::clone(self), id, len: 0, kept: false }))
    }

    /// Makes a finished file durable. Blocking.
    pub(super) fn sync(&self, file: &File, id: BlobId) -> io::Result<()> {
        file.sync_data()?;
        // The entry in the folder is data of the folder.
        self.path(id).parent().map_or(Ok(()), sync_folder)
    }

    /// Opens a file to read. Blocking.
    pub(super) fn read(&self, id: BlobId) -> io::Result<File> {
        File::open(self.path(id))
    }

    /// Pins what `look_up` finds, so that it can be read however the index changes meanwhile.
    pub(crate) fn pinned<T, E>(
        self: &Arc<Self>,
        look_up: impl FnOnce() -> Result<(T, Vec<BlobId>), E>,
    ) -> Result<(T, Pinned), E> {
        let _gate = self.pins.gate();
        let (found, blobs) = look_up()?;
        Ok((found, Pinned::new(Arc::clone(self), blobs)))
    }

    /// Removes files that nothing refers to any more, once nobody reads them. Blocking.
    pub(crate) fn discard(&self, dead: &[BlobId]) {
        if !dead.is_empty() {
            for blob in self.pins.doom(dead) {
                self.unlink(blob);
            }
        }
    }

    pub(super) fn pins(&self) -> &Pins {
        &self.pins
    }

    pub(super) fn unlink(&self, blob: BlobId) {
        match fs::remove_file(self.path(blob)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                // Nothing is lost: the next start removes what nothing refers to.
                tracing::warn!(
                    blob = blob.0,
                    error = &error as &dyn std::error::Error,
                    "blob file not removed"
                );
            }
            _ => {}
        }
    }

    /// 1,024 files a folder and 1,024 folders above it; neighbours in time share a folder, so that syncing it is cheap.
    fn path(&self, id: BlobId) -> PathBuf {
        let BlobId(n) = id;
        self.root
            .join(format!("{:04x}", n >> 20))
            .join(format!("{:03x}", (n >> 10) & 0x3ff))
            .join(format!("{n:016x}"))
    }

    fn make_folders(&self, path: &Path) -> io::Result<()> {
        let Some(inner) = path.parent() else { return Ok(()) };
        fs::create_dir_all(inner)?;
        if let Some(outer) = inner.parent() {
            sync_folder(outer)?;
        }
        sync_folder(&self.root)
    }
}

fn folders(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

fn parse_name(name: &str) -> Option<BlobId> {
    (name.len() == 16).then(|| u64::from_str_radix(name, 16).ok().map(BlobId)).flatten()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// A blob file that nothing refers to yet. Dropped without [`keep`](Self::keep), it is removed.
#[derive(Debug)]
pub(crate) struct PendingBlob {
    store: Arc<BlobStore>,
    id: BlobId,
    len: u64,
    kept: bool,
}

impl PendingBlob {
    /// Its number.
    pub(crate) fn id(&self) -> BlobId {
        self.id
    }

    /// Bytes in it.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn grow(&mut self, bytes: u64) {
        self.len = self.len.saturating_add(bytes);
    }

    /// The index refers to it now.
    pub(crate) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for PendingBlob {
    fn drop(&mut self) {
        if !self.kept {
            self.store.unlink(self.id);
        }
    }
}
