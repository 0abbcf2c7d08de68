//! Memory buckets of the NEA (specs: dumps 4.5).

use super::assemble::{Assemble, read_rows};
use super::cells::Cells;
use super::parsed::FileEnd;
use super::plugin::{ParseContext, Plugin};
use super::reading::Reading;
use crate::records::{NeaBucketRecord, Record};
use crate::text::{Dialect, Field, Grammar, WarningCode};
use crate::values::{self, Percent};

const ID: usize = 0;
const CAPACITY: usize = 1;
const USED: usize = 2;
const FREE: usize = 3;
const NAME: usize = 4;
const SIZE: usize = 5;
const PEAK: usize = 6;
const FAILURES: usize = 7;
const PCT: usize = 8;

const GRAMMAR: Grammar = Grammar {
    commands: &["show nea buckets", "show nea bucket"],
    fields: &[
        Field::word(&["Bucket", "Bucket Id", "Id", "Bkt"]),
        Field::word(&["Total", "Capacity", "Max"]),
        Field::word(&["Used", "In Use"]),
        Field::word(&["Free"]),
        Field::word(&["Bucket Name", "Name"]),
        Field::word(&["Size", "Bucket Size", "Elem Size"]),
        Field::word(&["Peak", "High Water", "HWM"]),
        Field::word(&["Fail", "Failures", "Alloc Fail"]),
        Field::word(&["Use %", "Util", "Utilization", "%"]),
    ],
    mandatory: &[ID, CAPACITY, USED],
    start: Some(ID),
    nouns: &["buckets"],
    ..Grammar::EMPTY
};

/// Reads the output of `show nea buckets`.
#[derive(Debug)]
pub struct NeaBucketCounts {
    dialect: Dialect,
}

impl Default for NeaBucketCounts {
    fn default() -> Self {
        Self { dialect: Dialect::new(GRAMMAR) }
    }
}

impl Plugin for NeaBucketCounts {
    fn name(&self) -> &'static str {
        "nea_bucket_counts"
    }

    fn version(&self) -> u32 {
        1
    }

    fn priority(&self) -> u32 {
        50
    }

    fn targets(&self) -> &[&'static str] {
        &["nea_bucket*.out", "nea_bucket*.txt"]
    }

    fn requires(&self) -> &[&'static str] {
        &["node"]
    }

    fn read(&self, input: &[u8], reading: Reading<'_>) -> FileEnd {
        read_rows(input, &self.dialect, reading, &mut Buckets)
    }
}

struct Buckets;

impl Assemble for Buckets {
    fn record(&mut self, cells: &mut Cells<'_>, _context: &ParseContext) -> Option<Record> {
        let bucket_id = cells.required(ID, values::uint)?;
        let capacity = cells.required(CAPACITY, values::uint)?;
        let used = cells.required(USED, values::uint)?;
        let utilization_pct = Percent::of(used, capacity);
        check_share(cells, utilization_pct);
        Some(Record::NeaBucket(NeaBucketRecord {
            bucket_id,
            bucket_name: cells.optional(NAME, values::token),
            size_bytes: cells.optional(SIZE, values::size),
            capacity,
            used,
            free: free(cells, capacity, used),
            peak: cells.optional(PEAK, values::uint),
            failures: cells.optional(FAILURES, values::uint).unwrap_or(0),
            utilization_pct,
        }))
    }
}

/// The free elements as reported, else what is left. Reported ones that do not sum up are kept.
fn free(cells: &mut Cells<'_>, capacity: u64, used: u64) -> u64 {
    let Some(reported) = cells.optional(FREE, values::uint) else {
        return capacity.saturating_sub(used);
    };
    if used.checked_add(reported) != Some(capacity) {
        cells.warn(WarningCode::BucketSum);
    }
    reported
}

/// Holds the reported share against the computed one; it is not stored.
fn check_share(cells: &mut Cells<'_>, computed: Option<Percent>) {
    let reported = cells.optional(PCT, Percent::read);
    if reported.is_some_and(|reported| computed.is_none_or(|computed| reported.is_far_from(computed))) {
        cells.warn(WarningCode::PctMismatch);
    }
}
