//! The keys of the records of one network element (specs: dumps 3.8).

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::records::Record;

/// The keys that the files of one plugin have given so far. Records themselves are not kept: about 16 bytes and the
/// bytes of its key for each.
#[derive(Debug, Default)]
pub struct KnownKeys {
    table: HashTable<Known>,
    /// The keys one behind the other.
    keys: Vec<u8>,
    hasher: RandomState,
    /// The file that is read.
    file: u32,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    hash: u32,
    /// Where the key begins.
    at: u32,
    /// The last file that had it.
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
        let fresh = Known { likeness: fold(self.hasher.hash_one(record)), ..self.put_key(record) };
        let length = self.keys.len();
        let key = self.keys.get(fresh.start()..).unwrap_or_default();
        let entry = self.table.entry(
            fresh.spread(),
            |known| self.keys.get(known.start()..known.start().saturating_add(key.len())) == Some(key),
            Known::spread,
        );
        let mut entry = match entry {
            // A key that reaches beyond 4 GiB of keys is not kept; no file is that large.
            Entry::Vacant(_) if u32::try_from(length).is_err() => return Standing::New,
            Entry::Vacant(entry) => {
                entry.insert(fresh);
                return Standing::New;
            }
            Entry::Occupied(entry) => entry,
        };
        let known = entry.get_mut();
        self.keys.truncate(fresh.start());
        if known.file != fresh.file {
            (known.file, known.likeness) = (fresh.file, fresh.likeness);
            return Standing::OfEarlierFile;
        }
        if known.likeness == fresh.likeness { Standing::Repeated } else { Standing::Differs }
    }

    /// Whether this file has a record with the key of this one.
    pub(super) fn holds_key_of(&mut self, record: &Record) -> bool {
        let sought = self.put_key(record);
        let key = self.keys.get(sought.start()..).unwrap_or_default();
        let found = self.table.find(sought.spread(), |known| {
            self.keys.get(known.start()..known.start().saturating_add(key.len())) == Some(key)
        });
        let holds = found.is_some_and(|known| known.file == self.file);
        self.keys.truncate(sought.start());
        holds
    }

    /// Puts the key of a record behind the others.
    fn put_key(&mut self, record: &Record) -> Known {
        let at = self.keys.len();
        record.key().encode(&mut self.keys);
        let hash = self.hasher.hash_one(self.keys.get(at..).unwrap_or_default());
        Known { hash: fold(hash), at: u32::try_from(at).unwrap_or(u32::MAX), file: self.file, likeness: 0 }
    }
}

impl Known {
    const fn start(&self) -> usize {
        self.at as usize
    }

    /// The hash as the table wants it, with its bits at both ends.
    fn spread(&self) -> u64 {
        u64::from(self.hash) << 32 | u64::from(self.hash)
    }
}

/// Half of a hash that has the bits of both.
fn fold(hash: u64) -> u32 {
    let [a, b, c, d, e, f, g, h] = hash.to_le_bytes();
    u32::from_le_bytes([a, b, c, d]) ^ u32::from_le_bytes([e, f, g, h])
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
