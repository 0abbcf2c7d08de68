//! Looks for a time stamp in the first lines of a log, chunk by chunk (specs: dumps 2.7).

use chrono::{DateTime, Utc};

use super::Window;
use super::digits::leftmost;
use crate::values::timestamp_prefix;

/// So many lines of a file are looked at.
const LINES: u32 = 20;
/// A longer line is dropped, as everywhere (specs: dumps 3.1).
const LINE_BYTES: usize = 8_192;

/// The leftmost point in time of a line that `valid` accepts. What is no UTF-8 parts words as any other
/// character does.
pub fn find_timestamp(line: &[u8], valid: impl Fn(DateTime<Utc>) -> bool) -> Option<DateTime<Utc>> {
    let read = |text: &str| timestamp_prefix(text).map(|(time, _)| time).filter(|time| valid(*time));
    leftmost(&String::from_utf8_lossy(line), read).map(|(_, time)| time)
}

/// Finds the first valid time stamp in the first 20 lines of a file that arrives in chunks. Holds at most one
/// line of 8,192 bytes, whatever the file.
#[derive(Debug)]
pub struct FirstLines {
    window: Window,
    line: Vec<u8>,
    too_long: bool,
    lines_left: u32,
    found: Option<DateTime<Utc>>,
}

impl FirstLines {
    /// A scan that accepts what the window allows.
    pub fn new(window: Window) -> Self {
        Self { window, line: Vec::new(), too_long: false, lines_left: LINES, found: None }
    }

    /// Whether more bytes cannot change the result.
    pub fn is_done(&self) -> bool {
        self.found.is_some() || self.lines_left == 0
    }

    /// Takes the next bytes of the file.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !self.is_done() && !bytes.is_empty() {
            if let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
                let (line, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
                self.extend(line);
                self.end_line();
                bytes = rest.strip_prefix(b"\n").unwrap_or(rest);
            } else {
                self.extend(bytes);
                return;
            }
        }
    }

    /// The first valid time stamp; the last line needs no line end.
    pub fn finish(mut self) -> Option<DateTime<Utc>> {
        if !self.is_done() {
            self.end_line();
        }
        self.found
    }

    fn extend(&mut self, bytes: &[u8]) {
        let room = LINE_BYTES.saturating_sub(self.line.len());
        if self.too_long || bytes.len() > room {
            self.too_long = true;
            self.line.clear();
        } else {
            // NUL bytes are no text (specs: dumps 3.1); they must not part the digits of a date.
            self.line.extend(bytes.iter().copied().filter(|byte| *byte != 0));
        }
    }

    fn end_line(&mut self) {
        let window = self.window;
        self.found = find_timestamp(&self.line, |time| window.allows(time));
        self.line.clear();
        self.too_long = false;
        self.lines_left = self.lines_left.saturating_sub(1);
    }
}
