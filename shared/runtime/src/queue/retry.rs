//! How long a message waits between its tries.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use landfall_domain::Stage;

use super::{HeldMessage, QueueError, StageQueue};

/// The waits between the tries of a message: each is four times the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryWaits {
    /// The wait before the second try.
    pub first: Duration,
    /// The longest wait.
    pub most: Duration,
}

impl Default for RetryWaits {
    /// 3 s, 12 s, 48 s, 192 s: an outage of four minutes costs no object its state.
    fn default() -> Self {
        Self { first: Duration::from_secs(3), most: Duration::from_mins(5) }
    }
}

impl RetryWaits {
    /// The wait after a message was received for the `receives`th time without success.
    pub fn after(&self, receives: u32) -> Duration {
        let steps = receives.saturating_sub(1);
        self.first.saturating_mul(4_u32.saturating_pow(steps)).min(self.most)
    }

    /// Gives failed messages back to their queue, each for its wait.
    pub async fn give_back(
        &self,
        queue: &dyn StageQueue,
        stage: Stage,
        failed: impl IntoIterator<Item = HeldMessage>,
        now: DateTime<Utc>,
    ) -> Result<(), QueueError> {
        let mut by_wait: BTreeMap<Duration, Vec<HeldMessage>> = BTreeMap::new();
        for message in failed {
            by_wait.entry(self.after(message.receives)).or_default().push(message);
        }
        for (wait, messages) in by_wait {
            queue.give_back(stage, &messages, (now, wait)).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_tried_five_times_within_five_minutes() {
        let waits: Vec<u64> =
            (1..=5).map(|receives| RetryWaits::default().after(receives).as_secs()).collect();
        assert_eq!(waits, [3, 12, 48, 192, 300]);
        assert_eq!(RetryWaits::default().after(u32::MAX), Duration::from_mins(5));
    }
}
