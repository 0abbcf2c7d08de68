//! Bytes in, records out (specs: tickets 3).
//!
//! RFC 4180 with a comma and double quotes; LF, CRLF or a lone CR end a record. A byte order mark is skipped, blank
//! lines are, and what follows a closing quote within a field is taken as it stands. One record is held at a time.

use csv_core::{ReadRecordResult, Reader};

use crate::{FileError, FileRule};

/// The longest record, in bytes of the file. Longer ones come of a quote that is never closed.
pub const MAX_RECORD_BYTES: usize = 1 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One record.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The line in which it begins, from 1.
    pub line: u64,
    /// Its bytes as they stand in the file, with the first byte of what ends it.
    pub raw: &'a str,
    text: &'a str,
    ends: &'a [usize],
}

impl<'a> Record<'a> {
    /// Its fields: unquoted, not trimmed.
    pub fn fields(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let (text, mut start) = (self.text, 0);
        self.ends.iter().map(move |&end| {
            let field = text.get(start..end).unwrap_or_default();
            start = end;
            field
        })
    }

    /// One field, from 0.
    pub fn field(&self, index: usize) -> Option<&'a str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.text.get(start..end)
    }

    /// How many fields it has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// All fields, one after the other, with nothing between them.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Whether there is nothing in it: a line of white space.
    pub fn is_empty(&self) -> bool {
        self.ends.len() == 1 && self.text.trim().is_empty()
    }
}

/// Reads records from bytes that are pushed in.
#[derive(Debug)]
pub struct CsvReader {
    reader: Reader,
    /// Bytes of the byte order mark that were seen; all of them once it is decided.
    mark: Mark,
    /// Whether a record has begun and not ended.
    within: bool,
    /// The line in which it began.
    line: u64,
    /// Its bytes from earlier pushes.
    carried: Vec<u8>,
    /// Its fields so far, and what of the buffer they fill.
    text: Vec<u8>,
    text_len: usize,
    ends: Vec<usize>,
    ends_len: usize,
}

#[derive(Debug, Clone, Copy)]
enum Mark {
    /// So many of its bytes were there.
    Seen(usize),
    /// It was skipped, or is not there.
    Decided,
}

impl Default for CsvReader {
    fn default() -> Self {
        let mut reader = Reader::new();
        // The byte order mark is skipped here, where it may come in pieces; the reader would look for another one.
        reader.read_record(b"\n", &mut [0], &mut [0]);
        reader.set_line(1);
        Self {
            reader,
            mark: Mark::Seen(0),
            within: false,
            line: 1,
            carried: Vec::new(),
            text: vec![0; 8 << 10],
            text_len: 0,
            ends: vec![0; 64],
            ends_len: 0,
        }
    }
}

impl CsvReader {
    /// Reads the next bytes of the file, and gives each record that ends in them.
    pub fn push<F>(&mut self, bytes: &[u8], record: &mut F) -> Result<(), FileError>
    where
        F: FnMut(Record<'_>) -> Result<(), FileError>,
    {
        let bytes = match self.mark {
            Mark::Decided => bytes,
            Mark::Seen(seen) => match self.skip_mark(seen, bytes, record)? {
                Some(rest) => rest,
                None => return Ok(()),
            },
        };
        self.read(bytes, record)
    }

    /// Tells that the file ends, and gives the record that no line end closes.
    pub fn finish<F>(mut self, record: &mut F) -> Result<(), FileError>
    where
        F: FnMut(Record<'_>) -> Result<(), FileError>,
    {
        if let Mark::Seen(seen) = self.mark {
            self.mark = Mark::Decided;
            self.read(BYTE_ORDER_MARK.get(..seen).unwrap_or_default(), record)?;
        }
        if !self.within {
            return Ok(());
        }
        // A line end ends the record, except inside quotes.
        self.read(b"\n", record)?;
        if self.within {
            let text = "the file ends inside a quoted field of the record that begins here";
            return Err(FileError::new(FileRule::OpenQuote, text).at_line(self.line));
        }
        Ok(())
    }

    /// The bytes behind the byte order mark; none while it is not decided whether there is one.
    fn skip_mark<'b, F>(
        &mut self,
        seen: usize,
        bytes: &'b [u8],
        record: &mut F,
    ) -> Result<Option<&'b [u8]>, FileError>
    where
        F: FnMut(Record<'_>) -> Result<(), FileError>,
    {
        let wanted = BYTE_ORDER_MARK.get(seen..).unwrap_or_default();
        let same = wanted.iter().zip(bytes).take_while(|(mark, byte)| mark == byte).count();
        if same == wanted.len() {
            self.mark = Mark::Decided;
            return Ok(bytes.get(same..));
        }
        if same == bytes.len() {
            self.mark = Mark::Seen(seen.saturating_add(same));
            return Ok(None);
        }
        // What began like it was something else.
        self.mark = Mark::Decided;
        self.read(BYTE_ORDER_MARK.get(..seen).unwrap_or_default(), record)?;
        Ok(Some(bytes))
    }

    fn read<F>(&mut self, mut bytes: &[u8], record: &mut F) -> Result<(), FileError>
    where
        F: FnMut(Record<'_>) -> Result<(), FileError>,
    {
        loop {
            if !self.within {
                bytes = self.skip_line_ends(bytes);
                self.within = !bytes.is_empty();
                self.line = self.reader.line();
            }
            if bytes.is_empty() {
                return Ok(());
            }
            let taken = self.step(bytes, record)?;
            bytes = bytes.get(taken..).unwrap_or_default();
        }
    }

    /// What follows the line ends that the bytes begin with.
    fn skip_line_ends<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let ends = bytes.iter().take_while(|&&byte| byte == b'\n' || byte == b'\r').count();
        let (ends, rest) = bytes.split_at_checked(ends).unwrap_or_default();
        let lines = u64::try_from(memchr::memchr_iter(b'\n', ends).count()).unwrap_or(u64::MAX);
        self.reader.set_line(self.reader.line().saturating_add(lines));
        rest
    }

    /// Reads up to the end of the record, of the bytes or of a buffer; gives how many bytes that took.
    fn step<F>(&mut self, bytes: &[u8], record: &mut F) -> Result<usize, FileError>
    where
        F: FnMut(Record<'_>) -> Result<(), FileError>,
    {
        if self.ends_len == self.ends.len() {
            self.ends.resize(self.ends.len().saturating_mul(2), 0);
        }
        let text = self.text.get_mut(self.text_len..).unwrap_or_default();
        let ends = self.ends.get_mut(self.ends_len..).unwrap_or_default();
        let (result, taken, written, ended) = self.reader.read_record(bytes, text, ends);
        self.text_len = self.text_len.saturating_add(written);
        self.ends_len = self.ends_len.saturating_add(ended);
        let raw = bytes.get(..taken).unwrap_or_default();
        if self.carried.len().saturating_add(raw.len()) > MAX_RECORD_BYTES {
            return Err(self.too_long());
        }
        match result {
            ReadRecordResult::Record => self.end_record(raw, record)?,
            ReadRecordResult::InputEmpty | ReadRecordResult::OutputEndsFull => {
                self.carried.extend_from_slice(raw);
            }
            ReadRecordResult::OutputFull => {
                self.carried.extend_from_slice(raw);
                self.text.resize(self.text.len().saturating_mul(2), 0);
            }
            ReadRecordResult::End => self.within = false,
        }
        Ok(taken)
    }

    fn end_record<F>(&mut self, raw: &[u8], record: &mut F) -> Result<(), FileError>
    where
        F: FnMut(Record<'_>) -> Result<(), FileError>,
    {
        let raw = if self.carried.is_empty() {
            raw
        } else {
            self.carried.extend_from_slice(raw);
            self.carried.as_slice()
        };
        let line = self.line;
        let text = self.text.get(..self.text_len).unwrap_or_default();
        let ends = self.ends.get(..self.ends_len).unwrap_or_default();
        let raw = str::from_utf8(raw).map_err(|error| not_utf8(raw, line, error.valid_up_to()))?;
        // Delimiters and quotes are ASCII: without them UTF-8 is still UTF-8.
        let text = str::from_utf8(text).map_err(|error| not_utf8(text, line, error.valid_up_to()))?;
        let read = Record { line, raw, text, ends };
        let done = if read.is_empty() { Ok(()) } else { record(read) };
        self.carried.clear();
        (self.text_len, self.ends_len, self.within) = (0, 0, false);
        done
    }

    fn too_long(&self) -> FileError {
        let text = format!(
            "the record that begins here is longer than {MAX_RECORD_BYTES} bytes: is a quote missing?"
        );
        FileError::new(FileRule::RecordTooLong, text).at_line(self.line)
    }
}

fn not_utf8(raw: &[u8], first_line: u64, valid: usize) -> FileError {
    let good = raw.get(..valid).unwrap_or_default();
    let lines = u64::try_from(memchr::memchr_iter(b'\n', good).count()).unwrap_or(u64::MAX);
    let line_start = memchr::memrchr(b'\n', good).map_or(0, |at| at.saturating_add(1));
    let before = String::from_utf8_lossy(good.get(line_start..).unwrap_or_default()).chars().count();
    let column = u64::try_from(before).unwrap_or(u64::MAX).saturating_add(1);
    FileError::new(FileRule::NotUtf8, "the bytes are not UTF-8")
        .at_line(first_line.saturating_add(lines))
        .at_column(column)
}
