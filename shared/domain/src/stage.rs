//! The stages and the one table of their times, sizes and leases.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A step of the flow; one function, one queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The front door: notifications to identities.
    ReceiveObject,
    /// Fingerprint, catalogue, plan and verdict of a dump archive.
    PlanArchive,
    /// One network element of one dump.
    ParseMember,
    /// Keeps the state tidy: unsent messages, due retries, expired leases, partitions.
    SweepState,
    /// Stores the messages that SQS gave up.
    RecordDeadLetters,
    /// Applies the change files of tickets that have come since the last one, in their order.
    DrainChanges,
    /// Asks a geocoder where tickets are.
    GeocodeTickets,
}

/// How a stage is run, in the self-hosted dispatcher and in the template alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageSettings {
    /// A handler gets this long for one batch.
    pub timeout: Duration,
    /// A message that was not acknowledged is seen again after this; at least six times `timeout`.
    pub visibility: Duration,
    /// Most messages in one batch.
    pub batch: u32,
    /// How long a mapping on Lambda gathers messages for a batch. The self-hosted dispatcher does not wait.
    pub batch_window: Duration,
    /// Memory of the function on Lambda, in MiB; its share of the processor grows with it, 1,769 MiB are one core.
    pub memory: u32,
    /// Batches worked on at once in one self-hosted process.
    pub concurrency: u32,
    /// Times a message is received before it is dead.
    pub max_receives: u32,
    /// What starts it.
    pub trigger: Trigger,
}

/// What starts a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// Messages of the queue that has the stage's name.
    Queue,
    /// The clock, at the times of [`crate::SCHEDULES`].
    Schedule,
    /// The clock, and messages of the queue that has the stage's name: what cannot wait for the clock.
    ScheduleAndQueue,
    /// The queues of dead letters of all stages that have a queue. Self-hosted there are none.
    DeadLetters,
}

impl Trigger {
    /// Whether the stage has a queue of its name, fed from the outbox.
    pub fn has_queue(self) -> bool {
        matches!(self, Self::Queue | Self::ScheduleAndQueue)
    }

    /// Whether the clock starts the stage.
    pub fn has_schedule(self) -> bool {
        matches!(self, Self::Schedule | Self::ScheduleAndQueue)
    }
}

impl StageSettings {
    /// How long a worker holds what it works on before somebody else may take it.
    pub fn lease(&self) -> Duration {
        self.timeout.min(Duration::from_mins(5))
    }

    /// How often a worker renews its lease.
    pub fn heartbeat(&self) -> Duration {
        self.lease() / 5
    }
}

impl Stage {
    /// All stages, front to back.
    pub const ALL: [Self; 7] = [
        Self::ReceiveObject,
        Self::PlanArchive,
        Self::ParseMember,
        Self::SweepState,
        Self::RecordDeadLetters,
        Self::DrainChanges,
        Self::GeocodeTickets,
    ];

    /// Stages that are sent messages through the outbox.
    pub const QUEUED: [Self; 4] =
        [Self::ReceiveObject, Self::PlanArchive, Self::ParseMember, Self::DrainChanges];

    /// The function's name, as in queue names and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReceiveObject => "receive-object",
            Self::PlanArchive => "plan-archive",
            Self::ParseMember => "parse-member",
            Self::SweepState => "sweep-state",
            Self::RecordDeadLetters => "record-dead-letters",
            Self::DrainChanges => "drain-changes",
            Self::GeocodeTickets => "geocode-tickets",
        }
    }

    /// The table.
    pub fn settings(self) -> StageSettings {
        let row = |timeout, batch, concurrency, memory| StageSettings {
            timeout: Duration::from_secs(timeout),
            visibility: Duration::from_secs(timeout * 6),
            batch,
            // Lambda gathers more than ten messages only if it may wait for them.
            batch_window: Duration::from_secs(u64::from(batch > 10)),
            memory,
            concurrency,
            max_receives: 5,
            trigger: Trigger::Queue,
        };
        match self {
            Self::ReceiveObject => row(60, 100, 2, 512),
            // A core each: planning inflates, parsing parses. The largest file takes a parser 800 MiB.
            Self::PlanArchive | Self::ParseMember => row(900, 1, 2, 1769),
            Self::SweepState => StageSettings { trigger: Trigger::Schedule, ..row(60, 1, 1, 512) },
            // Its time ends before the next tick. A quarter of a core reads faster than the database writes.
            Self::DrainChanges => StageSettings { trigger: Trigger::ScheduleAndQueue, ..row(900, 1, 2, 512) },
            // It waits for answers, one at a time.
            Self::GeocodeTickets => StageSettings { trigger: Trigger::Schedule, ..row(900, 1, 1, 256) },
            Self::RecordDeadLetters => StageSettings { trigger: Trigger::DeadLetters, ..row(60, 10, 1, 512) },
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text that names no stage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown stage {0:?}: expected receive-object, plan-archive, parse-member, sweep-state, record-dead-letters, \
     drain-changes or geocode-tickets"
)]
pub struct UnknownStage(pub String);

impl FromStr for Stage {
    type Err = UnknownStage;

    fn from_str(text: &str) -> Result<Self, UnknownStage> {
        Self::ALL
            .into_iter()
            .find(|stage| stage.as_str() == text)
            .ok_or_else(|| UnknownStage(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_go_to_the_stages_that_messages_start() {
        for stage in Stage::ALL {
            let is_sent_to = Stage::QUEUED.contains(&stage);
            assert_eq!(is_sent_to, stage.settings().trigger.has_queue(), "{stage}");
        }
    }

    #[test]
    fn a_message_stays_invisible_longer_than_any_handler_runs() {
        for stage in Stage::ALL {
            let settings = stage.settings();
            assert!(settings.visibility >= settings.timeout * 6, "{stage}");
            assert!(settings.max_receives >= 5, "{stage}");
        }
    }

    #[test]
    fn a_batch_fits_what_lambda_takes() {
        for stage in Stage::ALL {
            let settings = stage.settings();
            assert!(settings.timeout <= Duration::from_mins(15), "{stage}");
            assert!((128..=10_240).contains(&settings.memory), "{stage}");
            assert!(settings.batch <= 10 || settings.batch_window >= Duration::from_secs(1), "{stage}");
        }
    }

    #[test]
    fn leases_are_renewed_five_times_and_never_exceed_five_minutes() {
        let settings = Stage::PlanArchive.settings();
        assert_eq!(settings.lease(), Duration::from_mins(5));
        assert_eq!(settings.heartbeat(), Duration::from_mins(1));
        assert_eq!(Stage::ReceiveObject.settings().lease(), Duration::from_mins(1));
    }
}
