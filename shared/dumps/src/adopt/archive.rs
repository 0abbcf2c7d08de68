//! Archives whose dumps the system before stored.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Timelike, Utc};
use landfall_domain::Sha256Digest;

use super::cells::{Cells, read_rows};
use super::compare::Comparison;
use super::conflict::{Planned, Read};
use super::table::{RawRow, Table};
use crate::capture_time::{CaptureStamp, Precision, Source};
use crate::metadata::{Country, CustomerKey, InvalidValue, NetworkKey, Origin};
use crate::names::PlanNe;
use crate::values::{iso_millis, timestamp};

/// An archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveRow {
    /// Number of the row.
    pub row: u64,
    /// Digest of the archive.
    pub sha256: Sha256Digest,
    /// Its customer.
    pub customer: CustomerKey,
    /// Its network.
    pub network: NetworkKey,
    /// When it was captured.
    pub capture: CaptureStamp,
    /// What took it.
    pub origin: Origin,
    /// Its number among the dumps of its day, from 1; none if it is to be counted.
    pub snapshot_seq: Option<i32>,
    /// The country.
    pub country: Option<Country>,
    /// The network elements that it shows; empty where nobody knows.
    pub nes: BTreeSet<PlanNe>,
}

/// A stored archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredArchive {
    /// Its customer.
    pub customer: String,
    /// Its network.
    pub network: String,
    /// When it was captured.
    pub capture_ts: DateTime<Utc>,
    /// How fine that is known.
    pub capture_precision: String,
    /// What took it.
    pub origin: String,
    /// The number of its dump; none where it is still to be counted.
    pub snapshot_seq: Option<i32>,
    /// The country.
    pub country: Option<String>,
    /// The network elements.
    pub nes: BTreeSet<String>,
}

/// The unique key of a dump: customer, network, capture time, origin, number.
pub type DumpKey = (String, String, DateTime<Utc>, String, i32);

/// What is stored of the networks and archives that rows name.
#[derive(Debug, Clone, Default)]
pub struct StoredArchives {
    /// Networks that are stored, or that conflicting rows name.
    pub networks: BTreeSet<(String, String)>,
    /// Archives by digest.
    pub archives: BTreeMap<Sha256Digest, StoredArchive>,
    /// The dump that holds a key.
    pub dumps: BTreeMap<DumpKey, String>,
}

/// Reads rows of archives.
pub fn read_archives(rows: &[RawRow]) -> Read<ArchiveRow> {
    read_rows(Table::Archives, rows, read)
}

fn read(cells: &mut Cells<'_>) -> Option<ArchiveRow> {
    let sha256 = cells.needed("sha256", digest);
    let customer = cells.needed("customer_key", str::parse);
    let network = cells.needed("network_key", str::parse);
    let time = cells.needed("capture_ts", time);
    let precision = cells.given("capture_precision", |text| text.to_ascii_lowercase().parse::<Precision>());
    let origin = cells.needed("origin", str::parse);
    let snapshot_seq = cells.given("snapshot_seq", number);
    let country = cells.given("country", str::parse);
    let nes = cells.list("nes", str::parse::<PlanNe>);
    let capture = CaptureStamp::new(time?, precision.unwrap_or(Precision::Second), Source::Meta);
    if capture.precision == Precision::Day && capture.time.num_seconds_from_midnight() > 0 {
        let text = "a time of precision day stands at 00:00:00".to_owned();
        cells.refuse("capture_ts", &iso_millis(&capture.time), text);
    }
    Some(ArchiveRow {
        row: cells.row(),
        sha256: sha256?,
        customer: customer?,
        network: network?,
        capture,
        origin: origin?,
        snapshot_seq,
        country,
        nes: nes?,
    })
}

/// A digest as hexadecimal digits, also as PostgreSQL shows bytes.
pub(super) fn digest(cell: &str) -> Result<Sha256Digest, landfall_domain::DigestError> {
    cell.strip_prefix("\\x").unwrap_or(cell).parse()
}

fn time(cell: &str) -> Result<DateTime<Utc>, InvalidValue> {
    let rule = "a time stamp of the years 2000 to 2099, as 2025-01-18T03:14:07Z";
    timestamp(cell).ok_or_else(|| InvalidValue::new(cell, rule))
}

fn number(cell: &str) -> Result<i32, InvalidValue> {
    let found = cell.parse().ok().filter(|number: &i32| *number >= 1);
    found.ok_or_else(|| InvalidValue::new(cell, "a number from 1"))
}

/// Compares archives with the stored ones, and those with what the rows before bring.
pub fn plan_archives(rows: Vec<ArchiveRow>, mut stored: StoredArchives) -> Planned<ArchiveRow> {
    let mut planned = Planned::new();
    for row in rows {
        let mut comparison = Comparison::of(Table::Archives, row.row);
        let found = stored.archives.get(&row.sha256);
        let is_stored = found.is_some();
        let key = dump_key(&row);
        if let Some(found) = found {
            compare(&row, found, &mut comparison);
        } else {
            if !stored.networks.contains(&(row.customer.to_string(), row.network.to_string())) {
                comparison.missing_parent("network_key", &row.network, Table::Networks);
            }
            if let Some(holder) = key.as_ref().and_then(|key| stored.dumps.get(key)) {
                comparison.held("snapshot_seq", row.snapshot_seq.unwrap_or_default(), holder);
            }
        }
        let Some(new) = planned.judge(row, is_stored, comparison.end()) else { continue };
        if let Some(key) = key {
            stored.dumps.insert(key, format!("row {}", new.row));
        }
        stored.archives.insert(new.sha256, as_stored(new));
    }
    planned
}

fn dump_key(row: &ArchiveRow) -> Option<DumpKey> {
    let (customer, network) = (row.customer.to_string(), row.network.to_string());
    Some((customer, network, row.capture.time, row.origin.to_string(), row.snapshot_seq?))
}

fn compare(row: &ArchiveRow, stored: &StoredArchive, comparison: &mut Comparison) {
    comparison.value("customer_key", Some(&row.customer), Some(&stored.customer));
    comparison.value("network_key", Some(&row.network), Some(&stored.network));
    let time = iso_millis(&stored.capture_ts);
    comparison.value("capture_ts", Some(iso_millis(&row.capture.time)), Some(&time));
    comparison.value("capture_precision", Some(row.capture.precision), Some(&stored.capture_precision));
    comparison.value("origin", Some(&row.origin), Some(&stored.origin));
    let number = stored.snapshot_seq.map(|number| number.to_string());
    comparison.value("snapshot_seq", row.snapshot_seq, number.as_deref());
    comparison.value("country", row.country.as_ref(), stored.country.as_deref());
    if !row.nes.is_empty() {
        let given: Vec<&str> = row.nes.iter().map(PlanNe::as_str).collect();
        let nes: Vec<&str> = stored.nes.iter().map(String::as_str).collect();
        comparison.value("nes", Some(given.join(";")), Some(&nes.join(";")));
    }
}

impl ArchiveRow {
    /// The names under which its load knows the network elements: `UNKNOWN` where nobody knows them.
    pub fn plan_nes(&self) -> Vec<String> {
        if self.nes.is_empty() {
            return vec![PlanNe::UNKNOWN.to_owned()];
        }
        self.nes.iter().map(ToString::to_string).collect()
    }
}

/// How a new archive is stored.
fn as_stored(row: &ArchiveRow) -> StoredArchive {
    StoredArchive {
        customer: row.customer.to_string(),
        network: row.network.to_string(),
        capture_ts: row.capture.time,
        capture_precision: row.capture.precision.to_string(),
        origin: row.origin.to_string(),
        snapshot_seq: row.snapshot_seq,
        country: row.country.as_ref().map(ToString::to_string),
        nes: row.plan_nes().into_iter().collect(),
    }
}
