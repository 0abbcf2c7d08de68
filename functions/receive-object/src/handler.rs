//! Decides what each notification comes to.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use landfall_domain::notification::{
    Change, EventError, Notification, NotificationError, ObjectEvent, parse,
};
use landfall_domain::{Classify, Disposition, Landing, Problem, Reason, Route, Stage, State, route};
use landfall_runtime::{Clients, CommitError, Deadline, Moment, Point, Record, StageHandler};
use landfall_store::StoreError;
use landfall_store::dead_letter::{self, DeadKind, NewDeadLetter};
use landfall_store::object::NewObject;

use crate::DrainOnEvent;
use crate::identify::{Seen, identify, landing_of_event};

/// The front door.
#[derive(Debug, Clone)]
pub struct ReceiveObject {
    pub(crate) clients: Clients,
    pub(crate) drains: DrainOnEvent,
}

/// What one notification comes to, before anything is written.
#[derive(Debug, Default)]
pub struct Decision {
    /// Versions that landed, each with its first state.
    pub(crate) landed: Vec<NewObject>,
    /// Versions that were lost before they were seen: recorded unless known.
    pub(crate) lost: Vec<NewObject>,
    /// Removals.
    pub(crate) removed: Vec<Removal>,
    /// The notification, where some of its records cannot be used.
    pub(crate) bad: Option<NewDeadLetter>,
    /// When work on it began.
    pub(crate) started: Option<DateTime<Utc>>,
}

/// A version that left its bucket.
#[derive(Debug)]
pub(crate) struct Removal {
    pub bucket: String,
    pub key: String,
    pub version_id: Option<String>,
    pub at: DateTime<Utc>,
}

impl ReceiveObject {
    /// A front door over these clients; change files wait for the clock.
    pub fn new(clients: Clients) -> Self {
        Self { clients, drains: DrainOnEvent::default() }
    }

    /// The same where landings ask for drains.
    pub fn draining(self, drains: DrainOnEvent) -> Self {
        Self { drains, ..self }
    }

    async fn decide_event(&self, decision: &mut Decision, event: ObjectEvent) -> Result<(), Problem> {
        let now = self.clients.clock.now();
        match event.change {
            // A delete marker hides a key; its versions are all still there.
            Change::Hidden => {}
            Change::Removed => decision.removed.push(Removal {
                at: event.time.unwrap_or(now),
                bucket: event.bucket,
                key: event.key,
                version_id: event.version_id,
            }),
            Change::Created => {
                self.clients.faults.pass(Stage::ReceiveObject, Point::Read, Moment::Before)?;
                let seen = identify(&self.clients.objects, &event, now).await?;
                self.clients.faults.pass(Stage::ReceiveObject, Point::Read, Moment::After)?;
                record_seen(decision, seen);
            }
        }
        Ok(())
    }
}

fn record_seen(decision: &mut Decision, seen: Seen) {
    match seen {
        Seen::Landed(landing) => decision.landed.push(judge(landing)),
        Seen::Overwritten { lost, current } => {
            let reason = Reason::new("overwritten")
                .with_text(format!("version {} was current before this one was seen", current.version));
            decision.lost.push(NewObject { state: State::Superseded, reason, feed: None, landing: lost });
            decision.landed.push(judge(current));
        }
        Seen::Gone(landing) => {
            let reason = Reason::new("gone").with_text("the key was empty when its event was handled");
            decision.lost.push(NewObject { state: State::Gone, reason, feed: None, landing });
        }
    }
}

fn judge(landing: Landing) -> NewObject {
    match route(&landing.key) {
        Route::Stage { feed, stage } => NewObject {
            landing,
            state: State::Dispatched,
            reason: Reason::new(stage.as_str()),
            feed: Some(feed),
        },
        Route::Wait { feed, reason } => {
            NewObject { landing, state: State::Waiting, reason, feed: Some(feed) }
        }
        Route::Ignore { feed, reason } => NewObject { landing, state: State::Ignored, reason, feed },
    }
}

#[async_trait]
impl StageHandler for ReceiveObject {
    type Decision = Decision;

    fn stage(&self) -> Stage {
        Stage::ReceiveObject
    }

    async fn decide(&self, record: &Record, _: Deadline) -> Result<Decision, Problem> {
        let mut decision = Decision { started: Some(self.clients.clock.now()), ..Decision::default() };
        let events = match parse(&record.body).map_err(BadNotification)? {
            Notification::Test => return Ok(decision),
            Notification::Events(events) => events,
        };
        let mut bad: Vec<EventError> = Vec::new();
        for event in events {
            match event {
                Ok(event) => self.decide_event(&mut decision, event).await?,
                Err(error) => bad.push(error),
            }
        }
        if !bad.is_empty() {
            let text = bad.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            decision.bad = Some(record.letter(
                Stage::ReceiveObject,
                DeadKind::Quarantined,
                Reason::new("event_record").with_text(text),
            ));
        }
        Ok(decision)
    }

    async fn commit(&self, decisions: &[&Decision]) -> Result<(), CommitError> {
        self.clients.faults.pass(Stage::ReceiveObject, Point::Commit, Moment::Before)?;
        self.commit_batch(decisions).await?;
        self.clients.faults.pass(Stage::ReceiveObject, Point::Commit, Moment::After)?;
        Ok(())
    }

    async fn quarantine(&self, record: &Record, problem: &Problem) -> Result<(), StoreError> {
        let now = self.clients.clock.now();
        let letter = record.letter(Stage::ReceiveObject, DeadKind::Quarantined, problem.reason.clone());
        let mut conn = self.clients.store.pool().acquire().await?;
        dead_letter::bury(&mut conn, &letter, now).await
    }

    /// The identities that the notification tells of become `failed`, so that none of them is unaccounted for;
    /// the next event or listing that names one opens it again.
    async fn give_up(&self, record: &Record, problem: &Problem) -> Result<(), StoreError> {
        let now = self.clients.clock.now();
        let Ok(Notification::Events(events)) = parse(&record.body) else { return Ok(()) };
        let created = events.into_iter().filter_map(Result::ok).filter(|e| e.change == Change::Created);
        let reason = Reason::new("front_door").with_text(problem.to_string());
        let lost = created.map(|event| NewObject {
            landing: landing_of_event(&event, now),
            state: State::Failed,
            reason: reason.clone(),
            feed: None,
        });
        let decision = Decision { lost: lost.collect(), ..Decision::default() };
        self.commit_batch(&[&decision]).await
    }
}

/// A body that is no notification: the queue would give it again for ever, and it would never read.
#[derive(Debug, thiserror::Error)]
#[error("notification does not read")]
struct BadNotification(#[source] NotificationError);

impl Classify for BadNotification {
    fn disposition(&self) -> Disposition {
        match self.0 {
            NotificationError::NotJson(_)
            | NotificationError::UnknownShape
            | NotificationError::TooDeep(_) => Disposition::Quarantine,
        }
    }

    fn code(&self) -> &'static str {
        match self.0 {
            NotificationError::NotJson(_) => "event_not_json",
            NotificationError::UnknownShape => "event_shape",
            NotificationError::TooDeep(_) => "event_wrapped",
        }
    }
}
