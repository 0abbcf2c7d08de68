//! When stages are started by the clock: one table, for the self-hosted scheduler and for the template.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Timelike, Utc};

use crate::{Dataset, Stage, eat_wall_clock};

/// A stage that the clock starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// Names it among all schedules.
    pub name: &'static str,
    /// What is started.
    pub stage: Stage,
    /// For which tickets, where the stage works on one kind at a time.
    pub dataset: Option<Dataset>,
    /// When.
    pub cadence: Cadence,
}

/// All schedules.
pub const SCHEDULES: [Schedule; 4] = [
    Schedule {
        name: "sweep-state",
        stage: Stage::SweepState,
        dataset: None,
        cadence: Cadence::Every(Duration::from_mins(1)),
    },
    Schedule {
        name: "drain-inc",
        stage: Stage::DrainChanges,
        dataset: Some(Dataset::Inc),
        cadence: Cadence::OFFICE_HOURS,
    },
    Schedule {
        name: "drain-crq",
        stage: Stage::DrainChanges,
        dataset: Some(Dataset::Crq),
        cadence: Cadence::OFFICE_HOURS,
    },
    // Ten minutes after the drains. The self-hosted process geocodes within the drain of incidents instead.
    Schedule {
        name: "geocode-tickets",
        stage: Stage::GeocodeTickets,
        dataset: None,
        cadence: Cadence::Eat { minutes: 20, offset: 10, first_hour: 6, last_hour: 20 },
    },
];

/// How often, and within which hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cadence {
    /// All day. The self-hosted process has a shorter period of its own.
    Every(Duration),
    /// In East Africa Time, each so many minutes from the first hour until the end of the last one.
    Eat {
        /// Minutes between two starts; a divisor of 60.
        minutes: u32,
        /// Minutes of an hour before its first start; fewer than lie between two starts.
        offset: u32,
        /// The hour of the first start.
        first_hour: u32,
        /// The hour of the last starts.
        last_hour: u32,
    },
}

impl Cadence {
    /// Each 20 minutes from 06:00 to 20:40 in East Africa: 45 starts a day (specs: tickets 9).
    pub const OFFICE_HOURS: Self = Self::Eat { minutes: 20, offset: 0, first_hour: 6, last_hour: 20 };

    /// The time between two starts.
    pub fn period(self) -> Duration {
        match self {
            Self::Every(period) => period,
            Self::Eat { minutes, .. } => Duration::from_secs(u64::from(minutes) * 60),
        }
    }

    /// The first start after `time`.
    pub fn after(self, time: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::Every(period) => {
                TimeDelta::from_std(period).ok().and_then(|p| time.checked_add_signed(p)).unwrap_or(time)
            }
            Self::Eat { minutes, offset, .. } => {
                let (step, offset) = (i64::from(minutes.max(1)) * 60, i64::from(offset) * 60);
                let next = ((time.timestamp() - offset).div_euclid(step) + 1) * step + offset;
                let starts = (0..=1440).map(|n| next + n * step);
                let mut times = starts.filter_map(|second| DateTime::from_timestamp(second, 0));
                times.find(|start| self.is_within(*start)).unwrap_or(time)
            }
        }
    }

    /// Whether a start at this time would be within the hours.
    pub fn is_within(self, time: DateTime<Utc>) -> bool {
        match self {
            Self::Every(_) => true,
            Self::Eat { first_hour, last_hour, .. } => {
                (first_hour..=last_hour).contains(&eat_wall_clock(time).hour())
            }
        }
    }

    /// Whether this lies between the first and the last start of a day, both included.
    pub fn spans(self, time: DateTime<Utc>) -> bool {
        match self {
            Self::Every(_) => true,
            Self::Eat { minutes, offset, first_hour, last_hour } => {
                let last_of_hour = offset + 59_u32.saturating_sub(offset) / minutes.max(1) * minutes;
                let (first, last) = (first_hour * 60 + offset, last_hour * 60 + last_of_hour);
                (first * 60..=last * 60).contains(&eat_wall_clock(time).num_seconds_from_midnight())
            }
        }
    }

    /// As a schedule expression of EventBridge Scheduler.
    pub fn expression(self) -> String {
        match self {
            Self::Every(period) => match period.as_secs() / 60 {
                1 => "rate(1 minute)".to_owned(),
                minutes => format!("rate({minutes} minutes)"),
            },
            Self::Eat { minutes, offset, first_hour, last_hour } => {
                format!("cron({offset}/{minutes} {first_hour}-{last_hour} * * ? *)")
            }
        }
    }

    /// The time zone in which the expression is meant; none where that makes no difference. Kenya keeps East Africa
    /// Time.
    pub fn time_zone(self) -> Option<&'static str> {
        match self {
            Self::Every(_) => None,
            Self::Eat { .. } => Some("Africa/Nairobi"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(time: &str) -> String {
        Cadence::OFFICE_HOURS.after(time.parse().unwrap()).to_rfc3339()
    }

    /// Times of East Africa: three hours more.
    #[test]
    fn test_49_a_tick_at_2040_runs_and_one_at_2100_does_not() {
        assert_eq!(after("2026-06-25T17:20:00Z"), "2026-06-25T17:40:00+00:00");
        assert_eq!(after("2026-06-25T17:40:00Z"), "2026-06-26T03:00:00+00:00");
        assert_eq!(after("2026-06-25T18:00:00Z"), "2026-06-26T03:00:00+00:00");
        assert_eq!(after("2026-06-26T02:59:59Z"), "2026-06-26T03:00:00+00:00");
        assert_eq!(after("2026-06-26T03:00:00Z"), "2026-06-26T03:20:00+00:00");
    }

    #[test]
    fn an_offset_moves_each_start() {
        let geocode = SCHEDULES[3].cadence;
        let after = |time: &str| geocode.after(time.parse().unwrap()).to_rfc3339();
        assert_eq!(after("2026-06-25T17:40:00Z"), "2026-06-25T17:50:00+00:00");
        assert_eq!(after("2026-06-25T17:50:00Z"), "2026-06-26T03:10:00+00:00");
    }

    #[test]
    fn the_hours_of_drains_end_with_their_last_start() {
        let spans = |time: &str| Cadence::OFFICE_HOURS.spans(time.parse().unwrap());
        let table = [
            ("2026-06-25T02:59:59Z", false),
            ("2026-06-25T03:00:00Z", true),
            ("2026-06-25T10:11:12Z", true),
            ("2026-06-25T17:40:00Z", true),
            ("2026-06-25T17:40:01Z", false),
            ("2026-06-25T19:00:00Z", false),
        ];
        for (time, expected) in table {
            assert_eq!(spans(time), expected, "{time}");
        }
    }

    #[test]
    fn there_are_45_starts_a_day() {
        let day: DateTime<Utc> = "2026-06-25T00:00:00Z".parse().unwrap();
        let end = day + TimeDelta::days(1);
        let mut starts = std::iter::successors(Some(Cadence::OFFICE_HOURS.after(day)), |start| {
            Some(Cadence::OFFICE_HOURS.after(*start))
        });
        assert_eq!(starts.by_ref().take_while(|start| *start < end).count(), 45);
    }

    #[test]
    fn schedules_are_written_as_eventbridge_reads_them() {
        let written: Vec<_> = SCHEDULES.iter().map(|s| (s.name, s.cadence.expression())).collect();
        assert_eq!(
            written,
            [
                ("sweep-state", "rate(1 minute)".to_owned()),
                ("drain-inc", "cron(0/20 6-20 * * ? *)".to_owned()),
                ("drain-crq", "cron(0/20 6-20 * * ? *)".to_owned()),
                ("geocode-tickets", "cron(10/20 6-20 * * ? *)".to_owned()),
            ]
        );
    }

    #[test]
    fn each_stage_that_the_clock_starts_has_a_schedule() {
        for stage in Stage::ALL {
            let has = SCHEDULES.iter().any(|schedule| schedule.stage == stage);
            assert_eq!(has, stage.settings().trigger.has_schedule(), "{stage}");
        }
    }
}
