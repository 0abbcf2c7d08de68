//! Streams the content of a version: large blocks, one read ahead.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::Stream;
use s3s::StdError;
use s3s::stream::{ByteStream, RemainingLength};
use tokio::task::JoinHandle;

use super::pins::Pinned;
use crate::endpoint::index::{BlobId, Segment};

/// Bytes read at once.
const BLOCK: u64 = 512 * 1024;

/// A run of bytes to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Bytes that were in the index.
    Memory(Bytes),
    /// A part of a blob file.
    File {
        /// The blob.
        blob: BlobId,
        /// First byte.
        offset: u64,
        /// Number of bytes.
        len: u64,
    },
}

/// The part of `segments` that holds the bytes `range` of their whole.
pub(crate) fn cut(segments: &[Segment], range: &Range<u64>) -> Vec<Segment> {
    let mut at = 0_u64;
    let mut found = Vec::new();
    for segment in segments {
        let end = at.saturating_add(segment.len);
        let (from, to) = (range.start.max(at), range.end.min(end));
        if from < to {
            found.push(Segment {
                offset: segment.offset.saturating_add(from.saturating_sub(at)),
                len: to.saturating_sub(from),
                ..*segment
            });
        }
        at = end;
    }
    found
}

/// The stream. Nothing of it can change under the reader: blobs are never rewritten, and pinned ones stay.
pub(crate) struct Download {
    pieces: VecDeque<Piece>,
    /// The file that stands where the first piece goes on.
    open: Option<File>,
    reading: Option<Reading>,
    remaining: u64,
    pinned: Arc<Pinned>,
}

struct Reading {
    task: JoinHandle<io::Result<(Bytes, File)>>,
    /// More of the same piece follows.
    goes_on: bool,
}

impl Download {
    /// Streams `pieces` one after the other.
    pub(crate) fn new(pieces: Vec<Piece>, pinned: Pinned) -> Self {
        let remaining = pieces.iter().fold(0_u64, |sum, piece| sum.saturating_add(piece.len()));
        Self { pieces: pieces.into(), open: None, reading: None, remaining, pinned: Arc::new(pinned) }
    }

    /// Begins to read the next block if it is in a file and no read is under way.
    fn read_ahead(&mut self) {
        if self.reading.is_some() {
            return;
        }
        let Some(Piece::File { blob, offset, len }) = self.pieces.front_mut() else { return };
        let (id, at, now) = (*blob, *offset, (*len).min(BLOCK));
        *offset = offset.saturating_add(now);
        *len = len.saturating_sub(now);
        let goes_on = *len > 0;
        if !goes_on {
            self.pieces.pop_front();
        }
        let (pinned, open) = (Arc::clone(&self.pinned), self.open.take());
        let task = tokio::task::spawn_blocking(move || {
            let mut file = if let Some(file) = open {
                file
            } else {
                let mut file = pinned.store().read(id)?;
                file.seek(SeekFrom::Start(at))?;
                file
            };
            read_block(&mut file, now).map(|bytes| (bytes, file))
        });
        self.reading = Some(Reading { task, goes_on });
    }

    fn sent(&mut self, bytes: &Bytes) {
        self.remaining = self.remaining.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    }
}

impl Piece {
    fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Self::File { len, .. } => *len,
        }
    }
}

fn read_block(file: &mut File, len: u64) -> io::Result<Bytes> {
    let mut bytes = Vec::with_capacity(usize::try_from(len).map_err(io::Error::other)?);
    let read = file.take(len).read_to_end(&mut bytes)?;
    if u64::try_from(read).ok() == Some(len) {
        Ok(bytes.into())
    } else {
        // Breaks the connection: better no answer than a short one.
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, "blob file is shorter than the index says"))
    }
}

impl Stream for Download {
    type Item = Result<Bytes, StdError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        this.read_ahead();
        if let Some(reading) = &mut this.reading {
            let read = std::task::ready!(Pin::new(&mut reading.task).poll(cx));
            let goes_on = reading.goes_on;
            this.reading = None;
            let (bytes, file) = match read.map_err(io::Error::other).flatten() {
                Ok(read) => read,
                Err(error) => return Poll::Ready(Some(Err(error.into()))),
            };
            this.open = goes_on.then_some(file);
            this.read_ahead();
            this.sent(&bytes);
            return Poll::Ready(Some(Ok(bytes)));
        }
        match this.pieces.pop_front() {
            Some(Piece::Memory(bytes)) => {
                this.sent(&bytes);
                Poll::Ready(Some(Ok(bytes)))
            }
            _ => Poll::Ready(None),
        }
    }
}

impl ByteStream for Download {
    fn remaining_length(&self) -> RemainingLength {
        usize::try_from(self.remaining)
            .map_or_else(|_| RemainingLength::unknown(), RemainingLength::new_exact)
    }
}
