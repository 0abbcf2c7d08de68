//! The NEA trace (specs: dumps 4.4).

use memchr::memmem;

use super::assemble::{RecordSink, Surveyed};
use super::cells::Cells;
use super::collect::Collector;
use super::parsed::FileEnd;
use super::plugin::{KeyScope, Plugin};
use super::reading::Reading;
use crate::records::{Attributes, NeaTraceRecord, Record, TraceSeverity};
use crate::text::{
    Counted, Dialect, Field, Grammar, LineForm, LineMisfit, Noise, Part, Row, RowSink, WarningCode, Warnings,
    parts,
};
use crate::values::{self, trim};

const TIME: usize = 0;
const MODULE: usize = 1;
const SEVERITY: usize = 2;
const EVENT: usize = 3;
const SEQ: usize = 4;
const MESSAGE: usize = 5;

const GRAMMAR: Grammar = Grammar {
    // No labels: the fields have their places in the line.
    fields: &[Field::word(&[]); 6],
    line_form: Some(LineForm { marks: |_| true, split: split_message }),
    noise: Noise::Trace,
    ..Grammar::EMPTY
};

/// Lines that may continue a message.
const MAX_CONTINUATIONS: u32 = 16;

/// Reads the trace files of the NEA.
#[derive(Debug)]
pub struct NeaTrace {
    dialect: Dialect,
}

impl Default for NeaTrace {
    fn default() -> Self {
        Self { dialect: Dialect::new(GRAMMAR) }
    }
}

impl Plugin for NeaTrace {
    fn name(&self) -> &'static str {
        "nea_trace"
    }

    fn version(&self) -> u32 {
        1
    }

    fn priority(&self) -> u32 {
        40
    }

    fn targets(&self) -> &[&'static str] {
        &["nea_trace*.log", "nea_trace*.log.[0-9]*", "nea_trace*.txt", "nea*.trc", "nea*.trc.[0-9]*"]
    }

    fn key_scope(&self) -> KeyScope {
        KeyScope::File
    }

    fn read(&self, input: &[u8], reading: Reading<'_>) -> FileEnd {
        Surveyed::of(input, &self.dialect).read_into(Trace::of(reading.records))
    }
}

fn split_message<'l>(_dialect: &Dialect, line: &'l str, row: &mut Row<'l>) -> Result<(), LineMisfit> {
    split_bracketed(line, row).or_else(|| split_piped(line, row)).ok_or(LineMisfit::BadRow)
}

/// Form A: `TS [MODULE] <SEV> (SEQ) EVENT: message`, where `(SEQ)` and `EVENT:` may be absent.
fn split_bracketed<'l>(line: &'l str, row: &mut Row<'l>) -> Option<()> {
    let (time, rest) = cut_at(line, b'[')?;
    let Some(time) = time.strip_suffix(' ') else {
        return split_at_bracket(line, row);
    };
    split_behind_time(time, rest, row)
}

/// As [`split_bracketed`], where a bracket stands before the one with a blank before it.
fn split_at_bracket<'l>(line: &'l str, row: &mut Row<'l>) -> Option<()> {
    let (time, rest) = line.split_at_checked(memmem::find(line.as_bytes(), b" [")?)?;
    split_behind_time(time, rest.get(2..)?, row)
}

fn split_behind_time<'l>(time: &'l str, rest: &'l str, row: &mut Row<'l>) -> Option<()> {
    if !values::has_iso_shape(time.trim_end()) {
        return None;
    }
    let (module, rest) = cut_at(rest, b']')?;
    let (severity, rest) = cut_at(after_blanks(rest)?.strip_prefix('<')?, b'>')?;
    let rest = if rest.is_empty() { rest } else { after_blanks(rest)? };
    let (seq, rest) = sequence(rest).unwrap_or(("", rest));
    let (event, message) = event(rest).unwrap_or(("", rest));
    let texts = [time, module, severity, event, seq, message];
    for (field, text) in [TIME, MODULE, SEVERITY, EVENT, SEQ, MESSAGE].into_iter().zip(texts) {
        row.set_first(field, trim(text));
    }
    Some(())
}

fn after_blanks(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(' ');
    (rest.len() < text.len()).then_some(rest)
}

/// What stands before and behind a character of ASCII that is not far.
fn cut_at(text: &str, character: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == character)?;
    Some((text.get(..at)?, text.get(at.saturating_add(1)..)?))
}

/// `(SEQ)`, decimal.
fn sequence(text: &str) -> Option<(&str, &str)> {
    let (seq, rest) = cut_at(text.strip_prefix('(')?, b')')?;
    let decimal = !seq.is_empty() && seq.bytes().all(|b| b.is_ascii_digit());
    let apart = rest.is_empty() || rest.starts_with(' ');
    (decimal && apart).then(|| (seq, rest.trim_start_matches(' ')))
}

/// `EVENT:` of 2 to 32 upper-case letters, digits and `_`, starting with a letter.
fn event(text: &str) -> Option<(&str, &str)> {
    let is_event = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    let end = text.bytes().position(|b| !is_event(b))?;
    let (event, rest) = text.split_at_checked(end)?;
    let message = rest.strip_prefix(':')?;
    let fits = (2..=32).contains(&event.len()) && event.starts_with(|c: char| c.is_ascii_uppercase());
    let apart = message.is_empty() || message.starts_with(' ');
    (fits && apart).then_some((event, message))
}

/// Form B: `TS|MODULE|SEV|EVENT|SEQ|message`; the message may hold more `|`.
fn split_piped<'l>(line: &'l str, row: &mut Row<'l>) -> Option<()> {
    if line.bytes().filter(|b| *b == b'|').take(5).count() < 5 {
        return None;
    }
    let places = [TIME, MODULE, SEVERITY, EVENT, SEQ, MESSAGE];
    for (field, text) in places.into_iter().zip(line.splitn(6, '|')) {
        row.set_first(field, trim(text));
    }
    Some(())
}

/// What a line that starts with a blank goes on with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Before {
    /// Nothing: there was no message yet.
    #[default]
    Nothing,
    /// A message with this many lines behind its first one.
    Message(u32),
    /// A line that was dropped; its continuations go with it.
    Dropped,
}

struct Trace<'a> {
    records: Collector<'a>,
    count: u64,
    before: Before,
}

impl<'a> Trace<'a> {
    fn of(records: Collector<'a>) -> Self {
        Self { records, count: 0, before: Before::Nothing }
    }

    fn record(&self, cells: &mut Cells<'_>) -> Option<NeaTraceRecord> {
        let ts = cells.required_as(WarningCode::BadTs, TIME, values::timestamp)?;
        Some(NeaTraceRecord {
            ordinal: self.count.saturating_add(1),
            ts,
            severity: cells.word(SEVERITY).unwrap_or(TraceSeverity::Info),
            module: cells.optional(MODULE, values::token),
            event: cells.optional(EVENT, values::token),
            seq: cells.optional(SEQ, values::uint),
            message: cells.text(MESSAGE).to_owned(),
            attrs: attributes(cells.text(MESSAGE)),
        })
    }

    /// Joins a line to the message before it.
    fn goes_on(&mut self, text: &str) {
        if let Some(Record::NeaTrace(trace)) = self.records.last_mut() {
            trace.message.push('\n');
            trace.message.push_str(text);
        }
    }
}

impl RowSink for Trace<'_> {
    fn row(&mut self, row: &Row<'_>, warnings: &mut Warnings) -> Counted {
        if let Some(record) = self.record(&mut Cells::new(row, warnings)) {
            self.count = record.ordinal;
            self.before = Before::Message(0);
            // Its number in the file makes it unlike any other.
            self.records.push_unique(Record::NeaTrace(record));
        } else {
            self.before = Before::Dropped;
        }
        Counted::Yes
    }

    fn line(&mut self, number: u32, text: &str, warnings: &mut Warnings) -> bool {
        if !text.starts_with(' ') {
            return false;
        }
        match self.before {
            Before::Nothing => warnings.add(WarningCode::UnparsedLine, number),
            Before::Dropped => {}
            Before::Message(lines) => {
                self.before = Before::Message(lines.saturating_add(1));
                if lines < MAX_CONTINUATIONS {
                    self.goes_on(text.trim());
                } else if lines == MAX_CONTINUATIONS {
                    self.goes_on("…");
                    warnings.add(WarningCode::TraceTrunc, number);
                }
            }
        }
        true
    }

    fn lost_line(&mut self) {
        self.before = Before::Dropped;
    }
}

impl RecordSink for Trace<'_> {
    fn finish(self) -> u64 {
        self.records.finish()
    }
}

/// The pairs of a message's first line; of one key the first.
fn attributes(message: &str) -> Attributes {
    let pairs = parts(message).filter_map(|part| match part {
        Part::Pair { key, value } => Some((key, value)),
        Part::Word(_) => None,
    });
    Attributes::of(pairs)
}
