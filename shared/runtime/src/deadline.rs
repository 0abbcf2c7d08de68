//! Handlers know their deadline and stop early.

use std::time::{Duration, Instant, SystemTime};

use landfall_domain::Stage;

/// When a handler must have answered.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// A deadline this far from now.
    pub fn within(time: Duration) -> Self {
        let now = Instant::now();
        Self(now.checked_add(time).unwrap_or(now))
    }

    /// That of an invocation of a function that has just begun. `cargo lambda watch` tells of a deadline ten minutes after
    /// the beginning of 1970: the time-out of the table counts there, else a handler would give back all work at once.
    pub fn of_invocation(stage: Stage, deadline: SystemTime, now: SystemTime) -> Self {
        Self::within(deadline.duration_since(now).unwrap_or_else(|_| stage.settings().timeout))
    }

    /// The time that is left.
    pub fn left(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether less than `needed` is left.
    pub fn is_short_of(&self, needed: Duration) -> bool {
        self.left() < needed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_that_is_over_when_the_work_begins_is_none() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_hours(500_000);
        let left = |deadline| Deadline::of_invocation(Stage::ParseMember, deadline, now).left();
        assert!(left(now + Duration::from_secs(90)) <= Duration::from_secs(90));
        let of_cargo_lambda = SystemTime::UNIX_EPOCH + Duration::from_mins(10);
        assert!(left(of_cargo_lambda) > Duration::from_mins(10));
    }
}
