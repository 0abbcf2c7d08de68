//! The catalogue of an index: every member, page by page.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::model::{Frame, Member};
use super::{Index, IndexError, MemberKind, MemberRecord};
use crate::{ChainPath, Step};

/// A page is closed when it is this large, before compression.
const PAGE_BYTES: usize = 64 << 10;

/// One entry of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum CatalogueRecord {
    /// The name of a stream, before all that stands in it.
    Archive {
        /// Its number.
        stream: u32,
        name: String,
    },
    /// A member that was read to its end.
    Member(MemberRecord),
}

/// The page being written.
#[derive(Debug, Default)]
pub(super) struct Page {
    raw: Vec<u8>,
}

impl Page {
    /// Adds a record; true if the page is full.
    pub(super) fn add(&mut self, record: &CatalogueRecord) -> Result<bool, IndexError> {
        self.raw =
            postcard::to_extend(record, std::mem::take(&mut self.raw)).map_err(IndexError::internal)?;
        Ok(self.raw.len() >= PAGE_BYTES)
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.raw)
    }

    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.raw.capacity()
    }
}

/// The records of an index in the order in which they were written.
#[derive(Debug)]
pub(crate) struct Records<'i> {
    index: &'i Index,
    pages: std::slice::Iter<'i, Frame>,
    page: Vec<u8>,
    at: usize,
}

impl<'i> Records<'i> {
    pub(super) fn new(index: &'i Index, pages: &'i [Frame]) -> Self {
        Self { index, pages: pages.iter(), page: Vec::new(), at: 0 }
    }

    fn read(&mut self) -> Result<Option<CatalogueRecord>, IndexError> {
        while self.at >= self.page.len() {
            let Some(frame) = self.pages.next() else { return Ok(None) };
            self.page = self.index.frame(frame)?;
            self.at = 0;
        }
        let rest = self.page.get(self.at..).unwrap_or_default();
        let (record, behind) = postcard::take_from_bytes(rest).map_err(IndexError::malformed)?;
        self.at = self.page.len().saturating_sub(behind.len());
        Ok(Some(record))
    }
}

impl Iterator for Records<'_> {
    type Item = Result<CatalogueRecord, IndexError>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.read().transpose();
        if matches!(record, Some(Err(_))) {
            // A broken page has no next record.
            self.pages = [].iter();
            self.page.clear();
        }
        record
    }
}

/// The members of an object, at all depths, in the order of their ends.
#[derive(Debug)]
pub struct Members<'i> {
    records: Records<'i>,
    index: &'i Index,
    /// The names of the streams met so far.
    names: HashMap<u32, String>,
}

impl<'i> Members<'i> {
    pub(super) fn new(index: &'i Index, records: Records<'i>) -> Self {
        Self { records, index, names: HashMap::new() }
    }

    fn member(&self, record: MemberRecord) -> Result<Member, IndexError> {
        let MemberRecord { stream, name, offset, size, crc32, object_end, opened } = record;
        let chain = self.chain(stream, Step { path: name, offset, size })?;
        let kind = if opened.is_some() { MemberKind::Archive } else { MemberKind::File };
        Ok(Member { chain, kind, crc32, object_end, stream })
    }

    /// The way to a member of a stream.
    fn chain(&self, mut stream: u32, member: Step) -> Result<ChainPath, IndexError> {
        let mut steps = vec![member];
        loop {
            let record = self.index.stream(stream)?;
            // A parent stands before what is in it: this ends.
            let Some(parent) = record.parent else { break };
            let name = self.names.get(&stream);
            let path = name.cloned().ok_or_else(|| IndexError::malformed("a member before its archive"))?;
            steps.push(Step { path, offset: record.offset, size: record.size });
            stream = parent;
        }
        steps.reverse();
        Ok(ChainPath { steps })
    }
}

impl Iterator for Members<'_> {
    type Item = Result<Member, IndexError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.records.next()? {
                Ok(CatalogueRecord::Archive { stream, name }) => {
                    self.names.insert(stream, name);
                }
                Ok(CatalogueRecord::Member(record)) => return Some(self.member(record)),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
