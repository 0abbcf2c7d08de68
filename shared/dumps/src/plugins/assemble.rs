//! From a file's bytes to its result.

use super::cells::Cells;
use super::collect::Collector;
use super::parsed::FileEnd;
use super::plugin::ParseContext;
use super::reading::Reading;
use crate::records::Record;
use crate::text::{CleanText, Counted, Dialect, Row, RowSink, Survey, Warnings, read};

/// Builds records of rows.
pub(super) trait Assemble {
    /// The record of one row or block. `None` if it is skipped; the warning is added.
    fn record(&mut self, cells: &mut Cells<'_>, context: &ParseContext) -> Option<Record>;

    /// Looks at a record that is no duplicate, for warnings that depend on the records before it.
    fn kept(&mut self, _record: &Record, _cells: &mut Cells<'_>, _context: &ParseContext) {}
}

/// Takes rows, and hands records on.
pub(super) trait RecordSink: RowSink {
    /// Hands on what is left, and tells how many records there were.
    fn finish(self) -> u64;
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
    pub fn read_into(self, mut sink: impl RecordSink) -> FileEnd {
        let mut warnings = Warnings::default();
        read(&self.text, self.dialect, self.survey, &mut sink, &mut warnings);
        FileEnd::of(self.survey.layout, sink.finish(), warnings)
    }

    /// Reads it as a file whose every row or block is one record.
    pub fn read_rows(self, reading: Reading<'_>, assemble: &mut dyn Assemble) -> FileEnd {
        let Reading { context, records } = reading;
        self.read_into(Rows { assemble, context, records })
    }
}

/// Reads a file whose every row or block is one record.
pub(super) fn read_rows(
    input: &[u8],
    dialect: &Dialect,
    reading: Reading<'_>,
    assemble: &mut dyn Assemble,
) -> FileEnd {
    Surveyed::of(input, dialect).read_rows(reading, assemble)
}

struct Rows<'r, 'a> {
    assemble: &'a mut dyn Assemble,
    context: &'r ParseContext,
    records: Collector<'r>,
}

impl RowSink for Rows<'_, '_> {
    fn row(&mut self, row: &Row<'_>, warnings: &mut Warnings) -> Counted {
        if let Some(record) = self.assemble.record(&mut Cells::new(row, warnings), self.context)
            && let Some(kept) = self.records.push(record, row.line(), warnings)
        {
            self.assemble.kept(kept, &mut Cells::new(row, warnings), self.context);
        }
        Counted::Yes
    }
}

impl RecordSink for Rows<'_, '_> {
    fn finish(self) -> u64 {
        self.records.finish()
    }
}
