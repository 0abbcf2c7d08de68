//! The two kinds of tickets (specs: tickets 1).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of tickets: one stream of change files, one table. Both have the same columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dataset {
    /// Incidents.
    Inc,
    /// Change and installation requests.
    Crq,
}

/// A name that is no dataset's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no dataset of tickets: inc or crq")]
pub struct UnknownDataset(String);

impl Dataset {
    /// Both, in the order of their names' use: incidents first.
    pub const ALL: [Self; 2] = [Self::Inc, Self::Crq];

    /// A change file is applied no sooner than so many seconds after it was written, where nothing else is said
    /// (specs: tickets 4).
    pub const SETTLE_SECONDS: u32 = 120;

    /// The name, as stored and as it stands in keys.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inc => "inc",
            Self::Crq => "crq",
        }
    }

    /// Its table, with the schema.
    pub const fn table(self) -> &'static str {
        match self {
            Self::Inc => "tickets.inc",
            Self::Crq => "tickets.crq",
        }
    }

    /// Where change files land.
    pub const fn changes_prefix(self) -> &'static str {
        match self {
            Self::Inc => "automations/inc/changes/",
            Self::Crq => "automations/crq/changes/",
        }
    }

    /// Where applied change files are moved to.
    pub const fn processed_prefix(self) -> &'static str {
        match self {
            Self::Inc => "automations/inc/processed/",
            Self::Crq => "automations/crq/processed/",
        }
    }

    /// What its ticket ids begin with.
    pub const fn id_prefix(self) -> &'static str {
        match self {
            Self::Inc => "INC",
            Self::Crq => "CRQ",
        }
    }

    /// The lease that a drain of it holds.
    pub const fn lease(self) -> &'static str {
        match self {
            Self::Inc => "tickets/inc",
            Self::Crq => "tickets/crq",
        }
    }
}

impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Dataset {
    type Err = UnknownDataset;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|d| d.name() == name).ok_or_else(|| UnknownDataset(name.to_owned()))
    }
}
