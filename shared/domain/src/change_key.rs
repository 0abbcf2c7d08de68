//! Keys of change files (specs: tickets 4).

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use crate::{Dataset, at_eat_wall_clock};

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
pub enum TicketsKey {
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
pub fn tickets_key(key: &str) -> TicketsKey {
    if let Some(change) = ChangeKey::parse(key) {
        return TicketsKey::Change(change);
    }
    let below = |prefix: fn(Dataset) -> &'static str| {
        Dataset::ALL.into_iter().find(|&dataset| key.starts_with(prefix(dataset)))
    };
    if let Some(dataset) = below(Dataset::changes_prefix) {
        return TicketsKey::NotOurs(dataset);
    }
    below(Dataset::processed_prefix).map_or(TicketsKey::OtherFeed, TicketsKey::OwnOutput)
}

impl ChangeKey {
    /// Reads `automations/<dataset>/changes/YYYY-MM-DDTHH-MM-SS.csv`, where the time is a real one.
    pub fn parse(key: &str) -> Option<Self> {
        let (dataset, name) =
            Dataset::ALL.into_iter().find_map(|d| Some((d, key.strip_prefix(d.changes_prefix())?)))?;
        let at = at_eat_wall_clock(wall_time(name.strip_suffix(ENDING)?)?)?;
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
    let number = |range: std::ops::Range<usize>| stamp.get(range)?.parse::<u32>().ok();
    let year = i32::try_from(number(0..4)?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(5..7)?, number(8..10)?)?;
    date.and_hms_opt(number(11..13)?, number(14..16)?, number(17..19)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "automations/inc/changes/2026-06-25T08-20-00.csv";

    #[test]
    fn a_key_tells_dataset_and_instant() {
        let key = ChangeKey::parse(KEY).unwrap();
        assert_eq!((key.dataset(), key.as_str(), key.stamp()), (Dataset::Inc, KEY, "2026-06-25T08-20-00"));
        assert_eq!(
            key.at().to_rfc3339(),
            "2026-06-25T05:20:00+00:00",
            "the name shows the clock of East Africa"
        );
    }

    #[test]
    fn a_key_tells_where_its_file_is_moved_to() {
        let key = ChangeKey::parse("automations/crq/changes/2026-06-25T08-20-00.csv").unwrap();
        assert_eq!(key.processed(), "automations/crq/processed/2026-06-25T08-20-00.csv");
        assert_eq!(
            key.processed_beside("0123456789abcdef"),
            "automations/crq/processed/2026-06-25T08-20-00.01234567.csv"
        );
    }

    #[test]
    fn keys_of_a_dataset_order_by_time() {
        let at = |stamp: &str| ChangeKey::parse(&format!("automations/inc/changes/{stamp}.csv")).unwrap();
        let mut keys = [at("2026-10-01T00-00-00"), at("2026-09-30T23-59-59"), at("0999-12-31T00-00-00")];
        keys.sort();
        assert!(keys.is_sorted_by_key(ChangeKey::at));
    }

    #[test]
    fn keys_of_other_shapes_are_told_apart() {
        let cases = [
            (KEY, "change"),
            ("automations/inc/changes/2024-02-29T23-59-59.csv", "change"),
            ("automations/inc/changes/2026-02-30T08-00-00.csv", "not ours"),
            ("automations/inc/changes/2026-02-29T08-00-00.csv", "not ours"),
            ("automations/inc/changes/2026-06-25T24-00-00.csv", "not ours"),
            ("automations/inc/changes/2026-06-25T08-60-00.csv", "not ours"),
            ("automations/inc/changes/2026-06-25T08-20-60.csv", "not ours"),
            ("automations/inc/changes/2026-06-25T08:20:00.csv", "not ours"),
            ("automations/inc/changes/2026-06-25T08-20-00.CSV", "not ours"),
            ("automations/inc/changes/2026-06-25T08-20-00.csv.gz", "not ours"),
            ("automations/inc/changes/+026-06-25T08-20-00.csv", "not ours"),
            ("automations/inc/changes/٢026-06-25T08-20-0.csv", "not ours"),
            ("automations/inc/changes/sub/2026-06-25T08-20-00.csv", "not ours"),
            ("automations/inc/changes/", "not ours"),
            ("automations/inc/changes/readme.txt", "not ours"),
            ("automations/crq/processed/2026-06-25T08-20-00.csv", "own output"),
            ("automations/crq/processed/2026-06-25T08-20-00.01234567.csv", "own output"),
            ("automations/prb/changes/2026-06-25T08-20-00.csv", "other feed"),
            ("Automations/inc/changes/2026-06-25T08-20-00.csv", "other feed"),
            ("dumps/acme/x.tgz", "other feed"),
            ("", "other feed"),
        ];
        for (key, wanted) in cases {
            let kind = match tickets_key(key) {
                TicketsKey::Change(_) => "change",
                TicketsKey::NotOurs(_) => "not ours",
                TicketsKey::OwnOutput(_) => "own output",
                TicketsKey::OtherFeed => "other feed",
            };
            assert_eq!(kind, wanted, "{key}");
        }
    }

    #[test]
    fn datasets_have_names() {
        assert_eq!("crq".parse(), Ok(Dataset::Crq));
        insta::assert_snapshot!("INC".parse::<Dataset>().unwrap_err(), @r#""INC" is no dataset of tickets: inc or crq"#);
    }
}
