//! Many keys, each with something small beside it, in little memory.

use std::cmp::Ordering;
use std::hash::{BuildHasher, Hash};

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// Keys as bytes, kept one behind the other, and what is noted of each. Of two keys neither may begin with the other.
///
/// Nodes list most things in the order of their keys. As long as each key rises above the one before it, or each falls
/// below it, it is new, and costs its bytes and a [`Place`]. The first that does not moves all to a hash table, where a
/// key costs its bytes and about twice the size of a [`Slot`].
#[derive(Debug)]
pub(super) struct KeyTable<V> {
    keys: Vec<u8>,
    index: Index<V>,
    hasher: RandomState,
}

/// How the keys are found.
#[derive(Debug)]
enum Index<V> {
    /// By their order.
    Sorted(Sorted<V>),
    /// By their hashes.
    Hashed(HashTable<Slot<V>>),
}

/// Keys that came in a strict order.
#[derive(Debug)]
struct Sorted<V> {
    places: Vec<Place<V>>,
    /// How each key compares with the one before it, from the second key on.
    order: Ordering,
}

#[derive(Debug, Clone, Copy)]
struct Place<V> {
    /// Where the key begins.
    at: u32,
    value: V,
}

#[derive(Debug, Clone, Copy)]
struct Slot<V> {
    hash: u32,
    place: Place<V>,
}

impl<V> Default for KeyTable<V> {
    fn default() -> Self {
        let sorted = Sorted { places: Vec::new(), order: Ordering::Equal };
        Self { keys: Vec::new(), index: Index::Sorted(sorted), hasher: RandomState::default() }
    }
}

impl<V: Copy> KeyTable<V> {
    /// Notes a key with a value, unless it was noted before: then gives what is noted of it.
    pub fn note(&mut self, put_key: impl FnOnce(&mut Vec<u8>), value: V) -> Option<&mut V> {
        // Beyond 4 GiB of keys none is noted; no file is that large.
        let place = Place { at: u32::try_from(self.keys.len()).ok()?, value };
        put_key(&mut self.keys);
        let (keys, key) = self.keys.split_at_checked(place.start())?;
        if let Index::Sorted(sorted) = &mut self.index {
            if sorted.goes_on(keys, key) {
                sorted.places.push(place);
                return None;
            }
            self.index = Index::Hashed(sorted.hashed(keys, &self.hasher));
        }
        let Index::Hashed(slots) = &mut self.index else { return None };
        let hash = fold(self.hasher.hash_one(key));
        let is_key = |slot: &Slot<V>| slot.place.holds(keys, key);
        match slots.entry(spread(hash), is_key, |slot| spread(slot.hash)) {
            Entry::Vacant(entry) => {
                entry.insert(Slot { hash, place });
                None
            }
            Entry::Occupied(entry) => {
                self.keys.truncate(place.start());
                Some(&mut entry.into_mut().place.value)
            }
        }
    }

    /// What is noted of a key. Nothing is noted.
    pub fn get(&mut self, put_key: impl FnOnce(&mut Vec<u8>)) -> Option<V> {
        let start = self.keys.len();
        put_key(&mut self.keys);
        let (keys, key) = self.keys.split_at_checked(start)?;
        let found = match &self.index {
            Index::Sorted(sorted) => sorted.find(keys, key),
            Index::Hashed(slots) => {
                let hash = spread(fold(self.hasher.hash_one(key)));
                slots.find(hash, |slot| slot.place.holds(keys, key)).map(|slot| slot.place)
            }
        };
        self.keys.truncate(start);
        found.map(|place| place.value)
    }

    /// A short hash of anything, for telling it from what else was hashed here.
    pub fn likeness(&self, value: &impl Hash) -> u32 {
        fold(self.hasher.hash_one(value))
    }
}

impl<V: Copy> Sorted<V> {
    /// Whether a key goes on with the order of those before it, so that it is none of them.
    fn goes_on(&mut self, keys: &[u8], key: &[u8]) -> bool {
        let Some(last) = self.places.last() else { return true };
        let order = key.cmp(keys.get(last.start()..).unwrap_or_default());
        if self.places.len() == 1 {
            self.order = order;
        }
        order == self.order && order != Ordering::Equal
    }

    fn find(&self, keys: &[u8], key: &[u8]) -> Option<Place<V>> {
        let is_before = |place: &Place<V>| key.cmp(place.key(keys, key.len())) == self.order;
        if self.places.last().is_none_or(|last| self.order != Ordering::Equal && is_before(last)) {
            return None;
        }
        let found = self.places.partition_point(|place| self.order != Ordering::Equal && is_before(place));
        self.places.get(found).filter(|place| place.holds(keys, key)).copied()
    }

    /// The same keys by their hashes.
    fn hashed(&self, keys: &[u8], hasher: &RandomState) -> HashTable<Slot<V>> {
        let mut slots = HashTable::with_capacity(self.places.len().saturating_add(1));
        let ends = self.places.iter().skip(1).map(Place::start).chain([keys.len()]);
        for (place, end) in self.places.iter().zip(ends) {
            let hash = fold(hasher.hash_one(keys.get(place.start()..end).unwrap_or_default()));
            slots.insert_unique(spread(hash), Slot { hash, place: *place }, |slot| spread(slot.hash));
        }
        slots
    }
}

impl<V> Place<V> {
    const fn start(&self) -> usize {
        self.at as usize
    }

    /// So many bytes of the key, and of what stands behind it.
    fn key<'k>(&self, keys: &'k [u8], length: usize) -> &'k [u8] {
        let behind = keys.get(self.start()..).unwrap_or_default();
        behind.get(..length).unwrap_or(behind)
    }

    fn holds(&self, keys: &[u8], key: &[u8]) -> bool {
        self.key(keys, key.len()) == key
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
