//! One level of a positioned read: a stream from some place on, and the pieces wanted of its tar.

use std::sync::Arc;
use std::vec::IntoIter;

use super::reader::SeekError;
use super::recipe::{Node, Piece, RecipeError, Start, What};
use crate::feed::take_up_to;
use crate::gzip::{BlockStart, GzipStream, Progress};
use crate::index::unpack;
use crate::pick::PickSink;

/// What all levels of a read share.
pub(super) struct Context<'a> {
    pub(super) nodes: &'a Arc<[Node]>,
    pub(super) sink: &'a mut dyn PickSink,
    pub(super) inflated: u64,
}

/// A stream that is being read.
#[derive(Debug)]
pub(super) struct NodeReader {
    /// None for a plain tar.
    gzip: Option<Box<GzipStream>>,
    /// Bytes of the tar passed so far.
    position: u64,
    pieces: IntoIter<Piece>,
    open: Option<Open>,
}

/// The piece at hand and the bytes still missing of it.
#[derive(Debug)]
struct Open {
    left: u64,
    offset: u64,
    what: OpenWhat,
}

#[derive(Debug)]
enum OpenWhat {
    Member { index: usize, expected: u32, crc: crc32fast::Hasher },
    Archive(Box<NodeReader>),
}

impl NodeReader {
    pub(super) fn new(node: &Node) -> Result<Self, SeekError> {
        let gzip = match &node.start {
            Start::Plain => None,
            Start::Member { position } => Some(GzipStream::at_member(*position)),
            Start::Block { position, bits, value, window, raw } => {
                let start = BlockStart { position: *position, bits: *bits, value: *value };
                let window =
                    if *raw == 0 { Vec::new() } else { unpack(window, *raw).map_err(RecipeError::new)? };
                Some(GzipStream::resumed(start, &window).map_err(RecipeError::new)?)
            }
        };
        Ok(Self {
            gzip: gzip.map(Box::new),
            position: node.from,
            pieces: node.pieces.clone().into_iter(),
            open: None,
        })
    }

    /// Takes the next bytes of the stream. True once all pieces were read.
    pub(super) fn feed(&mut self, mut bytes: &[u8], context: &mut Context<'_>) -> Result<bool, SeekError> {
        let Some(mut gzip) = self.gzip.take() else { return self.tar(bytes, context) };
        let done = loop {
            let progress = gzip.advance(&mut bytes, usize::MAX);
            match progress.map_err(|damage| SeekError::Damaged { text: damage.to_string() })? {
                Progress::Hungry => break false,
                // Trailers are passed over: the CRC of the member decides.
                Progress::BadTrailer(_) => {}
                Progress::Output(length) => {
                    context.inflated = context.inflated.saturating_add(length as u64);
                    if self.tar(gzip.output(), context)? {
                        break true;
                    }
                }
            }
        };
        self.gzip = Some(gzip);
        Ok(done)
    }

    /// Takes the next bytes of the tar.
    fn tar(&mut self, mut data: &[u8], context: &mut Context<'_>) -> Result<bool, SeekError> {
        loop {
            let Some(open) = &mut self.open else {
                let Some(piece) = self.pieces.next() else { return Ok(true) };
                self.open = Some(Open::begin(&piece, context)?);
                continue;
            };
            let skipped = take_up_to(&mut data, open.offset.saturating_sub(self.position)).len();
            self.position = self.position.saturating_add(skipped as u64);
            if self.position < open.offset {
                return Ok(false);
            }
            let part = take_up_to(&mut data, open.left);
            self.position = self.position.saturating_add(part.len() as u64);
            open.left = open.left.saturating_sub(part.len() as u64);
            if open.take(part, context)? {
                self.open = None;
            } else if data.is_empty() {
                return Ok(false);
            }
        }
    }
}

impl Open {
    fn begin(piece: &Piece, context: &mut Context<'_>) -> Result<Self, SeekError> {
        let what = match piece.what {
            What::Member { index, crc32 } => {
                let index = usize::try_from(index).unwrap_or(usize::MAX);
                context.sink.start(index);
                OpenWhat::Member { index, expected: crc32, crc: crc32fast::Hasher::new() }
            }
            What::Archive { node } => {
                let node = usize::try_from(node).ok().and_then(|node| context.nodes.get(node));
                let node = node.ok_or_else(|| RecipeError::new("an archive that is not there"))?;
                OpenWhat::Archive(Box::new(NodeReader::new(node)?))
            }
        };
        Ok(Self { left: piece.length, offset: piece.offset, what })
    }

    /// Takes the next bytes of the piece. True once nothing more of it is needed.
    fn take(&mut self, part: &[u8], context: &mut Context<'_>) -> Result<bool, SeekError> {
        match &mut self.what {
            OpenWhat::Archive(archive) => {
                let done = archive.feed(part, context)?;
                if !done && self.left == 0 {
                    return Err(SeekError::Damaged {
                        text: "an archive ends before its member does".to_owned(),
                    });
                }
                Ok(done)
            }
            OpenWhat::Member { index, expected, crc } => {
                crc.update(part);
                if !part.is_empty() {
                    context.sink.data(*index, part);
                }
                if self.left > 0 {
                    return Ok(false);
                }
                let actual = crc.clone().finalize();
                if actual != *expected {
                    return Err(SeekError::Crc { index: *index, expected: *expected, actual });
                }
                context.sink.end(*index);
                Ok(true)
            }
        }
    }
}
