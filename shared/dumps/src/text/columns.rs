//! Table headers and the cutting of rows (specs: dumps 3.7).

use super::dialect::{Dialect, bit};
use super::noise::is_ruler;

/// A stretch of a line, in bytes.
pub(super) type Span = (usize, usize);

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
    /// Reads a header line. `next` is the line behind it. `None` if it is no header.
    pub fn of_header(dialect: &Dialect, line: &str, next: Option<&str>) -> Option<Self> {
        if !dialect.has_table() {
            return None;
        }
        let groups = next.and_then(ruler_groups);
        groups
            .and_then(|starts| Self::under_ruler(dialect, line, starts))
            .or_else(|| Self::under_labels(dialect, line))
    }

    fn under_ruler(dialect: &Dialect, line: &str, starts: Vec<usize>) -> Option<Self> {
        let labels = Self { fields: vec![None; starts.len()], starts, has_text: true };
        let mut spans = Vec::new();
        if labels.cut(line, &mut spans) {
            let mut labelled = labels;
            labelled.fields = name_fields(dialect, spans.iter().map(|span| slice(line, *span)))?;
            labelled.has_text = has_text(dialect, &labelled.fields);
            return Some(labelled);
        }
        // The ruler cuts a label, so the labels are told apart by their blanks; they must be as many.
        let mut split = Vec::new();
        split_wide(line, &mut split);
        let fields = name_fields(dialect, split.iter().map(|span| slice(line, *span)))?;
        (fields.len() == labels.starts.len()).then(|| Self {
            has_text: has_text(dialect, &fields),
            starts: labels.starts,
            fields,
        })
    }

    fn under_labels(dialect: &Dialect, line: &str) -> Option<Self> {
        // Data rows come here too: nothing is allocated before the labels are known to be a header.
        let found = wide_cells(line).filter_map(|span| dialect.field(slice(line, span)));
        if !dialect.is_header(found.fold(0, |mask, field| mask | bit(field))) {
            return None;
        }
        let spans: Vec<Span> = wide_cells(line).collect();
        let fields = name_fields(dialect, spans.iter().map(|span| slice(line, *span)))?;
        let starts = spans.iter().map(|(start, _)| slice(line, (0, *start)).chars().count()).collect();
        Some(Self { starts, has_text: has_text(dialect, &fields), fields })
    }

    /// How many columns there are, unknown ones included.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// The fields of the columns, from left to right; `None` for an unknown column.
    pub fn fields(&self) -> &[Option<usize>] {
        &self.fields
    }

    /// Whether the line is a long first cell: one word that starts at the first column.
    pub fn is_long_first_cell(&self, line: &str) -> bool {
        let word = line.trim_start_matches(' ');
        self.starts.first() == Some(&line.len().saturating_sub(word.len())) && !word.contains(' ')
    }

    /// Cuts a row into one span per column.
    pub fn split(&self, line: &str, spans: &mut Vec<Span>) -> Result<(), Misfit> {
        if self.cut(line, spans) {
            return Ok(());
        }
        split_wide(line, spans);
        if spans.len() == self.len() {
            return Ok(());
        }
        if self.has_text {
            return Err(Misfit);
        }
        split_words(line, spans);
        if spans.len() == self.len() { Ok(()) } else { Err(Misfit) }
    }

    /// Cuts at the column starts. Tells whether no boundary cut a word and no text stood left of the columns.
    fn cut(&self, line: &str, spans: &mut Vec<Span>) -> bool {
        spans.clear();
        let bytes = line.as_bytes();
        let ascii = line.is_ascii();
        let mut chars = line.char_indices();
        let mut passed = 0_usize;
        for (index, start) in self.starts.iter().enumerate() {
            let at = if ascii {
                (*start).min(line.len())
            } else {
                let at = chars.by_ref().nth(start.saturating_sub(passed)).map_or(line.len(), |(at, _)| at);
                passed = start.saturating_add(1);
                at
            };
            let blank = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_none_or(|b| *b == b' ');
            if !blank(at.checked_sub(1)) && !blank(Some(at)) {
                return false;
            }
            if index == 0 && !slice(line, (0, at)).trim_matches(' ').is_empty() {
                return false;
            }
            if let Some(last) = spans.last_mut() {
                last.1 = at;
            }
            spans.push((at, line.len()));
        }
        for span in spans.iter_mut() {
            *span = trim(bytes, *span);
        }
        true
    }
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

/// The text of a span.
pub(super) fn slice(line: &str, span: Span) -> &str {
    line.get(span.0..span.1).unwrap_or_default()
}

fn trim(bytes: &[u8], (mut start, mut end): Span) -> Span {
    while start < end && bytes.get(start) == Some(&b' ') {
        start = start.saturating_add(1);
    }
    while start < end && bytes.get(end.saturating_sub(1)) == Some(&b' ') {
        end = end.saturating_sub(1);
    }
    (start, end)
}

/// Splits at two or more blanks.
fn split_wide(line: &str, spans: &mut Vec<Span>) {
    spans.clear();
    spans.extend(wide_cells(line));
}

/// Splits at single blanks.
fn split_words(line: &str, spans: &mut Vec<Span>) {
    spans.clear();
    let mut at = 0_usize;
    for word in line.split(' ') {
        let end = at.saturating_add(word.len());
        if !word.is_empty() {
            spans.push((at, end));
        }
        at = end.saturating_add(1);
    }
}

/// The cells of a line that are separated by two or more blanks.
fn wide_cells(line: &str) -> impl Iterator<Item = Span> + '_ {
    let bytes = line.as_bytes();
    let mut at = 0_usize;
    std::iter::from_fn(move || {
        let from = |at: usize| bytes.get(at..).unwrap_or_default();
        let start = at.saturating_add(from(at).iter().position(|b| *b != b' ')?);
        let length = from(start).windows(2).position(|pair| pair == b"  ").unwrap_or(from(start).len());
        at = start.saturating_add(length);
        Some(trim(bytes, (start, at)))
    })
}

#[cfg(test)]
mod tests {
    use super::super::grammar::{Field, Grammar};
    use super::*;

    fn dialect() -> Dialect {
        const FIELDS: &[Field] = &[Field::word(&["Id"]), Field::word(&["Local If"]), Field::word(&["State"])];
        Dialect::new(Grammar { fields: FIELDS, mandatory: &[0, 2], ..Grammar::EMPTY })
    }

    fn cells(columns: &Columns, line: &str) -> Option<Vec<String>> {
        let mut spans = Vec::new();
        columns.split(line, &mut spans).ok()?;
        Some(spans.iter().map(|span| slice(line, *span).to_owned()).collect())
    }

    #[test]
    fn a_ruler_with_groups_gives_the_columns() {
        let header =
            Columns::of_header(&dialect(), "  Id Local If State", Some("---- -------- -----")).unwrap();
        assert_eq!(header.starts, [0, 5, 14]);
        assert_eq!(cells(&header, "   1 1-3      up").unwrap(), ["1", "1-3", "up"]);
        assert_eq!(cells(&header, "   1").unwrap(), ["1", "", ""]);
        assert_eq!(cells(&header, "  åä 1-3 ö    up").unwrap(), ["åä", "1-3 ö", "up"]);
    }

    #[test]
    fn a_solid_ruler_leaves_the_columns_to_the_labels() {
        let header =
            Columns::of_header(&dialect(), "Id    Local If  State", Some("=====================")).unwrap();
        assert_eq!(header.starts, [0, 6, 16]);
        assert!(Columns::of_header(&dialect(), "Id Local If State", None).is_none());
        assert!(Columns::of_header(&dialect(), "Id    Local If", None).is_none());
    }

    #[test]
    fn a_shifted_row_is_split_at_wide_then_at_single_blanks() {
        let header = Columns::of_header(&dialect(), "Id    Local If  State", None).unwrap();
        assert_eq!(cells(&header, "1234567  1-3  up").unwrap(), ["1234567", "1-3", "up"]);
        assert_eq!(cells(&header, "1234567 1-3 up").unwrap(), ["1234567", "1-3", "up"]);
        assert_eq!(cells(&header, "1234567 1-3"), None);
    }

    #[test]
    fn text_columns_and_unknown_ones_forbid_the_split_at_single_blanks() {
        let header = Columns::of_header(&dialect(), "Id    Other     State", None).unwrap();
        assert_eq!(header.fields(), [Some(0), None, Some(2)]);
        assert_eq!(cells(&header, "1234567 1-3 up"), None);
        assert_eq!(cells(&header, "1234567  1-3  up").unwrap().len(), 3);
    }

    #[test]
    fn text_left_of_the_first_column_is_not_lost() {
        let header = Columns::of_header(&dialect(), "    Id    Local If  State", None).unwrap();
        assert_eq!(cells(&header, "1     1-3     up").unwrap(), ["1", "1-3", "up"]);
        assert_eq!(cells(&header, "1 2"), None);
    }

    #[test]
    fn a_long_first_cell_is_one_word_at_the_first_column() {
        let header = Columns::of_header(&dialect(), "Id    Local If  State", None).unwrap();
        assert!(header.is_long_first_cell("VERY-LONG-NAME"));
        assert!(!header.is_long_first_cell("TWO WORDS"));
        assert!(!header.is_long_first_cell("  word"));
    }
}
