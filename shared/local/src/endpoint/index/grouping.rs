//! Prefix and delimiter: which keys a listing sees, and which it rolls up.

/// The part of the key space that a listing walks through, and how it groups what it finds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Grouping {
    /// Only keys that begin with this.
    pub(super) prefix: Vec<u8>,
    /// Keys that hold this after the prefix are rolled up to their common prefix; empty groups nothing.
    pub(super) delimiter: Vec<u8>,
}

impl Grouping {
    /// The common prefix that `key` belongs to, delimiter included.
    pub(super) fn group<'k>(&self, key: &'k [u8]) -> Option<&'k [u8]> {
        if self.delimiter.is_empty() {
            return None;
        }
        let rest = key.strip_prefix(self.prefix.as_slice())?;
        let at = rest.windows(self.delimiter.len()).position(|window| window == self.delimiter)?;
        let len = self.prefix.len().checked_add(at)?.checked_add(self.delimiter.len())?;
        key.get(..len)
    }

    /// The smallest key a listing that goes on after `marker` may see; `None` if there can be none.
    ///
    /// A marker inside a group, or the group's own name, skips the whole group: its name is not above the marker.
    pub(super) fn resume(&self, marker: Option<&[u8]>) -> Option<Vec<u8>> {
        let start = match marker {
            None => Vec::new(),
            Some(marker) => match self.group(marker) {
                Some(group) => successor(group)?,
                None => after(marker),
            },
        };
        Some(start.max(self.prefix.clone()))
    }
}

/// The smallest key above `key`.
pub(super) fn after(key: &[u8]) -> Vec<u8> {
    let mut next = Vec::with_capacity(key.len().saturating_add(1));
    next.extend_from_slice(key);
    next.push(0);
    next
}

/// The smallest key above all keys that begin with `prefix`; `None` if there is none.
pub(super) fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut next = prefix.to_vec();
    while let Some(last) = next.pop() {
        if let Some(more) = last.checked_add(1) {
            next.push(more);
            return Some(next);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slash(prefix: &str) -> Grouping {
        Grouping { prefix: prefix.into(), delimiter: b"/".to_vec() }
    }

    #[test]
    fn a_key_belongs_to_the_first_delimiter_after_the_prefix() {
        assert_eq!(slash("").group(b"a/b/c"), Some(b"a/".as_slice()));
        assert_eq!(slash("a/").group(b"a/b/c"), Some(b"a/b/".as_slice()));
        assert_eq!(slash("a/").group(b"a/b"), None);
        assert_eq!(slash("").group(b"//"), Some(b"/".as_slice()));
    }

    #[test]
    fn a_listing_goes_on_behind_the_group_of_its_marker() {
        assert_eq!(slash("").resume(Some(b"a/b")), Some(b"a0".to_vec()));
        assert_eq!(slash("").resume(Some(b"a")), Some(b"a\0".to_vec()));
        assert_eq!(slash("b").resume(Some(b"a")), Some(b"b".to_vec()));
        assert_eq!(slash("").resume(None), Some(Vec::new()));
    }

    #[test]
    fn the_successor_of_a_prefix_carries() {
        assert_eq!(successor(b"a\xff"), Some(b"b".to_vec()));
        assert_eq!(successor(b"\xff\xff"), None);
    }
}
