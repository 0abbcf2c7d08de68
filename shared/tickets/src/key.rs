//! Keys of change files (specs: tickets 4).

use std::fmt;
use std::ops::Range;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use crate::Dataset;

/// What East Africa Time is ahead of UTC, all year.
const EAT_AHEAD: TimeDelta = TimeDelta::hours(3);

/// The ending of a change file's name.
const ENDING: &str = ".csv";

/// The key of a change file. Keys of one dataset order by time, because the time has a fixed width.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChangeKey {
    key: String,
    dataset: Dataset,
    at: DateTime<Utc>,
}

/// What a key of the bucket is to this feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyKind {
    /// A change file that waits for its turn, or was applied and not moved yet.
    Change(ChangeKey),
    /// Below `processed/`: a change file that this feed moved there.
    OwnOutput(Dataset),
    /// Below `changes/`, and no change file: never read, never moved.
    NotOurs(Dataset),
    /// Elsewhere.
    OtherFeed,
}

/// Tells what a key is to this feed.
pub fn key_kind(key: &str) -> KeyKind {
    if let Some(change) = ChangeKey::parse(key) {
        return KeyKind::Change(change);
    }
    let below = |prefix: fn(Dataset) -> &'static str| {
        Dataset::ALL.into_iter().find(|&dataset| key.starts_with(prefix(dataset)))
    };
    if let Some(dataset) = below(Dataset::changes_prefix) {
        return KeyKind::NotOurs(dataset);
    }
    below(Dataset::processed_prefix).map_or(KeyKind::OtherFeed, KeyKind::OwnOutput)
}

impl ChangeKey {
    /// Reads `automations/<dataset>/changes/YYYY-MM-DDTHH-MM-SS.csv`, where the time is a real one.
    pub fn parse(key: &str) -> Option<Self> {
        let (dataset, name) =
            Dataset::ALL.into_iter().find_map(|d| Some((d, key.strip_prefix(d.changes_prefix())?)))?;
        let wall = wall_time(name.strip_suffix(ENDING)?)?;
        let at = wall.checked_sub_signed(EAT_AHEAD)?.and_utc();
        Some(Self { key: key.to_owned(), dataset, at })
    }

    /// The key itself.
    pub fn as_str(&self) -> &str {
        &self.key
    }

    /// Whose changes these are.
    pub fn dataset(&self) -> Dataset {
        self.dataset
    }

    /// The instant that the name's wall clock of East Africa shows.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The name below the prefix, without the ending: the wall clock.
    pub fn stamp(&self) -> &str {
        let name = self.key.strip_prefix(self.dataset.changes_prefix()).unwrap_or_default();
        name.strip_suffix(ENDING).unwrap_or_default()
    }

    /// Where the file is moved once it is applied.
    pub fn processed(&self) -> String {
        format!("{}{}{ENDING}", self.dataset.processed_prefix(), self.stamp())
    }

    /// Where it is moved if other bytes lie at [`ChangeKey::processed`]: named by the first 8 hexadecimal digits of
    /// its SHA-256.
    pub fn processed_beside(&self, sha256_hex: &str) -> String {
        let digits = sha256_hex.get(..8).unwrap_or(sha256_hex);
        format!("{}{}.{digits}{ENDING}", self.dataset.processed_prefix(), self.stamp())
    }
}

impl fmt::Display for ChangeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)
    }
}

/// `YYYY-MM-DDTHH-MM-SS`, each digit in its place.
fn wall_time(stamp: &str) -> Option<NaiveDateTime> {
    let shape = b"dddd-dd-ddTdd-dd-dd";
    let fits = |(&byte, &shape): (&u8, &u8)| match shape {
        b'd' => byte.is_ascii_digit(),
        other => byte == other,
    };
    if stamp.len() != shape.len() || !stamp.as_bytes().iter().zip(shape).all(fits) {
        return None;
    }
    let number = |range: Range<usize>| stamp.get(range)?.parse::<u32>().ok();
    let year = i32::try_from(number(0..4)?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(5..7)?, number(8..10)?)?;
    date.and_hms_opt(number(11..13)?, number(14..16)?, number(17..19)?)
}
