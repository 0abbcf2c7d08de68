//! How far another machine's clock is from ours.

use chrono::{DateTime, TimeDelta, Utc};

use crate::Finding;

/// From here on identities and waits, which count in seconds, suffer.
const NOTICED: TimeDelta = TimeDelta::seconds(2);
/// From here on leases and waits are wrong by more than they are long.
const TOO_FAR: TimeDelta = TimeDelta::seconds(60);

/// What an answer proves of another clock: it is ahead of ours by at least this; negative: behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skew(pub TimeDelta);

impl Skew {
    /// The least skew that explains a time between `from` and `until`, told by a machine that we asked and that
    /// answered at these times of ours.
    pub fn between(
        (asked, answered): (DateTime<Utc>, DateTime<Utc>),
        (from, until): (DateTime<Utc>, DateTime<Utc>),
    ) -> Self {
        let (least, most) = (from.signed_duration_since(answered), until.signed_duration_since(asked));
        if least > TimeDelta::zero() { Self(least) } else { Self(most.min(TimeDelta::zero())) }
    }

    /// The finding on a clock: `whose` as in `the database's`.
    pub fn judge(self, name: &str, whose: &str) -> Finding {
        let off = self.0.abs();
        let side = if self.0 < TimeDelta::zero() { "behind" } else { "ahead of" };
        let tenths = off.num_milliseconds().checked_div(100).unwrap_or(0);
        let (whole, tenth) = (tenths.checked_div(10).unwrap_or(0), tenths.checked_rem(10).unwrap_or(0));
        let seen = format!("{whose} clock is {whole}.{tenth} s {side} this machine's");
        let next = "let all machines take their time by NTP: identities without version ids, leases and waits count \
                    in seconds";
        if off >= TOO_FAR {
            Finding::problem(name, seen, next)
        } else if off >= NOTICED {
            Finding::warning(name, seen, next)
        } else {
            Finding::ok(name, format!("{whose} clock agrees with this machine's to less than 2 s"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::milliseconds(ms)
    }

    #[test]
    fn a_skew_is_the_least_that_the_answer_proves() {
        // Asked at 10 s, answered at 13 s; the other clock said something between from and until.
        let table = [
            ((9_000, 9_999), -1),
            ((10_000, 11_000), 0),
            ((13_000, 13_000), 0),
            ((13_500, 14_499), 500),
            ((0, 1_000), -9_000),
            ((73_000, 74_000), 60_000),
        ];
        for ((from, until), expected) in table {
            let skew = Skew::between((at(10_000), at(13_000)), (at(from), at(until)));
            assert_eq!(skew, Skew(TimeDelta::milliseconds(expected)), "{from}..{until}");
        }
    }

    #[test]
    fn two_seconds_are_a_warning_and_a_minute_is_a_problem() {
        let table = [
            (0, Level::Ok),
            (1_999, Level::Ok),
            (-1_999, Level::Ok),
            (2_000, Level::Warning),
            (-2_000, Level::Warning),
            (59_999, Level::Warning),
            (60_000, Level::Problem),
            (-60_000, Level::Problem),
        ];
        for (ms, level) in table {
            let finding = Skew(TimeDelta::milliseconds(ms)).judge("clock.store", "the store's");
            assert_eq!(finding.level, level, "{ms}");
            assert_eq!(finding.next.is_some(), level > Level::Ok, "{ms}");
        }
        let behind = Skew(TimeDelta::milliseconds(-75_250)).judge("clock.store", "the store's");
        insta::assert_snapshot!(behind.seen, @"the store's clock is 75.2 s behind this machine's");
    }
}
