//! The columns of a change file (specs: tickets 2).

/// The names of all columns, in the order of the specification. A file may have them in any order.
pub const COLUMNS: [&str; 32] = [
    "ticket_id",
    "source_type",
    "department",
    "service_type",
    "normalized_status",
    "raw_status",
    "bucket",
    "is_actionable",
    "is_alarm",
    "is_auto_created",
    "is_auto_closed",
    "cluster",
    "region",
    "location_name",
    "latitude",
    "longitude",
    "assigned_team",
    "owner",
    "sla_status",
    "mttr",
    "created_at_service",
    "scheduled_at",
    "closed_at",
    "first_seen_at",
    "last_seen_at",
    "source_created_at",
    "source_updated_at",
    "week_start",
    "week_end",
    "source_s3_bucket",
    "source_s3_key",
    "source_snapshot_id",
];

/// A column whose values decide what becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The ticket.
    TicketId,
    /// Whether the row is of an alarm.
    IsAlarm,
    /// The area: a code or a name.
    Cluster,
    /// The place within it, in free text.
    LocationName,
}

impl Column {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TicketId => "ticket_id",
            Self::IsAlarm => "is_alarm",
            Self::Cluster => "cluster",
            Self::LocationName => "location_name",
        }
    }
}
