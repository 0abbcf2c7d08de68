//! A change file as the source of tickets writes it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::{Dataset, eat_wall_clock};
use landfall_tickets::COLUMNS;

use super::places::{AREAS, Area, Place};

/// A row: values by column; those that are not there are empty.
#[derive(Debug, Clone, Default)]
pub(super) struct Row(BTreeMap<&'static str, String>);

impl Row {
    /// A ticket that was opened at an instant.
    pub fn of(dataset: Dataset, number: usize, opened: DateTime<Utc>) -> Self {
        let team = format!("Field Team {}", turn(&["A", "B", "C"], number));
        let service = if dataset == Dataset::Crq { "INSTALL" } else { "FTTH" };
        Self::at(whereabouts(number))
            .with("ticket_id", format!("{}{number:012}", dataset.id_prefix()))
            .with("source_type", "remedy")
            .with("department", "Fixed Access")
            .with("service_type", service)
            .with("bucket", turn(&["customer", "noc", "third_party"], number))
            .with("is_actionable", if number % 5 == 4 { "false" } else { "true" })
            .with("is_alarm", "false")
            .with("assigned_team", team)
            .with("created_at_service", wall(opened))
            .with("first_seen_at", wall(later(opened, 25)))
            .with("source_created_at", wall(opened))
            .status("open")
    }

    fn at(place: Option<(&Area, &Place)>) -> Self {
        let Some((area, place)) = place else { return Self::default() };
        Self::default()
            .with("cluster", area.cluster)
            .with("region", area.region)
            .with("location_name", place.location_name)
    }

    pub fn with(mut self, column: &'static str, value: impl Into<String>) -> Self {
        self.0.insert(column, value.into());
        self
    }

    pub fn status(self, status: &str) -> Self {
        self.with("normalized_status", status).with("raw_status", status.replace('_', " "))
    }

    /// The same, closed at an instant after so many minutes of work.
    pub fn closed(self, at: DateTime<Utc>, mttr: u32) -> Self {
        let verdict = if mttr > 2_880 { "missed" } else { "met" };
        self.status("closed")
            .with("closed_at", wall(at))
            .with("mttr", mttr.to_string())
            .with("sla_status", verdict)
    }
}

/// The content of a file that was made at an instant.
pub(super) fn csv(rows: Vec<Row>, made: DateTime<Utc>) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let seen =
        |row: Row| row.with("last_seen_at", wall(made)).with("source_updated_at", wall(later(made, -90)));
    // Writing to memory does not fail, and all records have the same length.
    let _ = out.write_record(COLUMNS);
    for row in rows.into_iter().map(seen) {
        let value = |column: &&str| row.0.get(*column).map_or("", String::as_str);
        let _ = out.write_record(COLUMNS.iter().map(value));
    }
    out.into_inner().unwrap_or_default()
}

pub(super) fn later(at: DateTime<Utc>, minutes: i64) -> DateTime<Utc> {
    at.checked_add_signed(TimeDelta::minutes(minutes)).unwrap_or(at)
}

pub(super) fn wall(at: DateTime<Utc>) -> String {
    eat_wall_clock(at).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Tickets go round the places.
fn whereabouts(number: usize) -> Option<(&'static Area, &'static Place)> {
    AREAS.iter().flat_map(|area| area.places.iter().map(move |place| (area, place))).cycle().nth(number)
}

/// Items take turns.
pub(super) fn turn<T: Copy + Default>(items: &[T], number: usize) -> T {
    items.iter().copied().cycle().nth(number).unwrap_or_default()
}
