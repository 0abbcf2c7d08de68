//! How near two captures are (specs: dumps 7.1).

use std::cmp::Reverse;

use chrono::TimeDelta;

use super::facts::StoredDump;
use crate::capture_time::{CaptureStamp, Precision};

const NEAR: TimeDelta = TimeDelta::hours(6);

/// A new capture as seen from an existing one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nearness {
    /// Both are of one UTC date.
    pub same_day: bool,
    /// How long the new one was taken after the existing one, negative if before.
    pub after: TimeDelta,
}

impl Nearness {
    /// A date without a time counts as the time of any other capture of its day.
    pub(super) fn of(new: &CaptureStamp, existing: &CaptureStamp) -> Self {
        let same_day = new.time.date_naive() == existing.time.date_naive();
        let dated = new.precision == Precision::Day || existing.precision == Precision::Day;
        let after = new.time.signed_duration_since(existing.time);
        Self { same_day, after: if same_day && dated { TimeDelta::zero() } else { after } }
    }

    pub(super) fn delta(self) -> TimeDelta {
        self.after.abs()
    }

    /// Less than 6 h apart.
    pub(super) fn is_within_6h(self) -> bool {
        self.delta() < NEAR
    }

    /// Whether the new one is the older one.
    pub(super) fn is_older(self) -> bool {
        self.after < TimeDelta::zero()
    }
}

/// The dump that a new capture is compared with: the nearest, of equally near ones the newest.
pub(super) fn nearest<'a>(
    new: &CaptureStamp,
    dumps: impl Iterator<Item = &'a StoredDump>,
) -> Option<(&'a StoredDump, Nearness)> {
    let with_nearness = dumps.map(|dump| (dump, Nearness::of(new, &dump.capture)));
    with_nearness.min_by_key(|(dump, nearness)| (nearness.delta(), Reverse(dump.id)))
}
