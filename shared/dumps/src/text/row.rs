//! One table row or block, as text per field.

use super::dialect::bit;

/// The texts of one record's fields. The buffers are used again for the next row.
#[derive(Debug, Default)]
pub struct Row {
    line: u32,
    cells: Vec<String>,
    seen: u64,
}

impl Row {
    /// A row for this many fields.
    pub fn with_fields(count: usize) -> Self {
        Self { line: 0, cells: vec![String::new(); count], seen: 0 }
    }

    /// The line its warnings carry: the first line of a table row, the line of a block's start key.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The text of a field; empty if the field is not there.
    pub fn get(&self, field: usize) -> &str {
        self.cells.get(field).map_or("", String::as_str)
    }

    /// Empties the row for a record that starts on this line.
    pub fn start(&mut self, line: u32) {
        self.line = line;
        self.seen = 0;
        self.cells.iter_mut().for_each(String::clear);
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
        if !cell.is_empty() && !text.is_empty() {
            cell.push_str(between);
        }
        cell.push_str(text);
    }
}
