//! One loop a stage: take, hand over, settle.

use std::sync::Arc;
use std::time::Duration;

use landfall_domain::{Clock, Stage};
use landfall_runtime::{
    Deadline, Faults, HeldMessage, Moment, Point, QueueError, RetryWaits, StageQueue, handing_on,
};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::batch::{BatchHandler, event_of, split};

/// How a dispatcher waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DispatcherSettings {
    /// How often an idle stage looks for messages that nobody announced.
    pub poll: Duration,
    /// The waits between the tries of a message.
    pub retry: RetryWaits,
}

impl Default for DispatcherSettings {
    fn default() -> Self {
        Self { poll: Duration::from_millis(200), retry: RetryWaits::default() }
    }
}

/// Feeds the stages of one process from a queue.
#[derive(Clone)]
pub struct Dispatcher {
    queue: Arc<dyn StageQueue>,
    clock: Arc<dyn Clock>,
    faults: Faults,
    settings: DispatcherSettings,
    wake: Arc<Notify>,
    stop: CancellationToken,
}

impl std::fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dispatcher").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Dispatcher {
    /// A dispatcher over a queue; it does nothing until [`Dispatcher::run`].
    pub fn new(
        queue: Arc<dyn StageQueue>,
        clock: Arc<dyn Clock>,
        faults: Faults,
        settings: DispatcherSettings,
    ) -> Self {
        Self { queue, clock, faults, settings, wake: Arc::new(Notify::new()), stop: CancellationToken::new() }
    }

    /// Says that there are new messages.
    pub fn wake(&self) {
        self.wake.notify_waiters();
    }

    /// Takes no further messages; what is being handled is finished.
    pub fn stop(&self) {
        self.stop.cancel();
        self.wake.notify_waiters();
    }

    /// Runs all stages until [`Dispatcher::stop`].
    pub async fn run(&self, handlers: Vec<Arc<dyn BatchHandler>>) {
        let mut loops = JoinSet::new();
        for handler in handlers {
            let this = self.clone();
            loops.spawn(async move { this.run_stage(handler).await });
        }
        while loops.join_next().await.is_some() {}
    }

    async fn run_stage(&self, handler: Arc<dyn BatchHandler>) {
        let settings = handler.stage().settings();
        let permits = Arc::new(Semaphore::new(usize::try_from(settings.concurrency).unwrap_or(1)));
        let mut workers = JoinSet::new();
        while !self.stop.is_cancelled() {
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { break };
            tokio::select! {
                () = handler.ready() => {}
                () = self.stop.cancelled() => break,
            }
            let woken = self.wake.notified();
            let messages = self.take(handler.stage()).await;
            if messages.is_empty() {
                drop(permit);
                let _ = tokio::time::timeout(self.settings.poll, woken).await;
                continue;
            }
            let (this, handler) = (self.clone(), Arc::clone(&handler));
            workers.spawn(async move {
                this.work(handler.as_ref(), messages).await;
                drop(permit);
                this.wake();
            });
            while workers.try_join_next().is_some() {}
        }
        while workers.join_next().await.is_some() {}
    }

    async fn take(&self, stage: Stage) -> Vec<HeldMessage> {
        let settings = stage.settings();
        let taken = self.queue.receive(stage, (self.clock.now(), settings.lease()), settings.batch).await;
        match taken {
            Ok(messages) => messages,
            Err(error) => {
                tracing::warn!(%stage, error = &error as &dyn std::error::Error, "no messages could be taken");
                tokio::time::sleep(self.settings.poll).await;
                Vec::new()
            }
        }
    }

    async fn work(&self, handler: &dyn BatchHandler, messages: Vec<HeldMessage>) {
        let stage = handler.stage();
        let answer = {
            let handled = self.deliver(handler, &messages);
            tokio::pin!(handled);
            loop {
                tokio::select! {
                    answer = &mut handled => break answer,
                    () = tokio::time::sleep(stage.settings().heartbeat()) => self.renew(stage, &messages).await,
                }
            }
        };
        let (done, failed) = match answer {
            Some(response) => split(messages, &response),
            None => (Vec::new(), messages),
        };
        if let Err(error) = self.settle(stage, &done, failed).await {
            // The leases run out, the messages are seen again, and the handlers know them.
            tracing::warn!(%stage, error = &error as &dyn std::error::Error, "messages could not be settled");
        }
    }

    /// None where no answer can be trusted: all messages are given again.
    async fn deliver(
        &self,
        handler: &dyn BatchHandler,
        messages: &[HeldMessage],
    ) -> Option<aws_lambda_events::event::sqs::SqsBatchResponse> {
        let stage = handler.stage();
        self.faults.pass(stage, Point::Send, Moment::Before).ok()?;
        let timeout = stage.settings().timeout;
        let answer = handler.handle(event_of(stage, messages), Deadline::within(timeout));
        let answer = handing_on(self.queue.as_ref(), || self.clock.now(), answer);
        match tokio::time::timeout(timeout, answer).await {
            Ok(Ok(response)) => self.faults.pass(stage, Point::Send, Moment::After).ok().map(|()| response),
            Ok(Err(error)) => {
                tracing::error!(%stage, messages = messages.len(), "{stage} did not answer, messages are given again: {error}");
                None
            }
            Err(_) => {
                tracing::error!(%stage, timeout_s = timeout.as_secs(), "batch ran out of time");
                None
            }
        }
    }

    async fn renew(&self, stage: Stage, messages: &[HeldMessage]) {
        let lease = (self.clock.now(), stage.settings().lease());
        if let Err(error) = self.queue.extend(stage, messages, lease).await {
            tracing::warn!(%stage, error = &error as &dyn std::error::Error, "lease could not be renewed");
        }
    }

    async fn settle(
        &self,
        stage: Stage,
        done: &[HeldMessage],
        failed: Vec<HeldMessage>,
    ) -> Result<(), QueueError> {
        if !done.is_empty() {
            if self.faults.pass(stage, Point::Ack, Moment::Before).is_ok() {
                self.queue.acknowledge(stage, done).await?;
                let _ = self.faults.pass(stage, Point::Ack, Moment::After);
            } else {
                // The acknowledgement was lost: the queue gives the messages again.
                self.queue.give_back(stage, done, (self.clock.now(), Duration::ZERO)).await?;
            }
        }
        let max_receives = stage.settings().max_receives;
        let (used_up, again): (Vec<_>, Vec<_>) =
            failed.into_iter().partition(|message| message.receives >= max_receives);
        for message in used_up {
            self.queue.bury(stage, &message, self.clock.now()).await?;
        }
        self.settings.retry.give_back(self.queue.as_ref(), stage, again, self.clock.now()).await
    }
}
