//! From a file's bytes to its result, for plugins whose rows are records.

use super::cells::Cells;
use super::collect::Collector;
use super::parsed::ParsedFile;
use super::plugin::ParseContext;
use crate::records::Record;
use crate::text::{CleanText, Counted, Dialect, Row, RowSink, Survey, Warnings, read};

/// Builds records of rows.
pub(super) trait Assemble {
    /// The record of one row or block. `None` if it is skipped; the warning is added.
    fn record(&mut self, cells: &mut Cells<'_>, context: &ParseContext) -> Option<Record>;
}

/// Reads a file whose every row or block is one record.
pub(super) fn parse_rows(
    input: &[u8],
    dialect: &Dialect,
    context: &ParseContext,
    assemble: &mut dyn Assemble,
) -> ParsedFile {
    let text = CleanText::new(input);
    let survey = Survey::of(&text, dialect);
    let mut warnings = Warnings::default();
    let mut sink = Rows { assemble, context, records: Collector::default() };
    read(&text, dialect, survey, &mut sink, &mut warnings);
    ParsedFile::of(survey.layout, sink.records.into_records(), warnings)
}

struct Rows<'a> {
    assemble: &'a mut dyn Assemble,
    context: &'a ParseContext,
    records: Collector,
}

impl RowSink for Rows<'_> {
    fn row(&mut self, row: &Row, warnings: &mut Warnings) -> Counted {
        if let Some(record) = self.assemble.record(&mut Cells::new(row, warnings), self.context) {
            self.records.push(record, row.line(), warnings);
        }
        Counted::Yes
    }
}
