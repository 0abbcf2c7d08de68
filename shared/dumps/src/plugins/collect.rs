//! The records of one file, each key once (specs: dumps 3.8).

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crate::records::Record;
use crate::text::{WarningCode, Warnings};

/// Collects records and tells duplicates. Keys are compared in place, not stored a second time.
#[derive(Debug, Default)]
pub(super) struct Collector {
    records: Vec<Record>,
    hasher: RandomState,
    /// The first record with this hash of its key.
    first: HashMap<u64, usize>,
    /// Records whose hash an unlike key had before them; next to never any.
    clashes: Vec<usize>,
}

impl Collector {
    /// Adds a record that starts on this line and answers with it, or warns that its key was there before.
    pub fn push(&mut self, record: Record, line: u32, warnings: &mut Warnings) -> Option<&Record> {
        if let Some(earlier) = self.earlier(&record) {
            let code = if *earlier == record { WarningCode::DupRow } else { WarningCode::DupKey };
            warnings.add(code, line);
            return None;
        }
        let index = self.records.len();
        let hash = self.hasher.hash_one(record.key());
        if *self.first.entry(hash).or_insert(index) != index {
            self.clashes.push(index);
        }
        self.records.push(record);
        self.records.last()
    }

    /// The record that was added last. Its key must not be changed.
    pub fn last_mut(&mut self) -> Option<&mut Record> {
        self.records.last_mut()
    }

    /// Whether a record with the key of this one was added.
    pub fn holds_key_of(&self, record: &Record) -> bool {
        self.earlier(record).is_some()
    }

    /// The records, in the order they came.
    pub fn into_records(self) -> Vec<Record> {
        self.records
    }

    fn earlier(&self, record: &Record) -> Option<&Record> {
        let key = record.key();
        let first = self.first.get(&self.hasher.hash_one(&key))?;
        std::iter::once(first)
            .chain(&self.clashes)
            .filter_map(|index| self.records.get(*index))
            .find(|earlier| earlier.key() == key)
    }
}
