//! Keys that come in a strict order, each told by what it does not share with the one before it.

use std::cmp::Ordering;
use std::mem;

/// A length of so much or more takes four bytes behind this one.
const LONG: u8 = u8::MAX;

/// Keys as bytes, all rising or all falling, with a value each. Of two keys neither may begin with the other.
#[derive(Debug)]
pub(super) struct OrderedKeys<V> {
    /// For each key how many bytes it shares with the one before it, how many it has besides, and these.
    told: Vec<u8>,
    values: Vec<V>,
    last: Vec<u8>,
    /// How each key compares with the one before it, from the second key on.
    order: Ordering,
}

/// Where a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<V> {
    /// It is none of them.
    Nowhere,
    /// It is the last one, which has this value.
    Last(V),
    /// If anywhere, then before the last one.
    AmongEarlier,
}

impl<V> Default for OrderedKeys<V> {
    fn default() -> Self {
        Self { told: Vec::new(), values: Vec::new(), last: Vec::new(), order: Ordering::Equal }
    }
}

impl<V: Copy> OrderedKeys<V> {
    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Adds a key that goes on with the order of those before it, so that it is none of them, and leaves another text in
    /// its place. Tells whether it does.
    #[inline]
    pub fn push(&mut self, key: &mut Vec<u8>, value: V) -> bool {
        let shared = shared(key, &self.last);
        let order = order_behind(key, &self.last, shared);
        match self.len() {
            0 => {}
            1 if order != Ordering::Equal => self.order = order,
            _ if order == self.order && order != Ordering::Equal => {}
            _ => return false,
        }
        let own = key.get(shared..).unwrap_or_default();
        put_length(&mut self.told, shared);
        put_length(&mut self.told, own.len());
        self.told.extend_from_slice(own);
        self.values.push(value);
        mem::swap(&mut self.last, key);
        true
    }

    /// Looks for a key.
    pub fn find(&self, key: &[u8]) -> Found<V> {
        let Some(last) = self.values.last() else { return Found::Nowhere };
        let order = order_behind(key, &self.last, shared(key, &self.last));
        match order {
            Ordering::Equal => Found::Last(*last),
            _ if self.len() == 1 || order == self.order => Found::Nowhere,
            _ => Found::AmongEarlier,
        }
    }

    /// Gives the keys with their values, in their order.
    pub fn each(&self, mut give: impl FnMut(&[u8], V)) {
        let (mut told, mut key) = (self.told.as_slice(), Vec::new());
        for value in &self.values {
            key.truncate(take_length(&mut told));
            let own = take_length(&mut told);
            let (own, behind) = told.split_at_checked(own).unwrap_or((told, &[]));
            key.extend_from_slice(own);
            told = behind;
            give(&key, *value);
        }
    }
}

/// How many bytes two keys have in common at their start.
#[inline]
fn shared(one: &[u8], other: &[u8]) -> usize {
    let (ones, others) = (one.as_chunks::<8>().0, other.as_chunks::<8>().0);
    let mut shared = 0_usize;
    for (one, other) in ones.iter().zip(others) {
        let unlike = u64::from_le_bytes(*one) ^ u64::from_le_bytes(*other);
        if unlike != 0 {
            return shared.saturating_add(unlike.trailing_zeros() as usize / 8);
        }
        shared = shared.saturating_add(8);
    }
    let rest = one.iter().skip(shared).zip(other.iter().skip(shared));
    shared.saturating_add(rest.take_while(|(one, other)| one == other).count())
}

/// How two keys compare that are alike up to this place.
#[inline]
fn order_behind(one: &[u8], other: &[u8], shared: usize) -> Ordering {
    one.get(shared).cmp(&other.get(shared))
}

#[inline]
fn put_length(out: &mut Vec<u8>, length: usize) {
    match u8::try_from(length) {
        Ok(short) if short != LONG => out.push(short),
        _ => {
            out.push(LONG);
            // A key is no longer than a line of a file.
            out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
        }
    }
}

fn take_length(told: &mut &[u8]) -> usize {
    let Some((first, behind)) = told.split_first() else { return 0 };
    *told = behind;
    if *first != LONG {
        return usize::from(*first);
    }
    let Some((long, behind)) = told.split_first_chunk::<4>() else { return 0 };
    *told = behind;
    u32::from_le_bytes(*long) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_that_leaves_the_order_is_refused() {
        let mut keys = OrderedKeys::default();
        let mut push = |key: &str| keys.push(&mut key.as_bytes().to_vec(), ());
        assert_eq!(["b;", "bc;", "bb;", "bc;", "c;"].map(&mut push), [true, true, false, false, true]);
        let (last, between) = (keys.find(b"c;"), keys.find(b"bd;"));
        assert_eq!((last, between, keys.find(b"d;")), (Found::Last(()), Found::AmongEarlier, Found::Nowhere));
    }

    proptest! {
        #[test]
        fn what_went_in_comes_out(
            mut keys in prop::collection::btree_set("(long{80,90}|[ab]{0,12})[a-c]{0,300}", 0..12)
                .prop_map(|keys| keys.into_iter().map(|key| [key.as_bytes(), b"\xff"].concat()).collect::<Vec<_>>()),
            falling in any::<bool>(),
        ) {
            keys.sort();
            if falling {
                keys.reverse();
            }
            let mut ordered = OrderedKeys::default();
            for (number, key) in keys.iter().enumerate() {
                prop_assert_eq!(ordered.find(key), Found::Nowhere);
                prop_assert!(ordered.push(&mut key.clone(), number));
                prop_assert_eq!(ordered.find(key), Found::Last(number));
                prop_assert!(!ordered.push(&mut key.clone(), number));
            }
            let mut found = Vec::new();
            ordered.each(|key, number| found.push((number, key.to_vec())));
            prop_assert_eq!(found, keys.into_iter().enumerate().collect::<Vec<_>>());
        }
    }
}
