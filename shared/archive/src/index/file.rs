//! The index as a file: header, frames, directory, trailer (docs/index-format.md).

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::catalogue::{Members, Records};
use super::directory::{Directory, MAX_DIRECTORY};
use super::model::Frame;
use super::{Checkpoint, StreamRecord};

/// The format this code writes and reads.
pub(super) const FORMAT: u16 = 1;
const MAGIC: [u8; 6] = *b"LFINDX";
/// Magic and format.
pub(super) const HEADER: [u8; 8] = {
    let [a, b, c, d, e, f] = MAGIC;
    let [low, high] = FORMAT.to_le_bytes();
    [a, b, c, d, e, f, low, high]
};
/// Offset, length and raw length of the directory, its digest, and the header again.
const TRAILER_BYTES: usize = 8 + 4 + 4 + 32 + 8;

/// Far more than a walk writes before it gives its index up.
const MAX_FILE: usize = 256 << 20;

/// Why an index cannot be written, or read. An object whose index cannot be read is streamed again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// Not an index, or one of another format.
    #[error("not an index of format {FORMAT}: {0}")]
    Format(String),
    /// It was damaged after it was written.
    #[error("the index is damaged: {0}")]
    Damaged(&'static str),
    /// It says what cannot be.
    #[error("the index contradicts itself: {0}")]
    Malformed(String),
    /// It is larger than any that is written.
    #[error("the index is too large: {what}, {found} over {limit}")]
    Limit {
        /// What is too large.
        what: &'static str,
        /// How large it is.
        found: u64,
        /// How large it may be.
        limit: u64,
    },
    /// It knows no such member.
    #[error("the index has no member {0} of this offset, size and crc")]
    NoMember(String),
    /// Writing failed inside a library.
    #[error("the index cannot be written: {0}")]
    Internal(String),
}

impl IndexError {
    #[expect(clippy::needless_pass_by_value, reason = "made for map_err")]
    pub(super) fn internal(cause: impl ToString) -> Self {
        Self::Internal(cause.to_string())
    }

    #[expect(clippy::needless_pass_by_value, reason = "made for map_err")]
    pub(super) fn malformed(cause: impl ToString) -> Self {
        Self::Malformed(cause.to_string())
    }
}

pub(super) fn trailer(directory: Frame, digest: [u8; 32]) -> Vec<u8> {
    let mut out = Vec::with_capacity(TRAILER_BYTES);
    out.extend_from_slice(&directory.offset.to_le_bytes());
    out.extend_from_slice(&directory.length.to_le_bytes());
    out.extend_from_slice(&directory.raw.to_le_bytes());
    out.extend_from_slice(&digest);
    out.extend_from_slice(&HEADER);
    out
}

/// An index in memory, checked as far as it can be without reading its pages.
#[derive(Debug)]
pub struct Index {
    file: Vec<u8>,
    directory: Directory,
    /// Streams by the stream that holds them and their place in it.
    places: HashMap<(u32, u64), u32>,
}

impl Index {
    /// Reads an index file. It is an input like any other: nothing in it is trusted.
    ///
    /// # Errors
    /// [`IndexError`] for what is no index, damaged, contradictory or too large.
    pub fn parse(file: Vec<u8>) -> Result<Self, IndexError> {
        limit("file", file.len() as u64, MAX_FILE as u64)?;
        let directory = directory(&file)?;
        directory.check()?;
        let nested = (0_u32..).zip(&directory.streams);
        let places =
            nested.filter_map(|(number, stream)| Some(((stream.parent?, stream.offset), number))).collect();
        Ok(Self { file, directory, places })
    }

    /// Reads an index and everything in it, windows and catalogue included.
    ///
    /// # Errors
    /// As [`Index::parse`], for every part.
    pub fn parse_whole(file: Vec<u8>) -> Result<Self, IndexError> {
        let index = Self::parse(file)?;
        for member in index.members() {
            member?;
        }
        for checkpoint in &index.directory.checkpoints {
            index.window(checkpoint)?;
        }
        Ok(index)
    }

    /// The index file again.
    pub fn into_file(self) -> Vec<u8> {
        self.file
    }

    /// The digest of the object's bytes.
    pub fn sha256(&self) -> [u8; 32] {
        self.directory.sha256
    }

    /// Bytes of the object.
    pub fn object_bytes(&self) -> u64 {
        self.directory.object_bytes
    }

    /// Bytes of the index itself.
    pub fn bytes(&self) -> u64 {
        self.file.len() as u64
    }

    /// How many places it knows at which inflating can begin, beside the starts of streams.
    pub fn checkpoints(&self) -> usize {
        self.directory.checkpoints.len()
    }

    /// How many archives it knows, the object itself included.
    pub fn streams(&self) -> usize {
        self.directory.streams.len()
    }

    /// All members at all depths, in the order of their ends.
    pub fn members(&self) -> Members<'_> {
        Members::new(self, self.records())
    }

    pub(crate) fn records(&self) -> Records<'_> {
        Records::new(self, &self.directory.pages)
    }

    pub(crate) fn stream(&self, stream: u32) -> Result<&StreamRecord, IndexError> {
        let found = usize::try_from(stream).ok().and_then(|number| self.directory.streams.get(number));
        found.ok_or_else(|| IndexError::malformed("an archive that is not there"))
    }

    /// The archive at this offset in the tar of a stream.
    pub(crate) fn stream_at(&self, parent: u32, offset: u64) -> Option<u32> {
        self.places.get(&(parent, offset)).copied()
    }

    /// The last checkpoint of a stream at or before an inflated position; none for the stream's start.
    pub(crate) fn checkpoint_before(&self, stream: u32, inflated: u64) -> Option<&Checkpoint> {
        let all = &self.directory.checkpoints;
        let after = all.partition_point(|c| (c.stream, c.inflated) <= (stream, inflated));
        all.get(after.checked_sub(1)?).filter(|checkpoint| checkpoint.stream == stream)
    }

    /// The window of a checkpoint, zstd under it, and its length behind that.
    pub(crate) fn packed_window(&self, checkpoint: &Checkpoint) -> Result<(&[u8], u32), IndexError> {
        let window = &checkpoint.window;
        Ok((self.packed(window)?, window.raw))
    }

    fn window(&self, checkpoint: &Checkpoint) -> Result<Vec<u8>, IndexError> {
        if checkpoint.window.raw == 0 {
            return Ok(Vec::new());
        }
        self.frame(&checkpoint.window)
    }

    /// A part of the file behind zstd.
    pub(super) fn frame(&self, frame: &Frame) -> Result<Vec<u8>, IndexError> {
        unpack(self.packed(frame)?, frame.raw)
    }

    fn packed(&self, frame: &Frame) -> Result<&[u8], IndexError> {
        if frame.raw == 0 {
            return Ok(&[]);
        }
        let start = usize::try_from(frame.offset).unwrap_or(usize::MAX);
        let end = start.saturating_add(frame.length as usize);
        let bytes =
            self.file.get(start..end).ok_or_else(|| IndexError::malformed("a part outside the file"))?;
        if crc32fast::hash(bytes) != frame.crc32 {
            return Err(IndexError::Damaged("crc of a part"));
        }
        Ok(bytes)
    }
}

/// What is behind zstd, which must be exactly `raw` bytes.
pub(crate) fn unpack(packed: &[u8], raw: u32) -> Result<Vec<u8>, IndexError> {
    limit("a part", u64::from(raw), u64::from(MAX_DIRECTORY))?;
    let bytes = zstd::bulk::decompress(packed, raw as usize).map_err(|_| IndexError::Damaged("zstd"))?;
    if bytes.len() == raw as usize { Ok(bytes) } else { Err(IndexError::Damaged("length of a part")) }
}

fn directory(file: &[u8]) -> Result<Directory, IndexError> {
    if file.get(..HEADER.len()) != Some(&HEADER) {
        return Err(IndexError::Format(format!("begins with {:02x?}", file.get(..8).unwrap_or(file))));
    }
    let (body, trailer) = file.split_last_chunk::<TRAILER_BYTES>().ok_or(IndexError::Damaged("cut short"))?;
    let mut rest = trailer.as_slice();
    let offset = u64::from_le_bytes(field(&mut rest)?);
    let (length, raw) = (u32::from_le_bytes(field(&mut rest)?), u32::from_le_bytes(field(&mut rest)?));
    let digest: [u8; 32] = field(&mut rest)?;
    if rest != HEADER {
        return Err(IndexError::Damaged("cut short"));
    }
    let packed = usize::try_from(offset).ok().and_then(|offset| body.get(offset..));
    let packed =
        packed.filter(|packed| packed.len() == length as usize).ok_or(IndexError::Damaged("trailer"))?;
    if <[u8; 32]>::from(Sha256::digest(packed)) != digest {
        return Err(IndexError::Damaged("digest of the directory"));
    }
    postcard::from_bytes(&unpack(packed, raw)?).map_err(IndexError::malformed)
}

/// Cuts a field off the front.
fn field<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], IndexError> {
    let (field, behind) = rest.split_first_chunk::<N>().ok_or(IndexError::Damaged("cut short"))?;
    *rest = behind;
    Ok(*field)
}

pub(super) fn limit(what: &'static str, found: u64, limit: u64) -> Result<(), IndexError> {
    if found <= limit { Ok(()) } else { Err(IndexError::Limit { what, found, limit }) }
}
