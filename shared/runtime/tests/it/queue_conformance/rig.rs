//! A queue under test, the outbox that feeds it, and the waits of a test.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::{Clock, Stage, SystemClock};
use landfall_objects::{ObjectStore, Settings, StaticCredentials};
use landfall_runtime::{
    Faults, HeldMessage, MessageBodies, PostgresQueue, QueueUrls, SqsQueue, StageQueue, handing_on,
};
use landfall_store::outbox::{self, NewMessage};
use landfall_store::{Store, StoreError};
use landfall_testkit::database::TestDatabase;
use landfall_testkit::{SqsEndpoint, TestQueue};
use sqlx::PgPool;
use uuid::Uuid;

/// Names an endpoint that speaks SQS.
pub const ENDPOINT: &str = "LANDFALL_CONFORMANCE_SQS_ENDPOINT";
/// The stage whose queue is tested.
pub const STAGE: Stage = Stage::PlanArchive;
/// Longer than any test.
pub const LONG: Duration = Duration::from_mins(5);
/// The shortest lease that both kinds of queue know.
pub const SHORT: Duration = Duration::from_secs(1);
/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A queue of SQS, from below.
pub struct Sqs {
    pub endpoint: SqsEndpoint,
    pub queue: TestQueue,
}

/// A queue under test.
pub struct Rig {
    pub database: TestDatabase,
    pub queue: Arc<dyn StageQueue>,
    /// None where the outbox is the queue.
    pub sqs: Option<Sqs>,
}

impl Rig {
    pub async fn fresh() -> Self {
        Self::with_faults("").await
    }

    /// The same where sending suffers faults.
    pub async fn with_faults(script: &str) -> Self {
        let database = TestDatabase::create().await;
        let sqs = match std::env::var(ENDPOINT) {
            Ok(endpoint) => Some(Sqs::fresh(SqsEndpoint::at(endpoint)).await),
            Err(_) => None,
        };
        let queue = worker(&database, sqs.as_ref(), script).await;
        Self { database, queue, sqs }
    }

    /// A queue of SQS; none, where there is no endpoint.
    pub async fn sqs(script: &str) -> Option<(Self, Sqs)> {
        let mut rig = Self::with_faults(script).await;
        let sqs = rig.sqs.take()?;
        Some((rig, sqs))
    }

    /// Another worker on the same queue.
    pub async fn other_worker(&self) -> Arc<dyn StageQueue> {
        worker(&self.database, self.sqs.as_ref(), "").await
    }

    pub fn pool(&self) -> &PgPool {
        self.database.pool()
    }

    /// Writes messages that are due, and hands them on.
    pub async fn send(&self, bodies: &[&str]) {
        let messages: Vec<_> = bodies.iter().map(|body| message(*body, now())).collect();
        self.send_all(&messages).await;
    }

    /// Writes messages in one transaction, and hands them on.
    pub async fn send_all(&self, messages: &[NewMessage]) {
        let written = async {
            let mut conn = self.pool().acquire().await.unwrap();
            outbox::send(&mut conn, messages, now()).await
        };
        handing_on(self.queue.as_ref(), now, written).await.unwrap();
    }

    /// Receives once.
    pub async fn receive(&self, lease: Duration) -> Vec<HeldMessage> {
        receive(self.queue.as_ref(), lease).await
    }

    /// Receives until there are so many messages.
    pub async fn expect(&self, count: usize, lease: Duration) -> Vec<HeldMessage> {
        let begun = Instant::now();
        let mut held = Vec::new();
        while held.len() < count {
            held.extend(self.receive(lease).await);
            let bodies = bodies(&held);
            assert!(begun.elapsed() < PATIENCE, "{count} messages are expected, there are {bodies:?}");
        }
        held
    }

    /// Sweeps what was left in the outbox, as if its writers had left it long ago; gives how many were handed on.
    pub async fn sweep_later(&self) -> u64 {
        self.queue.hand_on_left(now() + TimeDelta::hours(1)).await.unwrap()
    }

    pub async fn acknowledge(&self, messages: &[HeldMessage]) {
        self.queue.acknowledge(STAGE, messages).await.unwrap();
    }

    /// Messages in the outbox.
    pub async fn in_outbox(&self) -> Vec<String> {
        let rows = sqlx::query_scalar("select left(body, 40) from ops.outbox order by id");
        rows.fetch_all(self.pool()).await.unwrap()
    }
}

async fn worker(database: &TestDatabase, sqs: Option<&Sqs>, script: &str) -> Arc<dyn StageQueue> {
    let store = Store::over(database.pool().clone());
    let owner = Uuid::new_v4().to_string();
    let Some(sqs) = sqs else { return Arc::new(PostgresQueue::new(store, owner)) };
    let urls = QueueUrls::of([(STAGE, sqs.queue.url.clone())]);
    let faults: Faults = script.parse().unwrap();
    let bodies = nowhere().await;
    Arc::new(SqsQueue::connect(&sqs.endpoint.settings(), urls, (store, owner), bodies, faults).await)
}

/// For messages that are small.
pub async fn nowhere() -> MessageBodies {
    let settings = Settings {
        endpoint: Some("http://127.0.0.1:9".into()),
        region: Some("us-east-1".into()),
        credentials: Some(StaticCredentials::new("none", "none")),
        force_path_style: true,
    };
    MessageBodies::new(ObjectStore::connect(&settings).await, "none")
}

pub async fn receive(queue: &dyn StageQueue, lease: Duration) -> Vec<HeldMessage> {
    queue.receive(STAGE, (now(), lease), 100).await.unwrap()
}

/// The time, which is the real one here.
pub fn now() -> DateTime<Utc> {
    SystemClock.now()
}

/// A message of the tested stage.
pub fn message(body: impl Into<String>, visible_at: DateTime<Utc>) -> NewMessage {
    let (tenant, subject) = (String::new(), String::new());
    NewMessage { stage: STAGE, tenant, subject, body: body.into(), visible_at }
}

/// Bodies in alphabetical order: queues promise no other.
pub fn bodies(messages: &[HeldMessage]) -> Vec<&str> {
    let mut bodies: Vec<&str> = messages.iter().map(|m| m.body.as_str()).collect();
    bodies.sort_unstable();
    bodies
}

impl Sqs {
    pub async fn fresh(endpoint: SqsEndpoint) -> Self {
        let queue = endpoint.make(STAGE).await;
        Self { endpoint, queue }
    }

    /// Messages that nobody holds.
    pub async fn visible(&self) -> String {
        self.endpoint.visible(&self.queue.url).await
    }

    /// Messages that were received too often.
    pub async fn dead(&self) -> String {
        self.endpoint.visible(&self.queue.dead_url).await
    }
}

/// A failure that rolls a transaction back.
pub fn failure() -> StoreError {
    StoreError::Unreadable { what: "rolled back".into() }
}
