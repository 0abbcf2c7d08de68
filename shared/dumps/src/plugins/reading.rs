//! What a file is read with, besides its bytes.

use super::collect::Collector;
use super::known::KnownKeys;
use super::plugin::ParseContext;
use crate::records::Record;

/// Takes some records, in the order of the file. What it leaves in the vector is dropped.
pub type TakeRecords<'a> = dyn FnMut(&mut Vec<Record>) + 'a;

/// The reading of one file: what the parser is told, and where its records go.
pub struct Reading<'a> {
    /// What the parser is told.
    pub context: &'a ParseContext,
    /// Where its records go.
    pub records: Collector<'a>,
}

impl<'a> Reading<'a> {
    /// Of files with common keys the first has them: `known` holds the keys of the files read before, and those of
    /// this one afterwards.
    pub fn new(context: &'a ParseContext, known: &'a mut KnownKeys, out: &'a mut TakeRecords<'_>) -> Self {
        Self { context, records: Collector::new(known, out) }
    }
}
