//! Change files of invented tickets. Deterministic; spread over the year before 25 June 2026: 300 clusters, 30 % without
//! a time of creation, 10 % with a coordinate.

use std::fmt::Write as _;

use chrono::{DateTime, Duration, Utc};
use landfall_domain::Dataset;
use landfall_tickets::COLUMNS;

/// Minutes of a year, over which tickets are spread.
const YEAR: u32 = 525_600;
/// 25 June 2026, 08:00 by the clock of East Africa, as if it were UTC.
const NEWEST: i64 = 1_782_374_400;
const REGIONS: [&str; 5] = ["COAST", "nairobi south", "Nairobi  East", "Nyanza", "north rift"];
const CLOSED: [&str; 6] = ["closed", "closed", "closed", "closed", "resolved", "cancelled"];
const OPEN: [&str; 4] = ["open", "assigned", "in_progress", "pending"];
const BUCKETS: [&str; 3] = ["noc", "customer", "field"];

/// One file.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Whose.
    pub dataset: Dataset,
    /// The first file is 0; later ones have greater names.
    pub number: u32,
    /// Rows.
    pub rows: u32,
    /// Every row, or every other one, is of a ticket from here on.
    pub first: u32,
    /// The rows between these are of tickets from here on.
    pub other: Option<u32>,
    /// Of 1000 tickets so many are open.
    pub open_in_1000: u32,
}

impl File {
    /// Its key.
    pub fn key(&self) -> String {
        format!("{}{}.csv", self.dataset.changes_prefix(), self.stamp())
    }

    /// Where it is once it is applied.
    pub fn processed(&self) -> String {
        self.key().replace("/changes/", "/processed/")
    }

    fn stamp(&self) -> String {
        let at = time(NEWEST) + Duration::minutes(i64::from(self.number));
        at.format("%Y-%m-%dT%H-%M-%S").to_string()
    }

    /// Its text.
    pub fn text(&self) -> String {
        let mut text = COLUMNS.join(",");
        text.push('\n');
        for row in 0..self.rows {
            let ticket = match self.other {
                Some(other) if row % 2 == 1 => other + row / 2,
                Some(_) => self.first + row / 2,
                None => self.first + row,
            };
            self.line(&mut text, ticket);
        }
        text
    }

    fn line(&self, text: &mut String, g: u32) {
        let mix = |factor: u64, of: u32| u32::try_from(u64::from(g) * factor % u64::from(of)).unwrap_or(0);
        let opened = time(NEWEST) - Duration::minutes(i64::from(mix(7907, YEAR)));
        let is_closed = mix(104_729, 1000) >= self.open_in_1000;
        let now = (time(NEWEST) + Duration::minutes(i64::from(self.number))).format("%Y-%m-%d %H:%M:%S");
        let shown = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S").to_string();
        let chosen = |is: bool, value: String| if is { value } else { String::new() };
        let status = if is_closed { pick(&CLOSED, g) } else { pick(&OPEN, g) };
        let prefix = self.dataset.name().to_uppercase();
        let (actionable, bucket) = (g.is_multiple_of(3), pick(&BUCKETS, g));
        let (nth, region, place) = (mix(7919, 300), pick(&REGIONS, mix(7919, 300)), 1000 + g % 9000);
        let lat = chosen(g.is_multiple_of(10), format!("{:.4}", -1.3 + f64::from(g % 1000) * 0.0003));
        let lng = chosen(g.is_multiple_of(10), format!("{:.4}", 36.8 + f64::from(g % 777) * 0.0003));
        let team = char::from(b'A'.saturating_add(u8::try_from(g % 20).unwrap_or(0)));
        let owner = chosen(!g.is_multiple_of(4), format!("A. Person{}", g % 60));
        let sla = chosen(is_closed, pick(&["met", "missed"], g).to_owned());
        let mttr = chosen(is_closed, (g % 5000).to_string());
        let created = chosen(g % 10 >= 3, shown(opened));
        let closed = chosen(is_closed, shown(opened + Duration::minutes(i64::from(g % 5000))));
        let (seen, source) = (shown(opened + Duration::minutes(5)), shown(opened));
        let updated = shown(time(NEWEST) - Duration::days(2));
        let estate = mix(31, 4000);
        let written = writeln!(
            text,
            "{prefix}{g:012},remedy,Fixed Access,FTTH,{status},{status},{bucket},{actionable},false,false,false,\
             Cluster {nth},{region},FAT-{place} Estate {estate},{lat},{lng},Field Team {team},{owner},{sla},{mttr},\
             {created},,{closed},{seen},{now},{source},{updated},2026-06-22,2026-06-28,upstream-exports,\
             upstream/{}.csv,snap-{}",
            self.number, self.number
        );
        debug_assert!(written.is_ok(), "text takes everything");
    }
}

fn time(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

fn pick<'a>(of: &[&'a str], number: u32) -> &'a str {
    let at = number as usize % of.len().max(1);
    of.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use landfall_tickets::{ChangeFile, Reject, Row, RowSink};

    use super::*;

    #[derive(Default)]
    struct Ids(Vec<String>);

    impl RowSink for Ids {
        fn row(&mut self, row: Row<'_>) {
            self.0.push(row.ticket_id.to_owned());
        }

        fn reject(&mut self, reject: Reject<'_>) {
            panic!("{reject:?}");
        }
    }

    #[test]
    fn a_file_is_read_whole_and_half_of_its_tickets_are_of_each_kind() {
        let file =
            File { dataset: Dataset::Inc, number: 7, rows: 4, first: 10, other: Some(500), open_in_1000: 20 };
        let (mut ids, mut reading) = (Ids::default(), ChangeFile::new(Dataset::Inc));
        reading.push(file.text().as_bytes(), &mut ids).unwrap();
        let counts = reading.finish(&mut ids).unwrap();
        assert_eq!((counts.rows_read, counts.kept), (4, 4));
        let numbers: Vec<&str> = ids.0.iter().map(|id| id.trim_start_matches(['I', 'N', 'C', '0'])).collect();
        assert_eq!(numbers, ["10", "500", "11", "501"]);
        assert_eq!(file.key(), "automations/inc/changes/2026-06-25T08-07-00.csv");
    }
}
