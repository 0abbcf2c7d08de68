//! The key and value layout (specs: dumps 3.6).

use super::dialect::Dialect;
use super::row::Row;

/// The longest key, in characters.
const MAX_KEY: usize = 40;

/// One line of the form `KEY : VALUE` or `KEY = VALUE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyValue<'t> {
    /// The key without blanks around it.
    pub key: &'t str,
    /// The value without blanks around it; may be empty.
    pub value: &'t str,
    /// The column of the value in characters, from 0. With no value, where one would stand.
    pub column: usize,
}

impl<'t> KeyValue<'t> {
    /// Reads a line. `None` if it has another form.
    pub fn read(line: &'t str) -> Option<Self> {
        let start = line.trim_start_matches(' ');
        if !start.starts_with(char::is_alphanumeric) {
            return None;
        }
        let (key, rest) = start.split_at_checked(start.find([':', '='])?)?;
        let value = rest.get(1..)?;
        let key = key.trim_end_matches(' ');
        let fits = (value.is_empty() || value.starts_with(' '))
            && (key.len() <= MAX_KEY || key.chars().count() <= MAX_KEY)
            && key.chars().all(is_key);
        if !fits {
            return None;
        }
        let value = value.trim_start_matches(' ');
        let before = line.len().saturating_sub(value.len());
        let column = line.get(..before).map_or(0, |head| head.chars().count());
        // An empty value would stand one blank behind the separator.
        let column = if value.is_empty() { column.saturating_add(1) } else { column };
        Some(Self { key, value: value.trim_end_matches(' '), column })
    }
}

fn is_key(c: char) -> bool {
    c.is_alphanumeric() || " /_.()#%-".contains(c)
}

/// What became of a line inside or outside a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It belongs to the block or is ignored.
    Taken,
    /// It is no key and value and continues nothing.
    Unparsed,
}

/// Collects the lines of one block into a row.
#[derive(Debug)]
pub(super) struct Block<'d> {
    dialect: &'d Dialect,
    row: Row<'static>,
    open: bool,
    /// Where the last value stands, and which field it went to, if any.
    last: Option<(usize, Option<usize>)>,
}

impl<'d> Block<'d> {
    pub fn new(dialect: &'d Dialect) -> Self {
        let row = Row::with_fields(dialect.grammar().fields.len());
        Self { dialect, row, open: false, last: None }
    }

    /// The row of the open block.
    pub fn row(&self) -> Option<&Row<'_>> {
        self.open.then_some(&self.row)
    }

    /// Ends the block: keys before the next start key are ignored.
    pub fn close(&mut self) {
        self.open = false;
    }

    /// Opens a block at its start key. The block before must have been taken.
    pub fn open(&mut self, line: u32, pair: &KeyValue<'_>, field: usize) {
        self.row.start(line);
        self.open = true;
        self.row.copy_first(field, pair.value);
        self.last = Some((pair.column, Some(field)));
    }

    /// Takes a pair that opens no block.
    pub fn pair(&mut self, pair: &KeyValue<'_>, field: Option<usize>) {
        let kept = field.filter(|field| self.open && self.row.copy_first(*field, pair.value));
        self.last = Some((pair.column, kept));
    }

    /// Takes a line that is no pair: it continues the last value if it is indented at least as far.
    pub fn other(&mut self, line: &str) -> Step {
        if !self.open {
            return Step::Taken;
        }
        let text = line.trim_start_matches(' ');
        let indent = line.len().saturating_sub(text.len());
        match self.last {
            Some((column, field)) if indent >= column => {
                if let Some(field) = field {
                    self.row.append(field, text, " ");
                }
                Step::Taken
            }
            _ => Step::Unparsed,
        }
    }

    /// The field with this key.
    pub fn field(&self, key: &str) -> Option<usize> {
        self.dialect.field(key)
    }

    /// Whether a field is the start key.
    pub fn starts_at(&self, field: usize) -> bool {
        self.dialect.starts_block(Some(field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_ends_its_key_at_the_separator_before_a_blank() {
        let read = |line| KeyValue::read(line).map(|kv| (kv.key, kv.value, kv.column));
        assert_eq!(read("Node Name    : HEL"), Some(("Node Name", "HEL", 15)));
        assert_eq!(read("  Type= x = y"), Some(("Type", "x = y", 8)));
        assert_eq!(read("Age (s) :"), Some(("Age (s)", "", 10)));
        assert_eq!(read("Übertrag : ä"), Some(("Übertrag", "ä", 11)));
        assert_eq!(read("10:20"), None);
        assert_eq!(read("Time 10:20 : x"), None);
        assert_eq!(read("a,b : x"), None);
        assert_eq!(read("- x : y"), None);
        assert_eq!(read(" : y"), None);
        let key = "k".repeat(40);
        assert!(KeyValue::read(&format!("{key}   : x")).is_some());
        assert!(KeyValue::read(&format!("{key}k : x")).is_none());
    }
}
