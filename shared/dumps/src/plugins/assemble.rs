//! From a file's bytes to its result.

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

    /// Looks at a record that is no duplicate, for warnings that depend on the records before it.
    fn kept(&mut self, _record: &Record, _cells: &mut Cells<'_>, _context: &ParseContext) {}
}

/// Takes rows and gives the records at the end.
pub(super) trait RecordSink: RowSink {
    /// The records, in the order of the file.
    fn into_records(self) -> Vec<Record>;
}

/// A file that has been looked over, and is to be read.
pub(super) struct Surveyed<'a> {
    text: CleanText<'a>,
    dialect: &'a Dialect,
    /// What the look over it found.
    pub survey: Survey,
}

impl<'a> Surveyed<'a> {
    /// Looks a file over.
    pub fn of(input: &'a [u8], dialect: &'a Dialect) -> Self {
        let text = CleanText::new(input);
        let survey = Survey::of(&text, dialect);
        Self { text, dialect, survey }
    }

    /// Reads it with a sink of the plugin's own.
    pub fn read_into(self, mut sink: impl RecordSink) -> ParsedFile {
        let mut warnings = Warnings::default();
        read(&self.text, self.dialect, self.survey, &mut sink, &mut warnings);
        ParsedFile::of(self.survey.layout, sink.into_records(), warnings)
    }

    /// Reads it as a file whose every row or block is one record.
    pub fn read_rows(self, context: &ParseContext, assemble: &mut dyn Assemble) -> ParsedFile {
        self.read_into(Rows { assemble, context, records: Collector::default() })
    }
}

/// Reads a file whose every row or block is one record.
pub(super) fn parse_rows(
    input: &[u8],
    dialect: &Dialect,
    context: &ParseContext,
    assemble: &mut dyn Assemble,
) -> ParsedFile {
    Surveyed::of(input, dialect).read_rows(context, assemble)
}

struct Rows<'a> {
    assemble: &'a mut dyn Assemble,
    context: &'a ParseContext,
    records: Collector,
}

impl RowSink for Rows<'_> {
    fn row(&mut self, row: &Row, warnings: &mut Warnings) -> Counted {
        if let Some(record) = self.assemble.record(&mut Cells::new(row, warnings), self.context)
            && let Some(kept) = self.records.push(record, row.line(), warnings)
        {
            self.assemble.kept(kept, &mut Cells::new(row, warnings), self.context);
        }
        Counted::Yes
    }
}

impl RecordSink for Rows<'_> {
    fn into_records(self) -> Vec<Record> {
        self.records.into_records()
    }
}
