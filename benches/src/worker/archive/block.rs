//! Memory that a file is read into.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

/// Bytes of a line of the processor's cache.
const LINE: usize = 64;

/// A block at the start of a cache line.
///
/// The allocator puts a large block 16 bytes behind the start of a page. Into that place, from the start of a page of the
/// page cache, AMD processors of this kind copy three times slower than elsewhere; the peers' blocks stand elsewhere.
pub(super) struct Block {
    memory: Vec<u8>,
    start: usize,
}

impl Block {
    /// Of so many bytes.
    pub(super) fn of(length: usize) -> Self {
        let memory = vec![0; length.saturating_add(LINE)];
        let start = memory.as_ptr().align_offset(LINE).min(LINE);
        Self { memory, start }
    }

    /// The next bytes of a file; none at its end.
    pub(super) fn next(&mut self, file: &mut File) -> io::Result<&[u8]> {
        let block = self.block();
        let length = file.read(block)?;
        Ok(block.get(..length).unwrap_or_default())
    }

    /// The bytes of a file from `offset` on, as many as the block has.
    pub(super) fn exact(&mut self, file: &File, offset: u64) -> io::Result<&[u8]> {
        let block = self.block();
        file.read_exact_at(block, offset)?;
        Ok(block)
    }

    fn block(&mut self) -> &mut [u8] {
        let end = self.memory.len().saturating_sub(LINE).saturating_add(self.start);
        self.memory.get_mut(self.start..end).unwrap_or_default()
    }
}
