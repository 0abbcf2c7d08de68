//! Change files of tickets for the demo: a morning's incidents and change requests, in the order in which they were made.

mod file;
mod geocoder;
mod places;

use chrono::{DateTime, Utc};
use landfall_domain::{Dataset, eat_wall_clock};

use super::DemoObject;
use file::{Row, csv, later, turn};

pub use geocoder::SampleGeocoder;

/// Minutes from one export to the next.
const EVERY: i64 = 20;
/// The incident whose row in the last file names no ticket.
const NAMELESS: usize = 44;

/// The change files of which the last was made at `made`: the same time gives the same bytes.
///
/// Tickets were opened up to three days before, so that of the open ones some are within their target, some at risk and
/// some beyond it. One file has an alarm, one a ticket twice, one a row that names no ticket.
pub fn ticket_objects(made: DateTime<Utc>) -> Vec<DemoObject> {
    let [first, second, third] = [-2, -1, 0].map(|turn| later(made, turn * EVERY));
    vec![
        object(Dataset::Crq, first, requests(first), "change requests with their appointments"),
        object(Dataset::Inc, first, incidents(first), "incidents, and an alarm that is no ticket"),
        object(Dataset::Inc, second, closures(second), "some of them are closed; one is told of twice"),
        object(Dataset::Crq, third, installed(third), "some are installed, one is cancelled"),
        object(
            Dataset::Inc,
            third,
            reopened(third),
            "one is open again; a row that names no ticket is refused",
        ),
        DemoObject::new(
            format!("{}latest.csv", Dataset::Inc.changes_prefix()),
            "not a change file\n",
            "below the prefix of change files, and none: ignored",
        ),
    ]
}

/// The time of the last file before an instant.
pub fn last_export(now: DateTime<Utc>) -> DateTime<Utc> {
    let seconds = EVERY * 60;
    DateTime::from_timestamp(now.timestamp() - now.timestamp().rem_euclid(seconds), 0).unwrap_or(now)
}

/// The time of the last file, of which the first one was made at `first`.
pub fn last_of(first: DateTime<Utc>) -> DateTime<Utc> {
    later(first, 2 * EVERY)
}

fn object(dataset: Dataset, made: DateTime<Utc>, rows: Vec<Row>, what: &'static str) -> DemoObject {
    let name = eat_wall_clock(made).format("%Y-%m-%dT%H-%M-%S");
    DemoObject::new(format!("{}{name}.csv", dataset.changes_prefix()), csv(rows, made), what)
}

/// An incident: the greater its number, the longer it is open. No target ends within the time that a file is new.
fn incident(number: usize, made: DateTime<Utc>) -> Row {
    let age = i64::try_from(number).unwrap_or_default() * 100;
    Row::of(Dataset::Inc, number, later(made, -45 - age))
        .status(turn(&["open", "assigned", "in_progress", "pending"], number))
}

fn incidents(made: DateTime<Utc>) -> Vec<Row> {
    let mut rows: Vec<Row> = (1..=40).map(|number| incident(number, made)).collect();
    rows.push(incident(41, made).with("is_alarm", "true"));
    // Some lack the time of their creation, a few also when they were first seen.
    rows.push(incident(42, made).with("created_at_service", ""));
    rows.push(incident(43, made).with("created_at_service", "").with("first_seen_at", ""));
    // The feed itself knows where this one is.
    rows.push(incident(45, made).with("latitude", "-1.2702").with("longitude", "36.8085"));
    rows
}

fn closures(made: DateTime<Utc>) -> Vec<Row> {
    let first = later(made, -EVERY);
    let mttr = |number: u32| 90 + number * 95;
    let mut rows: Vec<Row> = [3_u32, 9, 14, 20, 26, 33, 38]
        .into_iter()
        .map(|number| incident(number as usize, first).closed(later(made, -15), mttr(number)))
        .collect();
    rows.extend([incident(5, first).status("assigned"), incident(5, first).status("in_progress")]);
    rows
}

fn reopened(made: DateTime<Utc>) -> Vec<Row> {
    let first = later(made, -2 * EVERY);
    let mut rows = vec![
        incident(9, first).closed(later(made, -35), 945).status("in_progress"),
        incident(NAMELESS, first).with("ticket_id", ""),
    ];
    rows.extend((46..=50).map(|number| Row::of(Dataset::Inc, number, later(made, -10))));
    rows
}

fn request(number: usize, made: DateTime<Utc>) -> Row {
    let age = i64::try_from(number).unwrap_or_default() * 900;
    let row = Row::of(Dataset::Crq, number, later(made, -60 - age));
    match number % 3 {
        0 => row.status("new"),
        // The appointment is over, or to come.
        1 => row.status("scheduled").with("scheduled_at", file::wall(later(made, -300))),
        _ => row.status("scheduled").with("scheduled_at", file::wall(later(made, 1_500))),
    }
}

fn requests(made: DateTime<Utc>) -> Vec<Row> {
    (1..=14).map(|number| request(number, made)).collect()
}

fn installed(made: DateTime<Utc>) -> Vec<Row> {
    let first = later(made, -2 * EVERY);
    let mut rows: Vec<Row> =
        [4, 7, 10].into_iter().map(|number| request(number, first).closed(later(made, -20), 5_200)).collect();
    rows.push(request(12, first).status("cancelled").with("closed_at", file::wall(later(made, -25))));
    rows
}

#[cfg(test)]
mod tests {
    use landfall_tickets::{ChangeFile, ChangeKey, Reject, Row as ReadRow, RowSink};

    use super::*;

    struct Counted;

    impl RowSink for Counted {
        fn row(&mut self, _: ReadRow<'_>) {}
        fn reject(&mut self, _: Reject<'_>) {}
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn read(object: &DemoObject) -> Option<String> {
        let key = ChangeKey::parse(&object.key)?;
        let mut file = ChangeFile::new(key.dataset());
        file.push(&object.body, &mut Counted).unwrap();
        let counts = file.finish(&mut Counted).unwrap();
        let (rows, kept, alarm, rejected) = (counts.rows_read, counts.kept, counts.alarm, counts.rejected);
        Some(format!(
            "{} {}: {rows} rows, {kept} kept, {alarm} alarms, {rejected} rejected",
            key.dataset(),
            key.stamp()
        ))
    }

    #[test]
    fn the_files_of_a_time_are_the_same_and_can_be_read() {
        let made = last_export(at("2026-03-01T09:31:12Z"));
        let objects = ticket_objects(made);
        assert_eq!(objects, ticket_objects(made));
        let read: Vec<String> = objects.iter().filter_map(read).collect();
        insta::assert_snapshot!(read.join("\n"), @"
        crq 2026-03-01T11-40-00: 14 rows, 14 kept, 0 alarms, 0 rejected
        inc 2026-03-01T11-40-00: 44 rows, 43 kept, 1 alarms, 0 rejected
        inc 2026-03-01T12-00-00: 9 rows, 9 kept, 0 alarms, 0 rejected
        crq 2026-03-01T12-20-00: 4 rows, 4 kept, 0 alarms, 0 rejected
        inc 2026-03-01T12-20-00: 7 rows, 6 kept, 0 alarms, 1 rejected
        ");
    }

    #[test]
    fn the_last_export_is_at_a_third_of_an_hour() {
        assert_eq!(last_export(at("2026-03-01T09:59:59Z")), at("2026-03-01T09:40:00Z"));
        assert_eq!(last_export(at("2026-03-01T10:00:00Z")), at("2026-03-01T10:00:00Z"));
    }
}
