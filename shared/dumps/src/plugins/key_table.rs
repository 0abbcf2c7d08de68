//! Many keys, each with something small beside it, in little memory.

use std::hash::{BuildHasher, Hash};

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::ordered_keys::{Found, OrderedKeys};

/// Keys as bytes, and what is noted of each. Of two keys neither may begin with the other.
///
/// Nodes list most things in the order of their keys. As long as each key rises above the one before it, or each falls
/// below it, it is new, and costs what it does not share with the one before it. The first that does not moves all to a
/// hash table, where a key costs its bytes and about twice the size of a [`Slot`].
#[derive(Debug)]
pub(super) struct KeyTable<V> {
    index: Index<V>,
    hasher: RandomState,
    /// The key at hand.
    key: Vec<u8>,
}

/// How the keys are found.
#[derive(Debug)]
enum Index<V> {
    /// By their order.
    Ordered(OrderedKeys<V>),
    /// By their hashes.
    Hashed(HashedKeys<V>),
}

/// Keys, one behind the other, and where each of them begins.
#[derive(Debug)]
struct HashedKeys<V> {
    keys: Vec<u8>,
    slots: HashTable<Slot<V>>,
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
        let index = Index::Ordered(OrderedKeys::default());
        Self { index, hasher: RandomState::default(), key: Vec::new() }
    }
}

impl<V: Copy> KeyTable<V> {
    /// Notes a key with a value, unless it was noted before: then gives what is noted of it.
    pub fn note(&mut self, put_key: impl FnOnce(&mut Vec<u8>), value: V) -> Option<&mut V> {
        self.key.clear();
        put_key(&mut self.key);
        if let Index::Ordered(ordered) = &mut self.index {
            if ordered.push(&mut self.key, value) {
                return None;
            }
            self.index = Index::Hashed(HashedKeys::of(ordered, &self.hasher));
        }
        let Index::Hashed(hashed) = &mut self.index else { return None };
        hashed.note(&self.key, fold(self.hasher.hash_one(self.key.as_slice())), value)
    }

    /// What is noted of a key. Nothing is noted.
    pub fn get(&mut self, put_key: impl FnOnce(&mut Vec<u8>)) -> Option<V> {
        self.key.clear();
        put_key(&mut self.key);
        if let Index::Ordered(ordered) = &mut self.index {
            match ordered.find(&self.key) {
                Found::Nowhere => return None,
                Found::Last(value) => return Some(value),
                Found::AmongEarlier => self.index = Index::Hashed(HashedKeys::of(ordered, &self.hasher)),
            }
        }
        let Index::Hashed(hashed) = &self.index else { return None };
        hashed.get(&self.key, fold(self.hasher.hash_one(self.key.as_slice())))
    }

    /// A short hash of anything, for telling it from what else was hashed here.
    pub fn likeness(&self, value: &impl Hash) -> u32 {
        fold(self.hasher.hash_one(value))
    }
}

impl<V: Copy> HashedKeys<V> {
    /// The same keys by their hashes.
    fn of(ordered: &OrderedKeys<V>, hasher: &RandomState) -> Self {
        let slots = HashTable::with_capacity(ordered.len().saturating_add(1));
        let mut hashed = Self { keys: Vec::new(), slots };
        ordered.each(|key, value| {
            hashed.note(key, fold(hasher.hash_one(key)), value);
        });
        hashed
    }

    fn note(&mut self, key: &[u8], hash: u32, value: V) -> Option<&mut V> {
        // Beyond 4 GiB of keys none is noted; no file is that large.
        let at = u32::try_from(self.keys.len()).ok()?;
        let keys = self.keys.as_slice();
        match self.slots.entry(spread(hash), |slot| slot.holds(keys, key), |slot| spread(slot.hash)) {
            Entry::Vacant(entry) => {
                entry.insert(Slot { hash, at, value });
                self.keys.extend_from_slice(key);
                None
            }
            Entry::Occupied(entry) => Some(&mut entry.into_mut().value),
        }
    }

    fn get(&self, key: &[u8], hash: u32) -> Option<V> {
        self.slots.find(spread(hash), |slot| slot.holds(&self.keys, key)).map(|slot| slot.value)
    }
}

impl<V> Slot<V> {
    fn holds(&self, keys: &[u8], key: &[u8]) -> bool {
        keys.get(self.at as usize..).is_some_and(|behind| behind.starts_with(key))
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
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn many_keys_are_kept_apart_with_their_first_value() {
        for order in [|n: u32| n, |n: u32| 4999 - n, |n: u32| n.wrapping_mul(2_654_435_761)] {
            let mut table = KeyTable::default();
            let key = |n: u32| move |out: &mut Vec<u8>| out.extend(order(n).to_be_bytes());
            assert!((0..5000).all(|n| table.note(key(n), n).is_none()));
            assert!((0..5000).all(|n| table.get(key(n)) == Some(n)));
            assert!((0..5000).all(|n| table.note(key(n), 7).copied() == Some(n)));
            assert!(table.get(|out| out.extend(70_000_u32.to_be_bytes())).is_none());
        }
    }

    #[test]
    fn what_is_noted_can_be_changed() {
        let mut table = KeyTable::default();
        let key = |out: &mut Vec<u8>| out.push(1);
        assert!(table.note(key, 'a').is_none());
        *table.note(key, 'b').unwrap() = 'c';
        assert_eq!(table.get(key), Some('c'));
    }

    proptest! {
        #[test]
        fn the_keys_are_those_of_a_map_whatever_their_order(
            sorted in prop::sample::select(vec![None, Some(false), Some(true)]),
            mut keys in prop::collection::vec("[ab]{0,3}", 0..30),
            more in prop::collection::vec("[ab]{0,3}", 0..6),
        ) {
            if let Some(falling) = sorted {
                keys.sort_by(|a, b| if falling { b.cmp(a) } else { a.cmp(b) });
                keys.dedup();
            }
            let put = |key: &str| { let key = key.to_owned(); move |out: &mut Vec<u8>| {
                out.extend(key.bytes().chain([0xff]));
            }};
            let (mut table, mut map) = (KeyTable::default(), HashMap::new());
            for (number, key) in keys.iter().chain(&more).enumerate() {
                prop_assert_eq!(table.get(put(key)), map.get(key).copied());
                prop_assert_eq!(table.note(put(key), number).copied(), map.get(key).copied());
                map.entry(key).or_insert(number);
            }
        }
    }
}
