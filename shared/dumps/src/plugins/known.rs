//! The keys of the records of one network element (specs: dumps 3.8).

use std::fmt;

use super::key_table::KeyTable;
use crate::records::{Record, Rest};

/// The keys that the files of one plugin have given so far. The records themselves are not kept.
#[derive(Default)]
pub struct KnownKeys {
    keys: KeyTable<Known>,
    /// The file that is read.
    file: u32,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    /// The last file that had the key.
    file: u32,
    /// What the first record with this key in that file was like.
    likeness: u32,
}

/// What a record's key tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The first record with this key.
    New,
    /// An earlier file has a record with this key, this one has not.
    OfEarlierFile,
    /// This file has the same record already.
    Repeated,
    /// This file has another record with this key.
    Differs,
}

impl KnownKeys {
    /// Begins the next file: what only the files before it have is passed over without a warning.
    pub(super) fn next_file(&mut self) {
        self.file = self.file.saturating_add(1);
    }

    /// Notes the key of a record, and tells how it stands.
    pub(super) fn note(&mut self, record: &Record) -> Standing {
        let fresh = Known { file: self.file, likeness: self.keys.likeness(&Rest(record)) };
        let Some(known) = self.keys.note(|out| record.key().encode(out), fresh) else {
            return Standing::New;
        };
        if known.file != fresh.file {
            *known = fresh;
            return Standing::OfEarlierFile;
        }
        if known.likeness == fresh.likeness { Standing::Repeated } else { Standing::Differs }
    }

    /// Whether this file has a record with the key of this one.
    pub(super) fn holds_key_of(&mut self, record: &Record) -> bool {
        self.keys.get(|out| record.key().encode(out)).is_some_and(|known| known.file == self.file)
    }
}

impl fmt::Debug for KnownKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KnownKeys").field("file", &self.file).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::RouterMapRecord;

    fn router(id: u8, name: &str) -> Record {
        Record::RouterMap(RouterMapRecord {
            router_id: [10, 0, 0, id].into(),
            ne_name: name.into(),
            mgmt_ip: None,
            is_local: false,
        })
    }

    #[test]
    fn a_repeated_record_is_told_from_one_that_differs() {
        let mut known = KnownKeys::default();
        assert_eq!(known.note(&router(1, "A")), Standing::New);
        assert_eq!(known.note(&router(2, "A")), Standing::New);
        assert_eq!(known.note(&router(1, "A")), Standing::Repeated);
        assert_eq!(known.note(&router(1, "B")), Standing::Differs);
        assert!(known.holds_key_of(&router(2, "C")) && !known.holds_key_of(&router(3, "A")));
    }

    #[test]
    fn what_an_earlier_file_had_is_told_once_in_each_file() {
        let mut known = KnownKeys::default();
        known.note(&router(1, "A"));
        known.next_file();
        assert!(!known.holds_key_of(&router(1, "A")));
        assert_eq!(known.note(&router(1, "B")), Standing::OfEarlierFile);
        assert_eq!(known.note(&router(1, "B")), Standing::Repeated);
        assert_eq!(known.note(&router(1, "A")), Standing::Differs);
        assert_eq!(known.note(&router(2, "A")), Standing::New);
    }

    #[test]
    fn many_keys_are_kept_apart() {
        let mut known = KnownKeys::default();
        let many = || (0..=u8::MAX).map(|id| router(id, "A"));
        assert!(many().all(|record| known.note(&record) == Standing::New));
        assert!(many().all(|record| known.note(&record) == Standing::Repeated));
    }
}
