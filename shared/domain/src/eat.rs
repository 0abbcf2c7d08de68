//! East Africa Time: three hours ahead of UTC, all year.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

const AHEAD: TimeDelta = TimeDelta::hours(3);

/// What clocks in East Africa show at an instant.
pub fn eat_wall_clock(at: DateTime<Utc>) -> NaiveDateTime {
    at.checked_add_signed(AHEAD).unwrap_or(at).naive_utc()
}

/// The instant at which clocks in East Africa show this; none beyond the times that can be told.
pub fn at_eat_wall_clock(wall: NaiveDateTime) -> Option<DateTime<Utc>> {
    Some(wall.checked_sub_signed(AHEAD)?.and_utc())
}
