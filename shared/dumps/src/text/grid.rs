//! Columns as places in a line of ASCII, for rows that fit them as they stand (specs: dumps 3.7).

use super::columns::Columns;
use super::letters::{Bits, Letters, Stretch, bits};
use super::row::Row;
use super::words::slice;

/// The widest column but the last.
const WIDEST: usize = 64;

/// The columns of a table whose lines are not long.
#[derive(Debug)]
pub(super) struct Grid {
    /// Where columns begin that have one before them.
    cuts: Bits,
    /// Where the first column begins.
    left: usize,
    /// Where the second one begins.
    second: usize,
    first: Stretch,
    /// The columns that are known, with their fields; without the last.
    cells: Vec<(Stretch, usize)>,
    /// Where the last one begins, and its field.
    last: (usize, Option<usize>),
}

impl Grid {
    /// The grid of some columns. `None` if there is but one, or if they need a long line.
    pub fn of(columns: &Columns) -> Option<Self> {
        let (starts, fields) = (columns.starts(), columns.fields());
        let (left, second) = (*starts.first()?, *starts.get(1)?);
        let spans = || starts.iter().copied().zip(starts.iter().skip(1).copied());
        if spans().any(|(from, to)| to.saturating_sub(from) > WIDEST) {
            return None;
        }
        let known = spans().zip(fields).filter_map(|(span, field)| Some((Stretch::of(span), (*field)?)));
        Some(Self {
            cuts: bits(starts.iter().skip(1).copied())?,
            left,
            second,
            first: Stretch::of((left, second)),
            cells: known.collect(),
            last: (*starts.last()?, *fields.last()?),
        })
    }

    /// Whether no column cuts a word of a line, and nothing stands left of the columns.
    pub fn fits(&self, letters: &Letters) -> bool {
        !letters.cross(&self.cuts) && (self.left == 0 || !letters.any_before(self.left))
    }

    /// Whether the first column is empty.
    pub fn lacks_first(&self, letters: &Letters) -> bool {
        letters.at(&self.first) == 0
    }

    /// Whether nothing stands behind the first column of a line, which ends with a letter.
    pub fn has_only_first(&self, line: &str) -> bool {
        line.len() <= self.second
    }

    /// Puts the cells of a line that fits into a row.
    pub fn cut<'t>(&self, line: &'t str, letters: &Letters, row: &mut Row<'t>) {
        for (stretch, field) in &self.cells {
            row.place(*field, slice(line, stretch.span(letters.at(stretch))));
        }
        if let (last, Some(field)) = self.last {
            row.place(field, line.get(last..).unwrap_or_default().trim_start_matches(' '));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::dialect::Dialect;
    use super::super::grammar::{Field, Grammar};
    use super::super::words::words;
    use super::*;

    const FIELDS: &[Field] = &[Field::word(&["Id"]), Field::word(&["Local If"]), Field::word(&["State"])];

    proptest! {
        #[test]
        fn a_row_that_fits_is_cut_as_by_its_words(
            left in prop::sample::select(vec!["", "   "]),
            line in prop_oneof![
                "[ a]{0,24}",
                "( {3})?[ab]{0,6} {0,6}[a]{0,4} {2,8}[ab ]{0,9}",
                "( {3})?[ab]{1,4} {2,5}[a]{1,4} {4,9}[ab]{1,3}",
            ],
        ) {
            let line = line.trim_end_matches(' ');
            prop_assume!(!line.is_empty());
            let dialect = Dialect::new(Grammar { fields: FIELDS, mandatory: &[0, 2], ..Grammar::EMPTY });
            let header = format!("{left}Id    Local If  State");
            let (mut found, mut spans, mut row) = (Vec::new(), Vec::new(), Row::with_fields(3));
            words(&header, &mut found);
            let columns = Columns::of_header(&dialect, (&header, &found), None).unwrap();
            let (grid, letters) = (Grid::of(&columns).unwrap(), Letters::of(line).unwrap());
            words(line, &mut found);
            prop_assert_eq!(grid.fits(&letters), columns.fit(line, &found));
            if grid.fits(&letters) {
                columns.split(line, &found, &mut spans).unwrap();
                grid.cut(line, &letters, &mut row);
                let cells: Vec<&str> = spans.iter().map(|span| slice(line, *span)).collect();
                let fields = [0, 1, 2].map(|field| row.get(field));
                prop_assert_eq!(fields.as_slice(), &cells);
                prop_assert_eq!(grid.lacks_first(&letters), cells[0].is_empty());
                let only_first = cells[1].is_empty() && cells[2].is_empty();
                prop_assert_eq!(grid.has_only_first(line), only_first);
            }
        }
    }
}
