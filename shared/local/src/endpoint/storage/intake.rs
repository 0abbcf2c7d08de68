//! Takes a body in: small ones into memory, others straight to a file.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use s3s::StdError;
use tokio::task::JoinHandle;

use super::blobs::{BlobStore, Content, PendingBlob};
use super::checksums::{Expected, Hashing};
use crate::endpoint::index::Checksum;
use crate::endpoint::refusal::Refusal;

/// Contents up to this many bytes lie in the index: a put costs one commit and no file.
const SMALL: usize = 64 * 1024;
/// Bytes that are collected before a thread hashes and writes them.
const BLOCK: usize = 512 * 1024;
/// S3's limit for one request.
const LIMIT: u64 = 5 * 1024 * 1024 * 1024;

/// A body that was taken in and found right.
pub(crate) struct Received {
    /// The content, durable if it is a file.
    pub(crate) content: Content,
    /// Its MD5.
    pub(crate) md5: [u8; 16],
    /// The checksum the client sent.
    pub(crate) checksum: Option<Checksum>,
}

/// A body could not be taken in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IntakeError {
    /// It is not what was announced.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The connection or the signature of the body broke.
    #[error("the body cannot be read")]
    Body(#[source] StdError),
    /// The disk failed.
    #[error("the content cannot be written")]
    Disk(#[from] io::Error),
}

/// Receives `body`, checks it against `expected` and makes it durable.
///
/// Memory: at most two blocks and what the connection holds.
///
/// # Errors
/// See [`IntakeError`]; nothing is left behind.
pub(crate) async fn receive(
    store: &Arc<BlobStore>,
    mut body: impl Stream<Item = Result<Bytes, StdError>> + Unpin,
    expected: Expected,
) -> Result<Received, IntakeError> {
    if expected.length.is_some_and(|length| length > LIMIT) {
        return Err(Refusal::TooLarge { limit: LIMIT }.into());
    }
    let mut head = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(IntakeError::Body)?;
        if head.len().saturating_add(chunk.len()) > SMALL {
            let first = [Bytes::from(head), chunk];
            return receive_file(store, first, body, expected).await;
        }
        head.extend_from_slice(&chunk);
    }
    let mut hashing = expected.hashing();
    hashing.update(&head);
    let (md5, checksum) = expected.check(hashing)?;
    let content =
        if head.is_empty() { Content::Empty } else { Content::Small { blob: store.next_id(), bytes: head } };
    Ok(Received { content, md5, checksum })
}

async fn receive_file(
    store: &Arc<BlobStore>,
    first: [Bytes; 2],
    mut body: impl Stream<Item = Result<Bytes, StdError>> + Unpin,
    expected: Expected,
) -> Result<Received, IntakeError> {
    let mut spool = Spool::new(store, &expected);
    for chunk in first {
        spool.push(chunk).await?;
    }
    while let Some(chunk) = body.next().await {
        spool.push(chunk.map_err(IntakeError::Body)?).await?;
    }
    let (blob, hashing) = spool.finish(Arc::clone(store)).await?;
    let (md5, checksum) = expected.check(hashing)?;
    Ok(Received { content: Content::File(blob), md5, checksum })
}

/// A file being written by threads, a block at a time, while the next block comes in.
struct Spool {
    writing: JoinHandle<io::Result<Writing>>,
    block: Vec<Bytes>,
    held: usize,
    total: u64,
}

struct Writing {
    file: File,
    blob: PendingBlob,
    hashing: Hashing,
}

impl Writing {
    fn write(mut self, block: &[Bytes]) -> io::Result<Self> {
        for bytes in block {
            self.hashing.update(bytes);
            self.file.write_all(bytes)?;
            self.blob.grow(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        }
        Ok(self)
    }
}

impl Spool {
    fn new(store: &Arc<BlobStore>, expected: &Expected) -> Self {
        let (store, hashing) = (Arc::clone(store), expected.hashing());
        let writing = tokio::task::spawn_blocking(move || {
            let (file, blob) = store.create()?;
            Ok(Writing { file, blob, hashing })
        });
        Self { writing, block: Vec::new(), held: 0, total: 0 }
    }

    async fn push(&mut self, chunk: Bytes) -> Result<(), IntakeError> {
        let len = chunk.len();
        self.total = self.total.saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
        if self.total > LIMIT {
            return Err(Refusal::TooLarge { limit: LIMIT }.into());
        }
        self.block.push(chunk);
        self.held = self.held.saturating_add(len);
        if self.held >= BLOCK { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), IntakeError> {
        let writing = joined((&mut self.writing).await)?;
        let block = std::mem::take(&mut self.block);
        self.held = 0;
        self.writing = tokio::task::spawn_blocking(move || writing.write(&block));
        Ok(())
    }

    async fn finish(mut self, store: Arc<BlobStore>) -> Result<(PendingBlob, Hashing), IntakeError> {
        self.flush().await?;
        let Writing { file, blob, hashing } = joined(self.writing.await)?;
        debug_assert_eq!(hashing.size(), blob.len());
        let synced = tokio::task::spawn_blocking(move || {
            store.sync(&file, blob.id())?;
            Ok(blob)
        });
        Ok((joined(synced.await)?, hashing))
    }
}

fn joined<T>(result: Result<io::Result<T>, tokio::task::JoinError>) -> io::Result<T> {
    result.map_err(io::Error::other)?
}
