//! The records of one file, each key once (specs: dumps 3.8).

use super::known::{KnownKeys, Standing};
use super::reading::TakeRecords;
use crate::records::Record;
use crate::text::{WarningCode, Warnings};

/// Records that are handed on together.
const AT_ONCE: usize = 64;

/// Hands the records of a file on and tells duplicates. Holds few of them at a time.
pub struct Collector<'a> {
    known: &'a mut KnownKeys,
    out: &'a mut TakeRecords<'a>,
    /// Records that were not handed on yet.
    ready: Vec<Record>,
    /// Whether the last of them is one that an earlier file has, and is not handed on.
    passes_last: bool,
    count: u64,
}

impl<'a> Collector<'a> {
    /// For the next file of a plugin.
    pub fn new(known: &'a mut KnownKeys, out: &'a mut TakeRecords<'a>) -> Self {
        known.next_file();
        Self { known, out, ready: Vec::new(), passes_last: false, count: 0 }
    }

    /// Adds a record that starts on this line, or warns that its key was there before. Answers with the record if
    /// the file has its key for the first time, whether or not an earlier file has it.
    #[inline]
    pub fn push(&mut self, record: Record, line: u32, warnings: &mut Warnings) -> Option<&Record> {
        self.push_unique(record);
        let code = match self.known.note(self.ready.last()?) {
            Standing::New => return self.ready.last(),
            Standing::OfEarlierFile => {
                self.passes_last = true;
                return self.ready.last();
            }
            Standing::Repeated => WarningCode::DupRow,
            Standing::Differs => WarningCode::DupKey,
        };
        self.ready.pop();
        warnings.add(code, line);
        None
    }

    /// Adds a record whose key no other record can have.
    #[inline]
    pub fn push_unique(&mut self, record: Record) {
        self.settle_last();
        if self.ready.len() >= AT_ONCE {
            self.hand_on();
        }
        self.ready.push(record);
    }

    /// The record that was added last. Its key must not be changed.
    pub fn last_mut(&mut self) -> Option<&mut Record> {
        self.ready.last_mut()
    }

    /// Whether a record of this file has the key of this one.
    pub fn holds_key_of(&mut self, record: &Record) -> bool {
        self.known.holds_key_of(record)
    }

    /// Hands on what is left, and tells how many records there were that no earlier file has.
    pub fn finish(mut self) -> u64 {
        self.settle_last();
        self.hand_on();
        self.count
    }

    fn settle_last(&mut self) {
        if std::mem::take(&mut self.passes_last) {
            self.ready.pop();
        }
    }

    fn hand_on(&mut self) {
        if !self.ready.is_empty() {
            self.count = self.count.saturating_add(self.ready.len() as u64);
            (self.out)(&mut self.ready);
            self.ready.clear();
        }
    }
}
