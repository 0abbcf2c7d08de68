//! No faster than the geocoder allows.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use landfall_domain::Clock;

/// Lets time pass.
#[async_trait::async_trait]
pub trait Pause: Send + Sync + std::fmt::Debug {
    /// Comes back after so long, by the clock that goes with it.
    async fn pause(&self, time: Duration);
}

/// Waits by the machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sleep;

#[async_trait::async_trait]
impl Pause for Sleep {
    async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// Keeps requests apart.
#[derive(Debug)]
pub(crate) struct Pace {
    clock: Arc<dyn Clock>,
    pause: Arc<dyn Pause>,
    interval: Duration,
    last: Option<DateTime<Utc>>,
}

impl Pace {
    pub(crate) fn new(clock: Arc<dyn Clock>, pause: Arc<dyn Pause>, interval: Duration) -> Self {
        Self { clock, pause, interval, last: None }
    }

    /// Waits until the next request may be made, and counts it as made.
    pub(crate) async fn turn(&mut self) {
        if let Some(last) = self.last {
            // A clock that was set back must not make a run wait for hours.
            let gone = self.clock.now().signed_duration_since(last).to_std().unwrap_or_default();
            let left = self.interval.saturating_sub(gone);
            if !left.is_zero() {
                self.pause.pause(left).await;
            }
        }
        self.last = Some(self.clock.now());
    }

    /// Waits for so long.
    pub(crate) async fn wait(&self, time: Duration) {
        self.pause.pause(time).await;
    }
}
