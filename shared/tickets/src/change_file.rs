//! One change file: bytes in, rows and rejects out.

use crate::cleaning::{RejectReason, Verdict, judge};
use crate::csv::{CsvReader, Record};
use crate::header::Header;
use crate::{Dataset, FileCounts, FileError, FileRule, json, place};

/// The longest text that a reject keeps of its line, in bytes.
pub const MAX_RAW_LINE_BYTES: usize = 4 << 10;

/// A row that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// The line in which it begins, from 1. Of several rows of one ticket that with the highest counts.
    pub line_no: u64,
    /// The ticket, in upper case.
    pub ticket_id: &'a str,
    /// A JSON object of all values: trimmed, an empty one is null; the columns beside the known ones are in it. Keys stand
    /// in the order in which jsonb keeps them.
    pub raw_json: &'a str,
    /// The key of its area.
    pub cluster_key: Option<&'a str>,
    /// The key of its place within the area.
    pub location_key: Option<&'a str>,
}

/// A row that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reject<'a> {
    /// The line in which it begins, from 1.
    pub line_no: u64,
    /// Why.
    pub reason: RejectReason,
    /// Its text as it stands in the file, without its end; cut at [`MAX_RAW_LINE_BYTES`], NUL characters as U+FFFD.
    pub raw_line: &'a str,
}

/// Takes what a file holds, in its order.
pub trait RowSink {
    /// A row that is kept.
    fn row(&mut self, row: Row<'_>);
    /// A row that is refused.
    fn reject(&mut self, reject: Reject<'_>);
}

/// Reads a change file that is pushed in. It holds one record, never the file.
#[derive(Debug)]
pub struct ChangeFile {
    csv: CsvReader,
    rows: Rows,
}

impl ChangeFile {
    /// A file of this dataset, of which nothing was read yet.
    pub fn new(dataset: Dataset) -> Self {
        Self { csv: CsvReader::default(), rows: Rows::new(dataset) }
    }

    /// Reads the next bytes.
    ///
    /// # Errors
    /// The file fails as a whole; what the sink was given is void, and nothing more may be pushed.
    pub fn push(&mut self, bytes: &[u8], sink: &mut impl RowSink) -> Result<(), FileError> {
        let Self { csv, rows } = self;
        csv.push(bytes, &mut |record| rows.take(&record, sink))
    }

    /// What was counted so far.
    pub fn counts(&self) -> &FileCounts {
        &self.rows.counts
    }

    /// Tells that the file ends.
    ///
    /// # Errors
    /// As [`ChangeFile::push`]; also where there was no header.
    pub fn finish(self, sink: &mut impl RowSink) -> Result<FileCounts, FileError> {
        let Self { csv, mut rows } = self;
        csv.finish(&mut |record| rows.take(&record, sink))?;
        if rows.header.is_none() {
            return Err(FileError::new(FileRule::HeaderMissing, "the file has no header"));
        }
        Ok(rows.counts)
    }
}

/// What records become, and the buffers in which that is written.
#[derive(Debug)]
struct Rows {
    dataset: Dataset,
    header: Option<Header>,
    counts: FileCounts,
    ticket_id: String,
    raw_json: String,
    cluster_key: String,
    location_key: String,
}

impl Rows {
    fn new(dataset: Dataset) -> Self {
        Self {
            dataset,
            header: None,
            counts: FileCounts::default(),
            ticket_id: String::new(),
            raw_json: String::new(),
            cluster_key: String::new(),
            location_key: String::new(),
        }
    }

    fn take(&mut self, record: &Record<'_>, sink: &mut impl RowSink) -> Result<(), FileError> {
        let Some(header) = &self.header else {
            let header = Header::read(record)?;
            self.counts.schema_drift.clone_from(&header.extras);
            self.header = Some(header);
            return Ok(());
        };
        let counts = &mut self.counts;
        counts.rows_read = counts.rows_read.saturating_add(1);
        match judge(record, header, self.dataset, &mut self.ticket_id) {
            Verdict::Sentinel => {
                counts.sentinel = counts.sentinel.saturating_add(1);
                counts.truncated = true;
            }
            Verdict::Reject(reason) => {
                counts.rejected = counts.rejected.saturating_add(1);
                let raw_line = &bounded(record.raw);
                sink.reject(Reject { line_no: record.line, reason, raw_line });
            }
            Verdict::Alarm => counts.alarm = counts.alarm.saturating_add(1),
            Verdict::Keep => {
                counts.kept = counts.kept.saturating_add(1);
                sink.row(self.row(record));
            }
        }
        Ok(())
    }

    fn row(&mut self, record: &Record<'_>) -> Row<'_> {
        let (mut cluster_key, mut location_key) = (None, None);
        self.raw_json.clear();
        if let Some(header) = &self.header {
            push_object(&mut self.raw_json, record, header);
            let field = |place| record.field(place).unwrap_or_default();
            if place::write_cluster_key(field(header.cluster), &mut self.cluster_key) {
                cluster_key = Some(self.cluster_key.as_str());
            }
            if place::write_location_key(field(header.location_name), &mut self.location_key) {
                location_key = Some(self.location_key.as_str());
            }
        }
        let (ticket_id, raw_json) = (self.ticket_id.as_str(), self.raw_json.as_str());
        Row { line_no: record.line, ticket_id, raw_json, cluster_key, location_key }
    }
}

/// Adds a JSON object of all values.
fn push_object(out: &mut String, record: &Record<'_>, header: &Header) {
    let escapes = json::needs_escapes(record.text());
    for member in &header.members {
        out.push_str(&member.before);
        let value = record.field(member.place).unwrap_or_default().trim();
        if value.is_empty() {
            out.push_str("null");
        } else if escapes {
            json::push_string(out, value);
        } else {
            out.push('"');
            out.push_str(value);
            out.push('"');
        }
    }
    out.push('}');
}

/// What a reject keeps of a line.
fn bounded(raw: &str) -> String {
    let line = raw.trim_end_matches(['\r', '\n']);
    let end = line.floor_char_boundary(MAX_RAW_LINE_BYTES);
    line.get(..end).unwrap_or(line).replace('\0', "\u{fffd}")
}
