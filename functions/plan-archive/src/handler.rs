//! From an object to a decision: everything that is read and computed before anything is written.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use landfall_archive::{OuterEnd as WalkEnd, WalkError};
use landfall_domain::PlanArchive as Message;
use landfall_domain::{
    Disposition, Envelope, LoadId, Look, ObjectId, PlanId, Problem, Reason, Run, Sha256Digest, Stage, State,
};
use landfall_dumps::capture_time::Window;
use landfall_dumps::names::base_name;
use landfall_dumps::plan::{OuterEnd, Plan, PlanError, PlanInput, PlannedSidecar};
use landfall_dumps::plugins::Registry;
use landfall_objects::{ObjectError, OrderedRead, PinState, ReadOptions};
use landfall_runtime::{Clients, CommitError, Deadline, Moment, Point, Record, StageHandler};
use landfall_store::dead_letter::{self, DeadKind};
use landfall_store::object::{self, ObjectRow};
use landfall_store::{StoreError, retrying, step};
use uuid::Uuid;

use crate::Rules;
use crate::index::Recipes;
use crate::metadata::{Refused, Resolved};
use crate::pass::{Pass, PassError, PassStats, Passage};
use crate::sidecar::Looked;
use crate::waiting::is_open;

/// The stage that plans dump archives.
#[derive(Debug, Clone)]
pub struct PlanArchive {
    pub(crate) clients: Clients,
    pub(crate) rules: Arc<Rules>,
    pub(crate) registry: Arc<Registry>,
}

/// What one object comes to, before anything is written.
#[derive(Debug)]
pub struct Decision {
    pub(crate) object: ObjectRow,
    pub(crate) look: Look,
    pub(crate) looked: Looked,
    pub(crate) judged: Judged,
    pub(crate) started: DateTime<Utc>,
    pub(crate) attempt: i32,
    pub(crate) stats: PassStats,
}

/// What is to become of the object.
#[derive(Debug)]
pub(crate) enum Judged {
    /// It ends here, for the reason given; the digest is known if all bytes were read.
    End(State, Reason, Option<Sha256Digest>),
    /// A needed field of its metadata is missing: it waits for its sidecar, or has waited long enough.
    Missing(Reason),
    /// It is judged against what is stored.
    Planned(Box<Planned>),
    /// A load of it takes the place of the one it replaces.
    Flip(LoadId),
}

/// A planned upload.
#[derive(Debug)]
pub(crate) struct Planned {
    pub plan: Plan,
    pub sha256: Sha256Digest,
    pub size: u64,
    pub upload: Resolved,
    /// How the files of each network element are reached.
    pub recipes: Recipes,
}

impl PlanArchive {
    /// The stage over these clients, rules and plugins.
    pub fn new(clients: Clients, rules: Rules, registry: Arc<Registry>) -> Self {
        Self { clients, rules: Arc::new(rules), registry }
    }

    async fn judge(
        &self,
        object: &ObjectRow,
        (looked, stats): (&mut Looked, &mut PassStats),
    ) -> Result<Judged, Problem> {
        self.clients.faults.pass(Stage::PlanArchive, Point::Read, Moment::Before)?;
        let options = ReadOptions::default();
        let read = self.clients.objects.read(&object.bucket, &object.key, &object.pin, options).await;
        let mut read = match read {
            Ok(read) => read,
            Err(error) => return self.lost(object, error).await,
        };
        let outer = base_name(&object.key).to_owned();
        let head = read.head().clone();
        let upload = match self.upload(object, (&outer, &head), looked).await? {
            Ok(upload) => upload,
            Err(refused) => {
                self.clients.faults.pass(Stage::PlanArchive, Point::Read, Moment::After)?;
                return Ok(refused.into());
            }
        };
        let window = Window::of_upload(head.last_modified);
        let passage = match self.pass(&mut read, window, stats).await {
            Ok(passage) => passage,
            Err(Stopped::Read(error)) => return self.lost(object, error).await,
            Err(Stopped::Pass(PassError::Walk(error))) => return Ok(quarantined(&error)),
            Err(Stopped::Pass(PassError::Thread(error))) => {
                let reason = Reason::new("panic").with_text(error.to_string());
                return Err(Problem::new(Disposition::Retry, reason));
            }
        };
        self.clients.faults.pass(Stage::PlanArchive, Point::Read, Moment::After)?;
        self.plan(&outer, passage, (upload, head.size, looked.planned())).await
    }

    async fn pass(
        &self,
        read: &mut OrderedRead,
        window: Window,
        stats: &mut PassStats,
    ) -> Result<Passage, Stopped> {
        let pass = Pass::start(self.rules.limits.clone(), Arc::clone(&self.registry), window);
        while let Some(block) = read.next().await.map_err(Stopped::Read)? {
            if !pass.push(block).await {
                break;
            }
        }
        stats.consumed = read.bytes_fetched();
        let passage = pass.finish().await.map_err(Stopped::Pass)?;
        *stats = passage.stats;
        Ok(passage)
    }

    async fn plan(
        &self,
        outer: &str,
        passage: Passage,
        (upload, size, sidecar): (Resolved, u64, Option<PlannedSidecar>),
    ) -> Result<Judged, Problem> {
        let end = match passage.end {
            // Only a pick stops early; the planning pass always goes to the end.
            WalkEnd::Whole | WalkEnd::Stopped => OuterEnd::Whole,
            WalkEnd::Broken { offset, text } => OuterEnd::Broken { text: format!("{text} (byte {offset})") },
        };
        let plan = Plan::build(&PlanInput {
            plan_id: PlanId(Uuid::now_v7()),
            outer,
            meta_capture_ts: upload.metadata.capture_ts,
            options: self.rules.options,
            plugins: &self.registry.descriptors(),
            contents: &passage.contents,
            end,
        });
        let sha256 = passage.sha256;
        match plan {
            Ok(plan) => {
                let plan = Plan { sidecar, ..plan };
                let recipes = self.keep_index(&sha256, passage.index, &plan).await?;
                Ok(Judged::Planned(Box::new(Planned { plan, sha256, size, upload, recipes })))
            }
            Err(PlanError::NoTargets { text, .. }) => {
                let reason = Reason::new("E_NO_TARGETS").with_text(text);
                Ok(Judged::End(State::Quarantined, reason, Some(sha256)))
            }
        }
    }

    /// A read failed. A pinned version that is lost is looked at with one HEAD: overwritten or gone.
    async fn lost(&self, object: &ObjectRow, error: ObjectError) -> Result<Judged, Problem> {
        if !error.may_be_lost_pin() {
            return Err(error.into());
        }
        match self.clients.objects.look_again(&object.bucket, &object.key, &object.pin).await? {
            // It is there after all; the store contradicted itself.
            PinState::Current => Err(error.into()),
            PinState::Replaced { etag } => {
                let text = format!("etag {etag} is current, {} was to be read", object.version);
                let reason = Reason::new("replaced").with_text(text);
                Ok(Judged::End(State::Superseded, reason, None))
            }
            PinState::Gone => {
                let reason = Reason::new("gone").with_text("the object was removed before it was read");
                Ok(Judged::End(State::Gone, reason, None))
            }
        }
    }

    /// The object of a message, unless the message is stale.
    async fn take(&self, message: &Message) -> Result<ObjectRow, Problem> {
        let stale = |why: &str| Problem::new(Disposition::Ack, Reason::new("stale").with_text(why));
        let found = object::find(self.clients.store.pool(), message.object_id).await?;
        let object = found.ok_or_else(|| stale("the object is not known"))?;
        if message.flip.is_some() {
            // Whether the load still waits is seen under its lock; what became of the object does not matter.
            return Ok(ObjectRow { run: message.run, ..object });
        }
        let mut conn = self.clients.store.pool().acquire().await.map_err(StoreError::from)?;
        if object.run != message.run || !is_open(&mut conn, &object, message.look).await? {
            return Err(stale("the object has gone on"));
        }
        drop(conn);
        let unit = message.look.unit();
        let key = (object.object_id, Stage::PlanArchive, unit.as_str(), object.run);
        if step::is_done(self.clients.store.pool(), key).await? {
            return Err(stale("the step is done"));
        }
        Ok(object)
    }
}

/// What stopped a pass.
enum Stopped {
    Read(ObjectError),
    Pass(PassError),
}

impl From<Refused> for Judged {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Rejected(reason) => Self::End(State::Rejected, reason, None),
            Refused::Missing(reason) => Self::Missing(reason),
        }
    }
}

fn quarantined(error: &WalkError) -> Judged {
    Judged::End(State::Quarantined, Reason::new(error.code()).with_text(error.to_string()), None)
}

#[async_trait]
impl StageHandler for PlanArchive {
    type Decision = Decision;

    fn stage(&self) -> Stage {
        Stage::PlanArchive
    }

    async fn decide(&self, record: &Record, _: Deadline) -> Result<Decision, Problem> {
        let message = Envelope::<Message>::decode(&record.body)?.body;
        let started = self.clients.clock.now();
        let object = self.take(&message).await?;
        let span = tracing::Span::current();
        span.record("object.bucket", &object.bucket).record("object.key", &object.key);
        let (mut looked, mut stats) = (Looked::default(), PassStats::default());
        let judged = match message.flip {
            Some(load_id) => Judged::Flip(load_id),
            None => self.judge(&object, (&mut looked, &mut stats)).await?,
        };
        let attempt = i32::try_from(record.receives).unwrap_or(i32::MAX);
        Ok(Decision { object, look: message.look, looked, judged, started, attempt, stats })
    }

    async fn commit(&self, decisions: &[&Decision]) -> Result<(), CommitError> {
        self.clients.faults.pass(Stage::PlanArchive, Point::Commit, Moment::Before)?;
        for decision in decisions {
            self.commit_one(decision).await?;
        }
        self.clients.faults.pass(Stage::PlanArchive, Point::Commit, Moment::After)?;
        Ok(())
    }

    async fn quarantine(&self, record: &Record, problem: &Problem) -> Result<(), StoreError> {
        let mut letter = record.letter(self.stage(), DeadKind::Quarantined, problem.reason.clone());
        letter.object_id = object_of(record).map(|(id, _)| id);
        let mut conn = self.clients.store.pool().acquire().await?;
        dead_letter::bury(&mut conn, &letter, self.clients.clock.now()).await
    }

    async fn give_up(&self, record: &Record, problem: &Problem) -> Result<(), StoreError> {
        retrying("plan_archive_failed", || async {
            let now = self.clients.clock.now();
            let mut tx = self.clients.store.begin().await?;
            dead_letter::fail_object(&mut tx, (self.stage(), &record.body), &problem.reason, now).await?;
            tx.commit().await.map_err(StoreError::from)
        })
        .await
    }
}

fn object_of(record: &Record) -> Option<(ObjectId, Run)> {
    let message = Envelope::<Message>::decode(&record.body).ok()?.body;
    Some((message.object_id, message.run))
}
