//! The city that a region belongs to.

use serde::{Deserialize, Serialize};

use super::Point;

/// A city, whose anchor stands in where nothing better is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum City {
    /// Of `nairobi`.
    Nairobi,
    /// Of `coast`.
    Mombasa,
    /// Of `nyanza`.
    Kisumu,
    /// Of `north rift`.
    Eldoret,
    /// Of `rift`.
    Nakuru,
}

impl City {
    /// All cities.
    pub const ALL: [Self; 5] = [Self::Nairobi, Self::Mombasa, Self::Kisumu, Self::Eldoret, Self::Nakuru];

    /// The city of a region in lower case, by how its name begins.
    pub fn of_region(region: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|city| region.starts_with(city.region_prefix()))
    }

    /// The city of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|city| city.name() == name)
    }

    /// How the names of its regions begin. No one begins with another.
    pub const fn region_prefix(self) -> &'static str {
        match self {
            Self::Nairobi => "nairobi",
            Self::Mombasa => "coast",
            Self::Kisumu => "nyanza",
            Self::Eldoret => "north rift",
            Self::Nakuru => "rift",
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nairobi => "Nairobi",
            Self::Mombasa => "Mombasa",
            Self::Kisumu => "Kisumu",
            Self::Eldoret => "Eldoret",
            Self::Nakuru => "Nakuru",
        }
    }

    /// Its centre.
    pub const fn anchor(self) -> Point {
        match self {
            Self::Nairobi => Point { lat: -1.2864, lng: 36.8172 },
            Self::Mombasa => Point { lat: -4.0435, lng: 39.6682 },
            Self::Kisumu => Point { lat: -0.0917, lng: 34.7680 },
            Self::Eldoret => Point { lat: 0.5143, lng: 35.2698 },
            Self::Nakuru => Point { lat: -0.3031, lng: 36.0800 },
        }
    }
}
