//! What was seen of the database.

use std::collections::{BTreeMap, BTreeSet};

use landfall_domain::Skew;

/// What was seen, or in words why not.
pub type Seen<T> = Result<T, String>;

/// All that was seen of a database that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseFacts {
    /// The server.
    pub server: Seen<Server>,
    /// Every migration that this release knows or that was applied, by number.
    pub migrations: Seen<Vec<Migration>>,
    /// The partitions of what grows for ever.
    pub partitions: Seen<Partitions>,
}

/// What the server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its version as a number, 150004 for 15.4.
    pub version: i32,
    /// Its version for people.
    pub version_text: String,
    /// Whether there is PostGIS.
    pub postgis: PostGis,
    /// Its connections.
    pub connections: Connections,
    /// Its clock.
    pub skew: Skew,
}

/// Whether there is PostGIS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PostGis {
    /// In this database, in this version.
    Installed(String),
    /// On the server, not in this database.
    Available(String),
    /// Not on the server.
    Absent,
}

/// Connections of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// `max_connections`.
    pub most: i64,
    /// Those that only superusers get.
    pub reserved: i64,
    /// Open now, of all databases.
    pub in_use: i64,
}

/// One migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Number and name.
    pub name: String,
    /// How it stands.
    pub state: MigrationState,
}

/// How a migration stands in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MigrationState {
    /// Applied, as this release knows it.
    Applied,
    /// Not applied.
    Pending,
    /// Applied in another form than this release knows.
    Changed,
    /// Applied, and not known to this release.
    Unknown,
    /// Begun, and not ended.
    HalfDone,
}

/// Monthly partitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partitions {
    /// Months that have a partition, as year times 12 plus month from 0, by table.
    pub months: BTreeMap<String, BTreeSet<i32>>,
    /// Rows in default partitions.
    pub stray: i64,
}
