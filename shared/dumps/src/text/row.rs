//! One table row or block, as text per field.

use super::dialect::bit;
use super::words::{Span, slice};

/// The texts of one record's fields. The buffers are used again for the next row.
#[derive(Debug, Default)]
pub struct Row {
    line: u32,
    /// The line of a table row, then whatever was added.
    text: String,
    /// Where each field's text is.
    cells: Vec<Span>,
    seen: u64,
}

impl Row {
    /// A row for this many fields.
    pub fn with_fields(count: usize) -> Self {
        Self { line: 0, text: String::new(), cells: vec![(0, 0); count], seen: 0 }
    }

    /// The line its warnings carry: the first line of a table row, the line of a block's start key.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The text of a field; empty if the field is not there.
    pub fn get(&self, field: usize) -> &str {
        self.cells.get(field).map_or("", |span| slice(&self.text, *span))
    }

    /// Empties the row for a record that starts on this line.
    pub fn start(&mut self, line: u32) {
        self.start_of(line, "");
    }

    /// As [`Row::start`], for a record whose fields are parts of `text`: see [`Row::place`].
    pub(super) fn start_of(&mut self, line: u32, text: &str) {
        self.line = line;
        self.seen = 0;
        self.text.clear();
        self.text.push_str(text);
        self.cells.fill((0, 0));
    }

    /// Sets a field to a part of the text the row was started with.
    pub(super) fn place(&mut self, field: usize, span: Span) {
        if let Some(cell) = self.cells.get_mut(field) {
            *cell = span;
        }
    }

    /// Sets a field unless it was set before, also to nothing: the first occurrence wins. Tells whether it did.
    pub fn set_first(&mut self, field: usize, text: &str) -> bool {
        if self.seen & bit(field) != 0 {
            return false;
        }
        self.seen |= bit(field);
        self.append(field, text, "");
        true
    }

    /// Adds to a field, with `between` if there is text already.
    pub fn append(&mut self, field: usize, text: &str, between: &str) {
        let Some(cell) = self.cells.get_mut(field) else {
            return;
        };
        let (from, to) = *cell;
        if from == to {
            *cell = (self.text.len(), self.text.len().saturating_add(text.len()));
            self.text.push_str(text);
            return;
        }
        if to != self.text.len() {
            // Other text stands behind it: it moves to the end, where it can grow.
            let start = self.text.len();
            self.text.extend_from_within(from..to);
            cell.0 = start;
        }
        if !text.is_empty() {
            self.text.push_str(between);
            self.text.push_str(text);
        }
        cell.1 = self.text.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_grows_wherever_its_text_stands() {
        let mut row = Row::with_fields(3);
        row.start_of(7, "one two");
        row.place(0, (0, 3));
        row.place(1, (4, 7));
        row.append(0, "more", " ");
        row.append(1, "", " ");
        row.append(2, "new", " ");
        row.append(1, "2", "-");
        assert_eq!([0, 1, 2].map(|field| row.get(field)), ["one more", "two-2", "new"]);
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
        assert_eq!(row.get(0), "");
    }
}
