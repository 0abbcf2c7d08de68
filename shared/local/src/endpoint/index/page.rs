//! One page of a listing: walks keys, rolls up groups, jumps over them, and stops at the limit.

use super::grouping::{Grouping, after, successor};

/// What a listing asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListQuery {
    /// Only keys that begin with this.
    pub(crate) prefix: String,
    /// Roll up at this; empty rolls nothing up.
    pub(crate) delimiter: String,
    /// Only entries above this key or common prefix.
    pub(crate) marker: Option<String>,
    /// Most entries on the page.
    pub(crate) limit: usize,
}

impl ListQuery {
    pub(super) fn grouping(&self) -> Grouping {
        Grouping { prefix: self.prefix.as_bytes().to_vec(), delimiter: self.delimiter.as_bytes().to_vec() }
    }
}

/// An entry of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry<T> {
    /// A common prefix.
    Group(String),
    /// A key and what it holds.
    Item(String, T),
}

/// A page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page<T> {
    /// Entries in order of key or common prefix.
    pub(crate) entries: Vec<Entry<T>>,
    /// There are more.
    pub(crate) truncated: bool,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), truncated: false }
    }
}

/// Where the walk goes on after an entry.
pub(super) enum Step {
    /// At the next row.
    Next,
    /// At the smallest row of this key or above.
    Seek(Vec<u8>),
    /// Nowhere.
    Stop,
}

/// Collects a page while rows come in key order.
pub(super) struct Collector<T> {
    grouping: Grouping,
    limit: usize,
    page: Page<T>,
}

impl<T> Collector<T> {
    pub(super) fn new(grouping: Grouping, limit: usize) -> Self {
        Self { grouping, limit, page: Page::default() }
    }

    /// Takes a row that is to be listed.
    pub(super) fn take(&mut self, key: &[u8], item: T) -> Step {
        if !key.starts_with(&self.grouping.prefix) {
            // Rows begin at the prefix or above: what lacks it lies behind it.
            return Step::Stop;
        }
        if self.page.entries.len() >= self.limit {
            self.page.truncated = self.limit > 0;
            return Step::Stop;
        }
        if let Some(group) = self.grouping.group(key) {
            self.page.entries.push(Entry::Group(text(group)));
            successor(group).map_or(Step::Stop, Step::Seek)
        } else {
            self.page.entries.push(Entry::Item(text(key), item));
            Step::Next
        }
    }

    /// Whether a row with this key lies behind all that the listing sees.
    pub(super) fn is_past(&self, key: &[u8]) -> bool {
        !key.starts_with(&self.grouping.prefix)
    }

    pub(super) fn finish(self) -> Page<T> {
        self.page
    }
}

/// The step over all further rows of a key.
pub(super) fn past(key: &[u8]) -> Step {
    Step::Seek(after(key))
}

/// Keys came in as text, so nothing is ever lost here.
fn text(key: &[u8]) -> String {
    String::from_utf8_lossy(key).into_owned()
}
