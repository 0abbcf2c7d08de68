//! Many keys, each with something small beside it, in little memory.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// Keys as bytes, kept one behind the other, and what is noted of each. A key costs its bytes and about twice the size
/// of a [`Slot`]. Of two keys neither may begin with the other.
#[derive(Debug)]
pub(super) struct KeyTable<V> {
    slots: HashTable<Slot<V>>,
    keys: Vec<u8>,
    hasher: RandomState,
}

#[derive(Debug, Clone, Copy)]
struct Slot<V> {
    hash: u32,
    /// Where the key begins.
    at: u32,
    value: V,
}

impl<V> Default for KeyTable<V> {
    fn default() -> Self {
        Self { slots: HashTable::new(), keys: Vec::new(), hasher: RandomState::default() }
    }
}

impl<V: Copy> KeyTable<V> {
    /// Notes a key with a value, unless it was noted before: then gives what is noted of it.
    pub fn note(&mut self, put_key: impl FnOnce(&mut Vec<u8>), value: V) -> Option<&mut V> {
        let start = self.keys.len();
        put_key(&mut self.keys);
        let key = self.keys.get(start..).unwrap_or_default();
        let hash = fold(self.hasher.hash_one(key));
        let is_key =
            |slot: &Slot<V>| self.keys.get(slot.start()..slot.start().saturating_add(key.len())) == Some(key);
        let Ok(at) = u32::try_from(start) else {
            // Beyond 4 GiB of keys none is noted; no file is that large.
            self.keys.truncate(start);
            return None;
        };
        match self.slots.entry(spread(hash), is_key, |slot| spread(slot.hash)) {
            Entry::Vacant(entry) => {
                entry.insert(Slot { hash, at, value });
                None
            }
            Entry::Occupied(entry) => {
                self.keys.truncate(start);
                Some(&mut entry.into_mut().value)
            }
        }
    }

    /// What is noted of a key.
    pub fn get(&self, put_key: impl FnOnce(&mut Vec<u8>)) -> Option<V> {
        let mut key = Vec::new();
        put_key(&mut key);
        let hash = spread(fold(self.hasher.hash_one(key.as_slice())));
        let is_key = |slot: &Slot<V>| {
            self.keys.get(slot.start()..slot.start().saturating_add(key.len())) == Some(&key)
        };
        self.slots.find(hash, is_key).map(|slot| slot.value)
    }

    /// A short hash of anything, for telling it from what else was hashed here.
    pub fn likeness(&self, value: &impl std::hash::Hash) -> u32 {
        fold(self.hasher.hash_one(value))
    }
}

impl<V> Slot<V> {
    const fn start(&self) -> usize {
        self.at as usize
    }
}

/// A short hash as the table wants it, with its bits at both ends.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

/// A hash in half its bits.
#[expect(clippy::cast_possible_truncation, reason = "the upper half has been mixed into the lower one")]
const fn fold(hash: u64) -> u32 {
    (hash ^ (hash >> 32)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_keys_are_kept_apart_with_their_first_value() {
        let mut table = KeyTable::default();
        let key = |n: u32| move |out: &mut Vec<u8>| out.extend(n.to_le_bytes());
        assert!((0..5000).all(|n| table.note(key(n), n).is_none()));
        assert!((0..5000).all(|n| table.note(key(n), 7).copied() == Some(n)));
        assert_eq!((table.get(key(4999)), table.get(key(5000))), (Some(4999), None));
    }

    #[test]
    fn what_is_noted_can_be_changed() {
        let mut table = KeyTable::default();
        let key = |out: &mut Vec<u8>| out.push(1);
        assert!(table.note(key, 'a').is_none());
        *table.note(key, 'b').unwrap() = 'c';
        assert_eq!(table.get(key), Some('c'));
    }
}
