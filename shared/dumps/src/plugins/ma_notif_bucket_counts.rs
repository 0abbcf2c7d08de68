//! Counters of the MA's notifications (specs: dumps 4.6).

use super::assemble::{Assemble, read_rows};
use super::cells::Cells;
use super::parsed::FileEnd;
use super::plugin::{ParseContext, Plugin};
use super::reading::Reading;
use crate::records::{MaNotifRecord, Record};
use crate::text::{Dialect, Field, Grammar, LineForm, LineMisfit, Part, Row, parts};
use crate::values;

const BUCKET: usize = 0;
const RECEIVED: usize = 1;
const SENT: usize = 2;
const DROPPED: usize = 3;
const QUEUED: usize = 4;
const MAX_QUEUED: usize = 5;
const LAST: usize = 6;

const GRAMMAR: Grammar = Grammar {
    commands: &["show ma notif", "show ma notifications"],
    fields: &[
        Field::word(&["Bucket", "Notification", "Notif Type", "Class"]),
        Field::word(&["Received", "Recv", "Rcvd", "In"]),
        Field::word(&["Sent", "Out", "Forwarded"]),
        Field::word(&["Dropped", "Drop", "Lost"]),
        Field::word(&["Queued", "Queue", "Q"]),
        Field::word(&["Max Queue", "HWM", "Max Q"]),
        Field::text(&["Last", "Last Notification", "Last At"]),
    ],
    mandatory: &[BUCKET, RECEIVED],
    start: Some(BUCKET),
    nouns: &["buckets", "notification buckets"],
    line_form: Some(LineForm { marks: is_counter, split: split_pairs }),
    ..Grammar::EMPTY
};

/// Reads the output of `show ma notif`, and files of `bucket=..` lines.
#[derive(Debug)]
pub struct MaNotifBucketCounts {
    dialect: Dialect,
}

impl Default for MaNotifBucketCounts {
    fn default() -> Self {
        Self { dialect: Dialect::new(GRAMMAR) }
    }
}

impl Plugin for MaNotifBucketCounts {
    fn name(&self) -> &'static str {
        "ma_notif_bucket_counts"
    }

    fn version(&self) -> u32 {
        1
    }

    fn priority(&self) -> u32 {
        60
    }

    fn targets(&self) -> &[&'static str] {
        &["ma_notif*.out", "ma_notif*.txt"]
    }

    fn requires(&self) -> &[&'static str] {
        &["node"]
    }

    fn read(&self, input: &[u8], reading: Reading<'_>) -> FileEnd {
        read_rows(input, &self.dialect, reading, &mut Counters)
    }
}

fn is_counter(line: &str) -> bool {
    line.starts_with("bucket=")
}

/// Puts `key=value` pairs into their fields. Unknown keys and other words are ignored, as in the other layouts.
fn split_pairs<'l>(dialect: &Dialect, line: &'l str, row: &mut Row<'l>) -> Result<(), LineMisfit> {
    if !is_counter(line) {
        return Err(LineMisfit::NoRow);
    }
    for part in parts(line) {
        if let Part::Pair { key, value } = part
            && let Some(field) = dialect.field(key)
        {
            row.set_first(field, value);
        }
    }
    Ok(())
}

struct Counters;

impl Assemble for Counters {
    fn record(&mut self, cells: &mut Cells<'_>, _context: &ParseContext) -> Option<Record> {
        Some(Record::MaNotif(MaNotifRecord {
            bucket: cells.required(BUCKET, values::token)?,
            received: cells.required(RECEIVED, values::uint)?,
            sent: cells.optional(SENT, values::uint),
            dropped: cells.optional(DROPPED, values::uint).unwrap_or(0),
            queued: cells.optional(QUEUED, values::uint),
            max_queued: cells.optional(MAX_QUEUED, values::uint),
            last_at: cells.optional(LAST, values::timestamp),
        }))
    }
}
