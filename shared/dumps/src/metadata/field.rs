//! The fields and where they may stand.

use std::fmt;

/// A field of an upload's metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// Whose dump it is.
    Customer,
    /// The network it shows.
    Network,
    /// The ticket it was taken for.
    Ticket,
    /// The health check it belongs to.
    HcId,
    /// The country of the network.
    Country,
    /// What took the dump; dumps of one origin replace each other.
    Origin,
    /// When it was taken.
    CaptureTs,
    /// Whether an existing dump may be replaced.
    Overwrite,
}

impl Field {
    /// All fields, in the order in which they are checked.
    pub const ALL: [Self; 8] = [
        Self::Customer,
        Self::Network,
        Self::Ticket,
        Self::HcId,
        Self::Country,
        Self::Origin,
        Self::CaptureTs,
        Self::Overwrite,
    ];

    /// The fields without which an upload is not judged.
    pub const NEEDED: [Self; 3] = [Self::Customer, Self::Network, Self::Ticket];

    /// As in codes, columns and sidecars.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Network => "network",
            Self::Ticket => "ticket",
            Self::HcId => "hc_id",
            Self::Country => "country",
            Self::Origin => "origin",
            Self::CaptureTs => "capture_ts",
            Self::Overwrite => "overwrite",
        }
    }

    /// The field of this name, in any case, with `-` or `_`; none for names that mean nothing here.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase().replace('-', "_");
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Where a value comes from, the one that wins first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MetaSource {
    /// User metadata of the object.
    Header,
    /// The JSON object beside it.
    Sidecar,
    /// The folders of its key.
    Key,
}

impl fmt::Display for MetaSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Header => "object metadata",
            Self::Sidecar => "sidecar",
            Self::Key => "key",
        })
    }
}
