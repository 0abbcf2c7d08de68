//! Which file is wanted, which is being read, which is still to come.

use std::collections::{HashMap, HashSet};

use super::PickError;
use crate::{ChainPath, FileHeader, Flow, Interest, Visitor, Warning, WarningCode};

/// A file that is wanted, as the catalogue of an earlier walk has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its place: name, offset and size at every step.
    pub chain: ChainPath,
    /// The CRC of its payload (IEEE polynomial).
    pub crc32: u32,
}

/// Receives wanted files, one after another in archive order. `index` is the place in the list given to
/// [`super::Pick`].
pub trait PickSink {
    /// A wanted file begins.
    fn start(&mut self, index: usize);

    /// Bytes of it, in order.
    fn data(&mut self, index: usize, bytes: &[u8]);

    /// It was read to its end and its CRC is right. Without this call what was handed over must be dropped.
    fn end(&mut self, index: usize);
}

/// The book-keeping of a pick.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) wanted: Vec<Wanted>,
    /// Wanted files not yet read to their end.
    pub(super) open: HashMap<ChainPath, usize>,
    /// Archives that hold wanted files, at any depth below.
    archives: HashSet<ChainPath>,
    current: Option<usize>,
    /// The first damage met.
    pub(super) damage: Option<Warning>,
    pub(super) error: Option<PickError>,
}

impl Desk {
    pub(super) fn new(wanted: Vec<Wanted>) -> Self {
        let mut open = HashMap::with_capacity(wanted.len());
        let mut archives = HashSet::new();
        for (index, file) in wanted.iter().enumerate() {
            open.entry(file.chain.clone()).or_insert(index);
            let mut archive = file.chain.clone();
            while archive.steps.pop().is_some() && !archive.steps.is_empty() {
                archives.insert(archive.clone());
            }
        }
        Self { wanted, open, archives, current: None, damage: None, error: None }
    }
}

/// The desk together with the sink of one call.
pub(super) struct Reader<'a> {
    pub(super) desk: &'a mut Desk,
    pub(super) sink: &'a mut dyn PickSink,
}

impl Visitor for Reader<'_> {
    fn is_target(&self, _basename: &str) -> bool {
        false
    }

    fn archive(&mut self, chain: &ChainPath) -> Interest {
        if self.desk.archives.contains(chain) { Interest::Read } else { Interest::Skip }
    }

    fn file(&mut self, header: FileHeader<'_>) -> Interest {
        self.desk.current = self.desk.open.get(header.chain).copied();
        let Some(index) = self.desk.current else { return Interest::Skip };
        self.sink.start(index);
        Interest::Read
    }

    fn data(&mut self, bytes: &[u8]) {
        if let Some(index) = self.desk.current {
            self.sink.data(index, bytes);
        }
    }

    fn file_end(&mut self, crc32: u32) -> Flow {
        let Some(index) = self.desk.current.take() else { return Flow::Continue };
        let Some(file) = self.desk.wanted.get(index).cloned() else { return Flow::Continue };
        if file.crc32 != crc32 {
            let chain_path = file.chain.joined();
            self.desk.error =
                Some(PickError::CrcMismatch { index, chain_path, expected: file.crc32, actual: crc32 });
            return Flow::Stop;
        }
        self.desk.open.remove(&file.chain);
        self.sink.end(index);
        if self.desk.open.is_empty() { Flow::Stop } else { Flow::Continue }
    }

    fn file_broken(&mut self) {
        self.desk.current = None;
    }

    fn warning(&mut self, warning: Warning) {
        if warning.code == WarningCode::WCorruptMember {
            self.desk.damage.get_or_insert(warning);
        }
    }
}
