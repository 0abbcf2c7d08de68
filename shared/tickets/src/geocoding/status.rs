//! What is kept of an answer, and for how long.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GeoStatus {
    /// A point that is believed.
    Ok,
    /// There is no place of that name.
    NotFound,
    /// The point is too far from where it should be.
    RejectedFar,
    /// No answer that could be used.
    Error,
    /// A point that an operator set.
    Manual,
}

/// Tries in a row that may end in an error before it is left alone for a week.
const ERRORS: i32 = 5;

impl GeoStatus {
    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotFound => "not_found",
            Self::RejectedFar => "rejected_far",
            Self::Error => "error",
            Self::Manual => "manual",
        }
    }
}

/// When to ask again, none for never; `errors` is how many tries in a row have ended in an error, with this one.
pub fn retry_after(status: GeoStatus, errors: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let wait = match status {
        GeoStatus::Ok | GeoStatus::Manual => return None,
        GeoStatus::NotFound => TimeDelta::days(30),
        GeoStatus::RejectedFar => TimeDelta::days(90),
        GeoStatus::Error if errors < ERRORS => TimeDelta::zero(),
        GeoStatus::Error => TimeDelta::days(7),
    };
    now.checked_add_signed(wait)
}
