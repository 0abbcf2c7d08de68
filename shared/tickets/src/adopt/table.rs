//! The tables that are taken over, and their columns.

use std::fmt;

use landfall_domain::Dataset;
use serde::Serialize;

use super::{Column, Kind};

/// A table, named as ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// How far each dataset is.
    ImportMeta,
    /// Points of areas.
    GeoClusters,
    /// Points of places within areas.
    GeoLocations,
    /// Requests to the geocoder.
    GeoBudget,
    /// Incidents.
    Inc,
    /// Change and installation requests.
    Crq,
    /// Closures that were observed.
    ClosureEvents,
    /// Days of incidents.
    IncDailySnapshot,
    /// Days of requests.
    CrqDailySnapshot,
}

const STATUSES: Kind = Kind::Word(&["ok", "not_found", "rejected_far", "error", "manual"]);
const DATASETS: Kind = Kind::Word(&["inc", "crq"]);

const IMPORT_META: &[Column] = &[
    Column::needed("dataset", DATASETS),
    Column::taken("source_max_key", Kind::Text),
    Column::taken("content_max_ts", Kind::Time),
    // Holds the two above where they are no columns.
    Column::taken("metadata", Kind::Json),
];

const GEO_CLUSTERS: &[Column] = &[
    Column::needed("cluster_key", Kind::Text),
    Column::taken("query", Kind::Text),
    Column::needed("status", STATUSES),
    Column::taken("lat", Kind::Number),
    Column::taken("lng", Kind::Number),
    Column::taken("city", Kind::Text),
    Column::taken("display_name", Kind::Text),
    Column::taken("provider", Kind::Text),
    Column::or("attempts", Kind::Count, "0"),
    Column::taken("last_attempt_at", Kind::Time),
    Column::taken("retry_after", Kind::Time),
    Column::taken("raw", Kind::Json),
];

const GEO_LOCATIONS: &[Column] = &[
    Column::needed("cluster_key", Kind::Text),
    Column::needed("location_key", Kind::Text),
    Column::taken("query", Kind::Text),
    Column::needed("status", STATUSES),
    Column::taken("lat", Kind::Number),
    Column::taken("lng", Kind::Number),
    Column::taken("city", Kind::Text),
    Column::taken("display_name", Kind::Text),
    Column::taken("provider", Kind::Text),
    Column::or("attempts", Kind::Count, "0"),
    Column::taken("last_attempt_at", Kind::Time),
    Column::taken("retry_after", Kind::Time),
    Column::taken("raw", Kind::Json),
    Column::taken("distance_km", Kind::Number),
];

const GEO_BUDGET: &[Column] = &[Column::needed("day", Kind::Day), Column::needed("used", Kind::Count)];

const TICKETS: &[Column] = &[
    Column::needed("ticket_id", Kind::Text),
    Column::needed("raw", Kind::Json),
    Column::needed("source_key", Kind::Text),
    Column::or("reopen_count", Kind::Count, "0"),
    Column::compared("normalized_status", Kind::Text),
    Column::compared("raw_status", Kind::Text),
    Column::compared("bucket", Kind::Text),
    Column::compared("is_actionable", Kind::Flag),
    Column::compared("cluster", Kind::Text),
    Column::compared("region", Kind::Text),
    Column::compared("location_name", Kind::Text),
    Column::compared("assigned_team", Kind::Text),
    Column::compared("owner", Kind::Text),
    Column::compared("sla_status", Kind::Text),
    Column::compared("mttr", Kind::Number),
    Column::compared("created_at_service", Kind::Time),
    Column::compared("scheduled_at", Kind::Time),
    Column::compared("closed_at", Kind::Time),
    Column::compared("first_seen_at", Kind::Time),
    Column::compared("last_seen_at", Kind::Time),
    Column::compared("source_created_at", Kind::Time),
    Column::compared("source_updated_at", Kind::Time),
    Column::compared("is_open", Kind::Flag),
    Column::compared("latitude", Kind::Number),
    Column::compared("longitude", Kind::Number),
];

const CLOSURE_EVENTS: &[Column] = &[
    Column::needed("dataset", DATASETS),
    Column::needed("ticket_id", Kind::Text),
    Column::filled("reopen_count", Kind::Count),
    Column::needed("closed_at", Kind::Time),
    Column::taken("outcome", Kind::Text),
    Column::taken("mttr", Kind::Count),
    Column::taken("cluster", Kind::Text),
    Column::taken("region", Kind::Text),
    Column::taken("assigned_team", Kind::Text),
    Column::taken("owner", Kind::Text),
    Column::needed("observed_at", Kind::Time),
    Column::needed("backfill", Kind::Flag),
];

const DAILY_SNAPSHOT: &[Column] = &[
    Column::needed("snapshot_date", Kind::Day),
    Column::needed("open_total", Kind::Count),
    Column::needed("open_actionable", Kind::Count),
    Column::needed("breached", Kind::Count),
    Column::needed("at_risk", Kind::Count),
    Column::needed("within", Kind::Count),
    Column::needed("unknown", Kind::Count),
    Column::or("opened_count", Kind::Count, "0"),
    Column::or("closed_count", Kind::Count, "0"),
    Column::or("by_cluster", Kind::List, "[]"),
    Column::needed("captured_at", Kind::Time),
];

impl Table {
    /// All tables, in the order in which they are taken over.
    pub const ALL: [Self; 9] = [
        Self::ImportMeta,
        Self::GeoClusters,
        Self::GeoLocations,
        Self::GeoBudget,
        Self::Inc,
        Self::Crq,
        Self::ClosureEvents,
        Self::IncDailySnapshot,
        Self::CrqDailySnapshot,
    ];

    /// Its name in the schema `tickets`; a file is named as it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ImportMeta => "import_meta",
            Self::GeoClusters => "geo_clusters",
            Self::GeoLocations => "geo_locations",
            Self::GeoBudget => "geo_budget",
            Self::Inc => "inc",
            Self::Crq => "crq",
            Self::ClosureEvents => "closure_events",
            Self::IncDailySnapshot => "inc_daily_snapshot",
            Self::CrqDailySnapshot => "crq_daily_snapshot",
        }
    }

    /// The table of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// Its columns.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::ImportMeta => IMPORT_META,
            Self::GeoClusters => GEO_CLUSTERS,
            Self::GeoLocations => GEO_LOCATIONS,
            Self::GeoBudget => GEO_BUDGET,
            Self::Inc | Self::Crq => TICKETS,
            Self::ClosureEvents => CLOSURE_EVENTS,
            Self::IncDailySnapshot | Self::CrqDailySnapshot => DAILY_SNAPSHOT,
        }
    }

    /// Columns that are computed of a row, behind [`Table::columns`].
    pub const fn computed(self) -> &'static [&'static str] {
        match self {
            Self::GeoClusters | Self::GeoLocations => &["given_key"],
            Self::Inc | Self::Crq => &["cluster_key", "location_key"],
            _ => &[],
        }
    }

    /// The columns that tell its rows apart.
    pub const fn key(self) -> &'static [&'static str] {
        match self {
            Self::ImportMeta => &["dataset"],
            Self::GeoClusters => &["cluster_key"],
            Self::GeoLocations => &["cluster_key", "location_key"],
            Self::GeoBudget => &["day"],
            Self::Inc | Self::Crq => &["ticket_id"],
            Self::ClosureEvents => &["dataset", "ticket_id", "reopen_count"],
            Self::IncDailySnapshot | Self::CrqDailySnapshot => &["snapshot_date"],
        }
    }

    /// Whose tickets are in it, if it has tickets.
    pub const fn dataset_of_tickets(self) -> Option<Dataset> {
        match self {
            Self::Inc => Some(Dataset::Inc),
            Self::Crq => Some(Dataset::Crq),
            _ => None,
        }
    }

    /// Where the values of a column stand among those of a row.
    pub(super) fn place(self, column: &str) -> Option<usize> {
        self.columns().iter().position(|c| c.name == column)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
