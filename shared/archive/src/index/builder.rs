//! Writing an index while a walk goes on.

use sha2::{Digest, Sha256};
use zstd::bulk::Compressor;

use super::catalogue::{CatalogueRecord, Page};
use super::directory::Directory;
use super::file::{HEADER, IndexError, trailer};
use super::model::Frame;
use super::place::{Place, Ripening};
use super::{Checkpoint, MemberRecord, StreamRecord};

/// Of the windows and of the catalogue.
const LEVEL: i32 = 3;

/// An index in the making: what is finished stands compressed in `file`, the small rest in memory.
pub struct IndexBuilder {
    file: Vec<u8>,
    streams: Vec<StreamRecord>,
    checkpoints: Vec<Checkpoint>,
    pages: Vec<Frame>,
    page: Page,
    zstd: Option<Compressor<'static>>,
    max_bytes: u64,
    failed: Option<IndexError>,
}

impl std::fmt::Debug for IndexBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IndexBuilder").field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}

impl IndexBuilder {
    /// The index of an object that was not read yet.
    pub(super) fn new(max_bytes: u64) -> Self {
        Self {
            file: HEADER.to_vec(),
            streams: Vec::new(),
            checkpoints: Vec::new(),
            pages: Vec::new(),
            page: Page::default(),
            zstd: None,
            max_bytes,
            failed: None,
        }
    }

    /// Bytes that the index has so far, those in memory only included.
    pub fn bytes(&self) -> u64 {
        let records = self.streams.len().saturating_mul(size_of::<StreamRecord>());
        let checkpoints = self.checkpoints.len().saturating_mul(size_of::<Checkpoint>());
        self.file.len().saturating_add(records).saturating_add(checkpoints) as u64
    }

    /// The whole index file, bound to the object with this digest and length.
    ///
    /// # Errors
    /// [`IndexError::Limit`] if it grew too large, [`IndexError::Internal`] if there was no memory to compress a part.
    pub fn finish(mut self, sha256: [u8; 32], object_bytes: u64) -> Result<Vec<u8>, IndexError> {
        self.turn_page();
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.checkpoints.sort_by_key(|checkpoint| (checkpoint.stream, checkpoint.position));
        if let Some(outer) = self.streams.first_mut() {
            outer.size = object_bytes;
        }
        let directory = Directory {
            sha256,
            object_bytes,
            streams: std::mem::take(&mut self.streams),
            checkpoints: std::mem::take(&mut self.checkpoints),
            pages: std::mem::take(&mut self.pages),
        };
        let raw = postcard::to_stdvec(&directory).map_err(IndexError::internal)?;
        let frame = self.append(&raw);
        if let Some(error) = self.failed {
            return Err(error);
        }
        let from = usize::try_from(frame.offset).unwrap_or(usize::MAX);
        let digest = Sha256::digest(self.file.get(from..).unwrap_or_default());
        self.file.extend_from_slice(&trailer(frame, digest.into()));
        Ok(self.file)
    }

    /// Bytes of buffers held.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        let streams = self.streams.capacity() * size_of::<StreamRecord>();
        let checkpoints = self.checkpoints.capacity() * size_of::<Checkpoint>();
        let pages = self.pages.capacity() * size_of::<Frame>();
        self.file.capacity() + self.page.held() + streams + checkpoints + pages
    }

    /// Gives a stream its number.
    pub(super) fn stream(&mut self, record: StreamRecord) -> u32 {
        let number = u32::try_from(self.streams.len()).unwrap_or(u32::MAX);
        if self.failed.is_none() {
            self.streams.push(record);
            self.check_size();
        }
        number
    }

    /// The name of a stream, before its members.
    pub(super) fn name(&mut self, stream: u32, name: &str) {
        self.record(&CatalogueRecord::Archive { stream, name: name.to_owned() });
    }

    pub(super) fn member(&mut self, member: MemberRecord) {
        self.record(&CatalogueRecord::Member(member));
    }

    /// Makes a checkpoint of a ripe place.
    pub(super) fn checkpoint(&mut self, place: &Place, ripe: Ripening) {
        if self.failed.is_some() {
            return;
        }
        let window = self.window(ripe);
        let &Place { stream, position, inflated, origin, .. } = place;
        self.checkpoints.push(Checkpoint { stream, position, inflated, origin, window });
        self.check_size();
    }

    /// What is referred to of a window; where nothing was noted, nothing is.
    fn window(&mut self, mut ripe: Ripening) -> Frame {
        let thin = ripe.references.map(|references| references.thin(&mut ripe.window)).unwrap_or_default();
        if thin.is_empty() { Frame::default() } else { self.append(thin) }
    }

    fn record(&mut self, record: &CatalogueRecord) {
        if self.failed.is_some() {
            return;
        }
        match self.page.add(record) {
            Ok(false) => {}
            Ok(true) => self.turn_page(),
            Err(error) => self.fail(error),
        }
    }

    fn turn_page(&mut self) {
        let raw = self.page.take();
        if !raw.is_empty() {
            let frame = self.append(&raw);
            self.pages.push(frame);
            self.check_size();
        }
    }

    /// Compresses `raw` to the end of the file.
    fn append(&mut self, raw: &[u8]) -> Frame {
        let compressed = self.zstd().and_then(|zstd| zstd.compress(raw).map_err(IndexError::internal));
        let compressed = match compressed {
            Ok(compressed) => compressed,
            Err(error) => {
                self.fail(error);
                return Frame::default();
            }
        };
        let frame = Frame {
            offset: self.file.len() as u64,
            length: u32::try_from(compressed.len()).unwrap_or(u32::MAX),
            raw: u32::try_from(raw.len()).unwrap_or(u32::MAX),
            crc32: crc32fast::hash(&compressed),
        };
        self.file.extend_from_slice(&compressed);
        frame
    }

    /// Made with the first thing to compress, then used again.
    fn zstd(&mut self) -> Result<&mut Compressor<'static>, IndexError> {
        match &mut self.zstd {
            Some(zstd) => Ok(zstd),
            none => Ok(none.insert(Compressor::new(LEVEL).map_err(IndexError::internal)?)),
        }
    }

    fn check_size(&mut self) {
        let (found, limit) = (self.bytes(), self.max_bytes);
        if found > limit {
            self.fail(IndexError::Limit { what: "the whole", found, limit });
        }
    }

    /// The first failure is told at the end; a walk goes on without its index.
    fn fail(&mut self, error: IndexError) {
        self.failed.get_or_insert(error);
        (self.file, self.streams, self.checkpoints, self.pages) = Default::default();
    }
}
