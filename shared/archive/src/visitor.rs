//! What a walk tells its caller, as it goes.

use crate::{ChainPath, Warning};

/// A regular file that is no archive, announced before its bytes.
#[derive(Debug, Clone, Copy)]
pub struct FileHeader<'a> {
    /// Where the file stands; its own name, offset and size are the last step.
    pub chain: &'a ChainPath,
}

/// Whether the bytes of a file are wanted. The CRC of every file is taken either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// Hand the bytes to [`Visitor::data`].
    Read,
    /// Only its end is of interest.
    Skip,
}

/// Whether the walk goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// Nothing more is wanted: no further byte needs to be pushed.
    Stop,
}

/// Receives the events of a walk. Calls come in archive order; between [`Visitor::file`] and the end or break
/// of that file no other file is announced, except that a warning may come at any time.
pub trait Visitor {
    /// Whether a file of this basename (lower-cased) is a target of some rule. Asked for a name whose
    /// compression is not opened, to tell a loss from noise.
    fn is_target(&self, basename: &str) -> bool;

    /// A nested archive begins; it is the last step of `chain`. [`Interest::Skip`] passes over it without
    /// opening it: nothing inside is announced, counted or checked.
    fn archive(&mut self, _chain: &ChainPath) -> Interest {
        Interest::Read
    }

    /// A regular file begins. Files ending in `.gz` or `.zip`, which are neither opened nor readable as text,
    /// are not announced.
    fn file(&mut self, header: FileHeader<'_>) -> Interest;

    /// Bytes of the file announced last, in order; only for [`Interest::Read`].
    fn data(&mut self, bytes: &[u8]);

    /// The file announced last was read to its end; `crc32` is of its payload (IEEE polynomial).
    fn file_end(&mut self, crc32: u32) -> Flow;

    /// The file announced last could not be read to its end and is to be forgotten.
    fn file_broken(&mut self);

    /// Something was skipped or found damaged; the walk goes on.
    fn warning(&mut self, warning: Warning);
}
