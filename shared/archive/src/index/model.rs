//! What an index holds.

use serde::{Deserialize, Serialize};

use crate::ChainPath;

/// How dense an index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexOptions {
    /// Inflated bytes after which the next place to begin from is looked for: what is inflated in vain before a
    /// target, at every level.
    pub block_bytes: u64,
    /// Inflated bytes between two checkpoints that are kept in any case: what is inflated in vain before any other
    /// member, at every level.
    pub span_bytes: u64,
    /// Bytes that an index may have; one that grows larger is given up.
    pub max_bytes: u64,
}

impl Default for IndexOptions {
    fn default() -> Self {
        Self { block_bytes: 256 << 10, span_bytes: 4 << 20, max_bytes: 32 << 20 }
    }
}

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemberKind {
    /// A regular file.
    File,
    /// A nested archive, as it stands in the archive that holds it.
    Archive,
}

/// A member of an object, at any depth, as an index knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Where it stands; its own name, offset and size are the last step.
    pub chain: ChainPath,
    /// What it is.
    pub kind: MemberKind,
    /// The CRC of its payload (IEEE polynomial).
    pub crc32: u32,
    /// How many bytes of the object are needed to read it to its end.
    pub object_end: u64,
    /// The stream whose tar holds it.
    pub(crate) stream: u32,
}

/// A member as the catalogue stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MemberRecord {
    /// The stream whose tar holds it.
    pub(crate) stream: u32,
    pub(crate) name: String,
    /// Of the first payload byte in that tar.
    pub(crate) offset: u64,
    pub(crate) size: u64,
    pub(crate) crc32: u32,
    pub(crate) object_end: u64,
    /// The stream that it is itself, if it was opened as an archive.
    pub(crate) opened: Option<u32>,
}

/// How a stream's tar is made of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StreamKind {
    /// The bytes are the tar.
    Plain,
    /// The bytes are inflated.
    Gzip,
}

/// The object itself or a nested archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StreamRecord {
    /// The stream whose tar holds it; none for the object itself. Always one of those before it.
    pub(crate) parent: Option<u32>,
    /// Of its first byte in that tar.
    pub(crate) offset: u64,
    pub(crate) size: u64,
    pub(crate) kind: StreamKind,
}

/// How a stream goes on at a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Origin {
    /// With a gzip member: nothing else is needed.
    Member,
    /// With a block of deflate, of which the byte before holds `bits` high bits of this value, and a window.
    Block { bits: u8, value: u8 },
}

/// A place in a gzip stream at which inflating can begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    pub(crate) stream: u32,
    /// Bytes of the stream before it.
    pub(crate) position: u64,
    /// Inflated bytes before it.
    pub(crate) inflated: u64,
    pub(crate) origin: Origin,
    /// Where the window stands in the index file; empty if none of it is referred to.
    pub(crate) window: Frame,
}

/// A part of the index file, zstd under it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Frame {
    pub(crate) offset: u64,
    /// Bytes in the file.
    pub(crate) length: u32,
    /// Bytes behind zstd.
    pub(crate) raw: u32,
    /// Of the bytes in the file.
    pub(crate) crc32: u32,
}
