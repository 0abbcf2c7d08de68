//! The table layout (specs: dumps 3.7).

use std::borrow::Cow;

use super::columns::Columns;
use super::dialect::Dialect;
use super::grammar::Wrap;
use super::grid::Grid;
use super::letters::Letters;
use super::reader::Output;
use super::row::Row;
use super::scan::Scanned;
use super::warning::WarningCode;
use super::words::{Span, slice, words};

/// Reads the lines of a table into rows.
#[derive(Debug)]
pub(super) struct Table<'t, 'd> {
    dialect: &'d Dialect,
    columns: Option<Columns>,
    /// The columns once more, for the quick way.
    grid: Option<Grid>,
    row: Row<'t>,
    state: RowState,
    words: Vec<Span>,
    spans: Vec<Span>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RowState {
    /// No row to go on with.
    Closed,
    /// A row with its first cell only.
    OnlyFirst,
    /// A row with more cells.
    Open,
}

impl<'t, 'd> Table<'t, 'd> {
    pub fn new(dialect: &'d Dialect) -> Self {
        let row = Row::with_fields(dialect.grammar().fields.len());
        let (words, spans) = (Vec::new(), Vec::new());
        Self { dialect, columns: None, grid: None, row, state: RowState::Closed, words, spans }
    }

    /// Ends the row at work, if any, and hands it on.
    pub fn end_row(&mut self, out: &mut Output<'_>) {
        if self.state != RowState::Closed {
            self.state = RowState::Closed;
            out.row(&self.row);
        }
    }

    /// Takes one line of text; `next` is the ruler behind it, if there is one.
    pub fn line(&mut self, line: &Scanned<'t>, next: Option<&str>, out: &mut Output<'_>) {
        let (number, text) = (line.number, &*line.text);
        if let (Cow::Borrowed(text), None) = (&line.text, next)
            && self.plain_row(number, text, out)
        {
            return;
        }
        words(text, &mut self.words);
        if let Some(columns) = Columns::of_header(self.dialect, (text, &self.words), next) {
            self.end_row(out);
            self.grid = Grid::of(&columns);
            self.columns = Some(columns);
            return;
        }
        let Some(columns) = &self.columns else {
            return;
        };
        if let Some(cell) = columns.long_first_cell(&self.words) {
            self.spans.clear();
            self.spans.push(cell);
        } else if columns.split(text, &self.words, &mut self.spans).is_err() {
            self.end_row(out);
            out.skipped_row(WarningCode::BadRow, number);
            return;
        }
        self.cells(line, out);
    }

    /// The quick way of most lines: one that is surely no header, and starts a row whose cells fit the columns as they
    /// stand. Tells whether it was taken.
    fn plain_row(&mut self, number: u32, line: &'t str, out: &mut Output<'_>) -> bool {
        let (Some(grid), Some(letters)) = (&self.grid, Letters::of(line)) else { return false };
        let wraps = self.dialect.grammar().wrap == Wrap::Continues;
        if !grid.fits(&letters)
            || (wraps && grid.lacks_first(&letters))
            || self.dialect.letters_may_be_header(line, &letters)
        {
            return false;
        }
        if self.state != RowState::Closed {
            out.row(&self.row);
        }
        self.state = if grid.has_only_first(line) { RowState::OnlyFirst } else { RowState::Open };
        self.row.start(number);
        grid.cut(line, &letters, &mut self.row);
        true
    }

    /// Starts a row with the cells of `spans`, or adds them to the row at work.
    fn cells(&mut self, line: &Scanned<'t>, out: &mut Output<'_>) {
        let number = line.number;
        let filled = self.spans.iter().filter(|(start, end)| start < end).count();
        let first_empty = self.spans.first().is_none_or(|(start, end)| start == end);
        let wraps = self.dialect.grammar().wrap == Wrap::Continues;
        if !(first_empty && wraps) {
            self.end_row(out);
            self.row.start(number);
            for (span, field) in self.spans.iter().zip(fields(self.columns.as_ref())) {
                match (field, &line.text) {
                    (Some(field), Cow::Borrowed(text)) => self.row.place(*field, slice(text, *span)),
                    (Some(field), Cow::Owned(text)) => self.row.append(*field, slice(text, *span), ""),
                    (None, _) => {}
                }
            }
            self.state = if filled == 1 { RowState::OnlyFirst } else { RowState::Open };
            return;
        }
        let goes_on = self.state == RowState::OnlyFirst || (self.state == RowState::Open && filled <= 2);
        if !goes_on {
            self.end_row(out);
            out.skipped_row(WarningCode::BadRow, number);
            return;
        }
        self.go_on(&line.text);
        self.state = RowState::Open;
    }

    /// Adds the cells to those of the row at work.
    fn go_on(&mut self, text: &str) {
        for (span, field) in self.spans.iter().zip(fields(self.columns.as_ref())) {
            if let Some(field) = *field {
                let between = if self.dialect.is_text(Some(field)) { " " } else { "" };
                self.row.append(field, slice(text, *span), between);
            }
        }
    }
}

/// The fields of the columns, as far as there are columns.
fn fields(columns: Option<&Columns>) -> &[Option<usize>] {
    columns.map_or(&[], Columns::fields)
}
