//! Table headers and the cutting of rows (specs: dumps 3.7).

use super::dialect::{Dialect, bit};
use super::noise::is_ruler;
use super::words::{Span, slice, wide_cells};

/// The columns of a table.
#[derive(Debug)]
pub(super) struct Columns {
    /// Where the columns start, in characters.
    starts: Vec<usize>,
    fields: Vec<Option<usize>>,
    has_text: bool,
}

/// A row that fits the columns in no way.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit;

impl Columns {
    /// Reads a header line, given with its words. `next` is the ruler behind it, if there is one. `None` if the
    /// line is no header.
    pub fn of_header(dialect: &Dialect, (line, words): (&str, &[Span]), next: Option<&str>) -> Option<Self> {
        if !dialect.has_table() {
            return None;
        }
        let groups = next.and_then(ruler_groups);
        groups.and_then(|starts| Self::under_ruler(dialect, (line, words), starts)).or_else(|| {
            dialect.may_be_header(line, words).then(|| Self::under_labels(dialect, line, words)).flatten()
        })
    }

    fn under_ruler(dialect: &Dialect, (line, words): (&str, &[Span]), starts: Vec<usize>) -> Option<Self> {
        let labels = Self { fields: vec![None; starts.len()], starts, has_text: true };
        let mut spans = Vec::new();
        if labels.cut(line, words, &mut spans) {
            let mut labelled = labels;
            labelled.fields = name_fields(dialect, spans.iter().map(|span| slice(line, *span)))?;
            labelled.has_text = has_text(dialect, &labelled.fields);
            return Some(labelled);
        }
        // The ruler cuts a label, so the labels are told apart by their blanks; they must be as many.
        let fields = name_fields(dialect, wide_cells(words).map(|span| slice(line, span)))?;
        (fields.len() == labels.starts.len()).then(|| Self {
            has_text: has_text(dialect, &fields),
            starts: labels.starts,
            fields,
        })
    }

    fn under_labels(dialect: &Dialect, line: &str, words: &[Span]) -> Option<Self> {
        let fields = name_fields(dialect, wide_cells(words).map(|span| slice(line, span)))?;
        let starts = wide_cells(words).map(|(start, _)| slice(line, (0, start)).chars().count()).collect();
        Some(Self { starts, has_text: has_text(dialect, &fields), fields })
    }

    /// How many columns there are, unknown ones included.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Where the columns start, from left to right, in characters.
    pub fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// The fields of the columns, from left to right; `None` for an unknown column.
    pub fn fields(&self) -> &[Option<usize>] {
        &self.fields
    }

    /// The line's only word, if it starts at the first column: a long first cell.
    pub fn long_first_cell(&self, words: &[Span]) -> Option<Span> {
        match words {
            [word] if self.starts.first() == Some(&word.0) => Some(*word),
            _ => None,
        }
    }

    /// Cuts a row, given with its words, into one span per column. An empty cell is an empty span.
    pub fn split(&self, line: &str, words: &[Span], spans: &mut Vec<Span>) -> Result<(), Misfit> {
        if self.cut(line, words, spans) {
            return Ok(());
        }
        spans.clear();
        spans.extend(wide_cells(words));
        if spans.len() == self.len() {
            return Ok(());
        }
        if self.has_text || words.len() != self.len() {
            return Err(Misfit);
        }
        spans.clear();
        spans.extend(words);
        Ok(())
    }

    /// Whether a row can be cut at the column starts.
    #[cfg(test)]
    pub fn fit(&self, line: &str, words: &[Span]) -> bool {
        self.cut(line, words, &mut Vec::new())
    }

    /// Cuts at the column starts. Tells whether no boundary cut a word and no text stood left of the columns.
    fn cut(&self, line: &str, words: &[Span], spans: &mut Vec<Span>) -> bool {
        spans.clear();
        if line.is_ascii() {
            return cut_at(self.starts.iter().copied(), words, spans);
        }
        let mut chars = line.char_indices();
        let mut passed = 0_usize;
        let starts = self.starts.iter().map(|start| {
            let at = chars.by_ref().nth(start.saturating_sub(passed)).map_or(line.len(), |(at, _)| at);
            passed = start.saturating_add(1);
            at
        });
        cut_at(starts, words, spans)
    }
}

/// Puts the words to the columns that start at these bytes.
fn cut_at(starts: impl Iterator<Item = usize>, words: &[Span], spans: &mut Vec<Span>) -> bool {
    let mut words = words.iter();
    let mut next = words.next();
    // Each column ends where the next one starts; what stands left of the first is none.
    let mut is_column = false;
    for end in starts.chain([usize::MAX]) {
        let mut cell = (0, 0);
        while let Some(word) = next.filter(|(start, _)| *start < end) {
            if word.1 > end || !is_column {
                return false;
            }
            cell = if cell.1 == 0 { *word } else { (cell.0, word.1) };
            next = words.next();
        }
        if is_column {
            spans.push(cell);
        }
        is_column = true;
    }
    true
}

/// Where the groups of a ruler start, in characters. `None` unless there are two or more, and no `|`.
fn ruler_groups(line: &str) -> Option<Vec<usize>> {
    if !is_ruler(line) || line.contains('|') {
        return None;
    }
    let before = std::iter::once(b' ').chain(line.bytes());
    let starts: Vec<usize> = (0..)
        .zip(before.zip(line.bytes()))
        .filter(|(_, (before, this))| *before == b' ' && *this != b' ')
        .map(|(at, _)| at)
        .collect();
    (starts.len() >= 2).then_some(starts)
}

/// The fields of the labels, if they are a header. Of one field in two columns the first column has it.
fn name_fields<'l>(dialect: &Dialect, labels: impl Iterator<Item = &'l str>) -> Option<Vec<Option<usize>>> {
    let mut mask = 0;
    let fields = labels
        .map(|label| {
            let field = dialect.field(label).filter(|field| mask & bit(*field) == 0);
            mask |= field.map_or(0, bit);
            field
        })
        .collect();
    dialect.is_header(mask).then_some(fields)
}

fn has_text(dialect: &Dialect, fields: &[Option<usize>]) -> bool {
    fields.iter().any(|field| dialect.is_text(*field))
}

#[cfg(test)]
mod tests {
    use super::super::grammar::{Field, Grammar};
    use super::super::letters::Letters;
    use super::super::words::words;
    use super::*;
    use proptest::prelude::*;

    fn dialect() -> Dialect {
        const FIELDS: &[Field] = &[Field::word(&["Id"]), Field::word(&["Local If"]), Field::word(&["State"])];
        Dialect::new(Grammar { fields: FIELDS, mandatory: &[0, 2], ..Grammar::EMPTY })
    }

    fn words_of(line: &str) -> Vec<Span> {
        let mut found = Vec::new();
        words(line, &mut found);
        found
    }

    fn header(line: &str, next: Option<&str>) -> Option<Columns> {
        Columns::of_header(&dialect(), (line, &words_of(line)), next)
    }

    fn cells(columns: &Columns, line: &str) -> Option<Vec<String>> {
        let mut spans = Vec::new();
        columns.split(line, &words_of(line), &mut spans).ok()?;
        Some(spans.iter().map(|span| slice(line, *span).to_owned()).collect())
    }

    #[test]
    fn a_ruler_with_groups_gives_the_columns() {
        let columns = header("  Id Local If State", Some("---- -------- -----")).unwrap();
        assert_eq!(columns.starts, [0, 5, 14]);
        assert_eq!(cells(&columns, "   1 1-3      up").unwrap(), ["1", "1-3", "up"]);
        assert_eq!(cells(&columns, "   1").unwrap(), ["1", "", ""]);
        assert_eq!(cells(&columns, "  åä 1-3 ö    up").unwrap(), ["åä", "1-3 ö", "up"]);
    }

    #[test]
    fn a_solid_ruler_leaves_the_columns_to_the_labels() {
        let columns = header("Id    Local If  State", Some("=====================")).unwrap();
        assert_eq!(columns.starts, [0, 6, 16]);
        assert!(header("Id Local If State", None).is_none());
        assert!(header("Id    Local If", None).is_none());
    }

    #[test]
    fn a_shifted_row_is_split_at_wide_then_at_single_blanks() {
        let columns = header("Id    Local If  State", None).unwrap();
        assert_eq!(cells(&columns, "1234567  1-3  up").unwrap(), ["1234567", "1-3", "up"]);
        assert_eq!(cells(&columns, "1234567 1-3 up").unwrap(), ["1234567", "1-3", "up"]);
        assert_eq!(cells(&columns, "1234567 1-3"), None);
    }

    #[test]
    fn text_columns_and_unknown_ones_forbid_the_split_at_single_blanks() {
        let columns = header("Id    Other     State", None).unwrap();
        assert_eq!(columns.fields(), [Some(0), None, Some(2)]);
        assert_eq!(cells(&columns, "1234567 1-3 up"), None);
        assert_eq!(cells(&columns, "1234567  1-3  up").unwrap().len(), 3);
    }

    #[test]
    fn text_left_of_the_first_column_is_not_lost() {
        let columns = header("    Id    Local If  State", None).unwrap();
        assert_eq!(cells(&columns, "1     1-3     up").unwrap(), ["1", "1-3", "up"]);
        assert_eq!(cells(&columns, "1 2"), None);
    }

    proptest! {
        #[test]
        fn the_quick_look_misses_no_header(
            cells in prop::collection::vec("(id|ID|Local If|state|State|STATE\u{a0}|1|idle|-|Ste|_|% x)", 1..6),
            gap in " {2,4}",
        ) {
            let line = cells.join(&gap);
            let dialect = dialect();
            let words = words_of(&line);
            if Columns::under_labels(&dialect, &line, &words).is_some() {
                prop_assert!(dialect.may_be_header(&line, &words), "{:?}", line);
                let letters = Letters::of(&line);
                prop_assert!(letters.is_none_or(|letters| dialect.letters_may_be_header(&line, &letters)));
            }
        }
    }

    #[test]
    fn a_long_first_cell_is_one_word_at_the_first_column() {
        let columns = header("Id    Local If  State", None).unwrap();
        let long = |line| columns.long_first_cell(&words_of(line)).is_some();
        assert!(long("VERY-LONG-NAME"));
        assert!(!long("TWO WORDS"));
        assert!(!long("  word"));
    }
}
