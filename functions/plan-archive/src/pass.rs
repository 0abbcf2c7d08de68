//! The one pass: the object's bytes in order, through SHA-256 on a thread of its own and the walk on another.

use bytes::Bytes;
use landfall_archive::{IndexBuilder, IndexOptions, Limits, OuterEnd, Stats, Walk, WalkError};
use landfall_domain::Sha256Digest;
use landfall_dumps::capture_time::Window;
use landfall_dumps::catalogue::{Catalogue, Contents};
use landfall_dumps::plugins::Registry;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};

/// Blocks that may wait for a thread; with the store's window this bounds the memory of a pass.
const WAITING_BLOCKS: usize = 2;

/// What a pass found out.
#[derive(Debug)]
pub struct Passage {
    /// Digest of all bytes.
    pub sha256: Sha256Digest,
    /// Target files and warnings.
    pub contents: Contents,
    /// How the outer object ended.
    pub end: OuterEnd,
    /// Bytes in and out.
    pub stats: PassStats,
    /// Where every member stands; none if it could not be written.
    pub index: Option<Vec<u8>>,
}

/// Bytes of a pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PassStats {
    /// Bytes of the object.
    pub consumed: u64,
    /// Bytes inflated at all levels.
    pub inflated: u64,
    /// Entries of all levels.
    pub entries: u64,
}

impl From<Stats> for PassStats {
    fn from(stats: Stats) -> Self {
        Self { consumed: stats.consumed, inflated: stats.inflated, entries: stats.entries }
    }
}

/// Why a pass gives nothing.
#[derive(Debug, thiserror::Error)]
pub enum PassError {
    /// The object cannot be walked; it is to be quarantined.
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// One of the two threads is gone.
    #[error("a thread of the planning pass ended early")]
    Thread(#[from] JoinError),
}

/// What the walk's thread hands back.
#[derive(Debug)]
struct Walked {
    contents: Contents,
    end: OuterEnd,
    stats: PassStats,
    index: Option<IndexBuilder>,
}

/// A pass under way. Push the object's blocks in order, then finish.
#[derive(Debug)]
pub struct Pass {
    to_walk: mpsc::Sender<Bytes>,
    to_hash: mpsc::Sender<Bytes>,
    walk: JoinHandle<Result<Walked, WalkError>>,
    hash: JoinHandle<Sha256Digest>,
}

impl Pass {
    /// Starts both threads.
    pub fn start(limits: Limits, registry: Arc<Registry>, window: Window) -> Self {
        let (to_walk, blocks) = mpsc::channel(WAITING_BLOCKS);
        let walk = tokio::task::spawn_blocking(move || run_walk(limits, registry, window, blocks));
        let (to_hash, blocks) = mpsc::channel(WAITING_BLOCKS);
        let hash = tokio::task::spawn_blocking(move || run_hash(blocks));
        Self { to_walk, to_hash, walk, hash }
    }

    /// Takes the next block. False once the walk has failed: no further block is needed.
    pub async fn push(&self, block: Bytes) -> bool {
        // The hash is kept from running ahead: both queues are short.
        let (walked, _) = tokio::join!(self.to_walk.send(block.clone()), self.to_hash.send(block));
        walked.is_ok()
    }

    /// All blocks were pushed.
    pub async fn finish(self) -> Result<Passage, PassError> {
        drop((self.to_walk, self.to_hash));
        let Walked { contents, end, stats, index } = self.walk.await??;
        let sha256 = self.hash.await?;
        let index = index.and_then(|index| match index.finish(*sha256.as_bytes(), stats.consumed) {
            Ok(index) => Some(index),
            Err(error) => {
                tracing::warn!("the archive is read without an index: {error}");
                None
            }
        });
        Ok(Passage { sha256, contents, end, stats, index })
    }
}

fn run_walk(
    limits: Limits,
    registry: Arc<Registry>,
    window: Window,
    mut blocks: mpsc::Receiver<Bytes>,
) -> Result<Walked, WalkError> {
    let mut walk = Walk::with_index(limits, IndexOptions::default());
    let mut catalogue = Catalogue::new(registry, window);
    while let Some(block) = blocks.blocking_recv() {
        walk.push(&block, &mut catalogue)?;
    }
    let end = walk.finish(&mut catalogue)?;
    let stats = walk.stats().into();
    Ok(Walked { contents: catalogue.finish(), end: end.outer, stats, index: walk.take_index() })
}

fn run_hash(mut blocks: mpsc::Receiver<Bytes>) -> Sha256Digest {
    let mut hash = Sha256::new();
    while let Some(block) = blocks.blocking_recv() {
        hash.update(&block);
    }
    Sha256Digest::from_bytes(hash.finalize().into())
}
