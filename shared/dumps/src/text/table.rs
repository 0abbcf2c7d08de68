//! The table layout (specs: dumps 3.7).

use super::columns::{Columns, Span, slice};
use super::dialect::Dialect;
use super::grammar::Wrap;
use super::reader::Output;
use super::row::Row;
use super::warning::WarningCode;

/// Reads the lines of a table into rows.
#[derive(Debug)]
pub(super) struct Table<'d> {
    dialect: &'d Dialect,
    columns: Option<Columns>,
    row: Row,
    state: RowState,
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

impl<'d> Table<'d> {
    pub fn new(dialect: &'d Dialect) -> Self {
        let row = Row::with_fields(dialect.grammar().fields.len());
        Self { dialect, columns: None, row, state: RowState::Closed, spans: Vec::new() }
    }

    /// Ends the row at work, if any, and hands it on.
    pub fn end_row(&mut self, out: &mut Output<'_>) {
        if self.state != RowState::Closed {
            self.state = RowState::Closed;
            out.row(&self.row);
        }
    }

    /// Takes one line of text; `next` is the line behind it.
    pub fn line(&mut self, number: u32, text: &str, next: Option<&str>, out: &mut Output<'_>) {
        if let Some(columns) = Columns::of_header(self.dialect, text, next) {
            self.end_row(out);
            self.columns = Some(columns);
            return;
        }
        let Some(columns) = &self.columns else {
            return;
        };
        if columns.is_long_first_cell(text) {
            let start = text.len().saturating_sub(text.trim_start_matches(' ').len());
            self.spans.clear();
            self.spans.push((start, text.len()));
        } else if columns.split(text, &mut self.spans).is_err() {
            self.end_row(out);
            out.skipped_row(WarningCode::BadRow, number);
            return;
        }
        self.cells(number, text, out);
    }

    /// Starts a row with the cells of `spans`, or adds them to the row at work.
    fn cells(&mut self, number: u32, text: &str, out: &mut Output<'_>) {
        let filled = self.spans.iter().filter(|(start, end)| start < end).count();
        let first_empty = self.spans.first().is_none_or(|(start, end)| start == end);
        let wraps = self.dialect.grammar().wrap == Wrap::Continues;
        if !(first_empty && wraps) {
            self.end_row(out);
            self.row.start(number);
            self.fill(text, true);
            self.state = if filled == 1 { RowState::OnlyFirst } else { RowState::Open };
            return;
        }
        let goes_on = self.state == RowState::OnlyFirst || (self.state == RowState::Open && filled <= 2);
        if !goes_on {
            self.end_row(out);
            out.skipped_row(WarningCode::BadRow, number);
            return;
        }
        self.fill(text, false);
        self.state = RowState::Open;
    }

    fn fill(&mut self, text: &str, fresh: bool) {
        let fields = self.columns.as_ref().map_or(&[][..], Columns::fields);
        for (span, field) in self.spans.iter().zip(fields) {
            let (Some(field), cell) = (*field, slice(text, *span)) else {
                continue;
            };
            let between = if !fresh && self.dialect.is_text(Some(field)) { " " } else { "" };
            self.row.append(field, cell, between);
        }
    }
}
