//! One table row or block, as text per field.

use super::dialect::bit;
use super::words::{Span, slice};

/// The texts of one record's fields. They are borrowed from the file where they stand there in one piece. The buffers
/// are used again for the next row.
#[derive(Debug, Default)]
pub struct Row<'t> {
    line: u32,
    cells: Vec<Cell<'t>>,
    /// Texts that were copied or put together.
    copies: String,
    seen: u64,
}

/// The text of a field.
#[derive(Debug, Clone, Copy)]
enum Cell<'t> {
    /// As it stands in the file.
    Borrowed(&'t str),
    /// A part of the row's copies.
    Copied(Span),
}

impl<'t> Row<'t> {
    /// A row for this many fields.
    pub fn with_fields(count: usize) -> Self {
        Self { line: 0, cells: vec![Cell::Borrowed(""); count], copies: String::new(), seen: 0 }
    }

    /// The line its warnings carry: the first line of a table row, the line of a block's start key.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The text of a field; empty if the field is not there.
    pub fn get(&self, field: usize) -> &str {
        match self.cells.get(field) {
            Some(Cell::Borrowed(text)) => text,
            Some(Cell::Copied(span)) => slice(&self.copies, *span),
            None => "",
        }
    }

    /// Empties the row for a record that starts on this line.
    pub fn start(&mut self, line: u32) {
        self.line = line;
        self.seen = 0;
        self.copies.clear();
        self.cells.fill(Cell::Borrowed(""));
    }

    /// Sets a field, whatever it was.
    pub(super) fn place(&mut self, field: usize, text: &'t str) {
        if let Some(cell) = self.cells.get_mut(field) {
            *cell = Cell::Borrowed(text);
        }
    }

    /// Sets a field unless it was set before, also to nothing: the first occurrence wins. Tells whether it did.
    pub fn set_first(&mut self, field: usize, text: &'t str) -> bool {
        let is_first = self.see(field);
        if is_first {
            self.place(field, text);
        }
        is_first
    }

    /// As [`Row::set_first`], of a text that does not last as long as the row.
    pub fn copy_first(&mut self, field: usize, text: &str) -> bool {
        let is_first = self.see(field);
        if is_first {
            self.append(field, text, "");
        }
        is_first
    }

    /// Notes a field as set. Tells whether it was not before.
    fn see(&mut self, field: usize) -> bool {
        let is_first = self.seen & bit(field) == 0;
        self.seen |= bit(field);
        is_first
    }

    /// Adds to a field, with `between` if there is text already.
    pub fn append(&mut self, field: usize, text: &str, between: &str) {
        let Some(cell) = self.cells.get_mut(field).filter(|_| !text.is_empty()) else {
            return;
        };
        let mut start = self.copies.len();
        match *cell {
            Cell::Borrowed(before) => self.copies.push_str(before),
            Cell::Copied((from, to)) if to == start => start = from,
            // Other text stands behind it: it moves to the end, where it can grow.
            Cell::Copied((from, to)) => self.copies.extend_from_within(from..to),
        }
        if start < self.copies.len() {
            self.copies.push_str(between);
        }
        self.copies.push_str(text);
        *cell = Cell::Copied((start, self.copies.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_grows_wherever_its_text_stands() {
        let mut row = Row::with_fields(3);
        row.start(7);
        row.place(0, "one");
        assert!(row.copy_first(1, "two"));
        row.append(0, "more", " ");
        row.append(1, "", " ");
        row.append(2, "new", " ");
        row.append(1, "2", "-");
        row.append(1, "3", "-");
        assert_eq!([0, 1, 2].map(|field| row.get(field)), ["one more", "two-2-3", "new"]);
        assert_eq!(row.line(), 7);
        row.start(8);
        assert_eq!([0, 1, 2].map(|field| row.get(field)), ["", "", ""]);
    }

    #[test]
    fn the_first_text_of_a_field_wins_also_if_it_is_empty() {
        let mut row = Row::with_fields(1);
        row.start(1);
        assert!(row.set_first(0, ""));
        assert!(!row.set_first(0, "late"));
        assert!(!row.copy_first(0, "later"));
        assert_eq!(row.get(0), "");
    }
}
