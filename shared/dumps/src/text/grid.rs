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
