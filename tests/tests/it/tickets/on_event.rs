//! Draining on the event, from the put to the rows: the store's notification, the front door, the queue, the drain (specs:
//! tickets 4, 9). Over the outbox as in the self-hosted process, and over SQS as on AWS.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use drain_changes::{DrainByMessage, DrainSettings, Order};
use landfall_domain::{Cadence, Dataset, DrainChanges, Envelope, Stage};
use landfall_local::dispatcher::{BatchHandler, Dispatcher, DispatcherSettings, InProcess};
use landfall_local::platform::drain_of;
use landfall_runtime::{
    Deadline, Faults, MessageBodies, PostgresQueue, SqsQueue, StageHandler, StageQueue, handing_on,
};
use landfall_store::{NewMessage, outbox};
use landfall_testkit::{BUCKET, Ministack, SqsEndpoint, TestPlatform, TestStage};
use receive_object::{DrainOnEvent, ReceiveObject};
use tokio::task::JoinHandle;

use super::files_of;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// The files of incidents of the first run, and their tickets.
const FILES: i64 = 4;

/// Front door and drain at work.
struct Flow {
    stage: TestStage,
    queue: Arc<dyn StageQueue>,
    drain: drain_changes::DrainChanges,
    dispatcher: Dispatcher,
    task: JoinHandle<()>,
}

impl Flow {
    /// With draining on the event for these datasets, after so many seconds.
    fn start(stage: TestStage, queue: Arc<dyn StageQueue>, datasets: &[Dataset], settle: i64) -> Self {
        let (clients, settle) = (stage.clients(), TimeDelta::seconds(settle));
        let settings =
            DispatcherSettings { poll: Duration::from_millis(20), ..DispatcherSettings::default() };
        let dispatcher = Dispatcher::new(Arc::clone(&queue), clients.clock.clone(), Faults::none(), settings);
        let switch = DrainOnEvent { datasets: datasets.iter().copied().collect(), settle };
        let drain = drain_of(&clients, DrainSettings { settle, ..DrainSettings::of(BUCKET) }, None);
        let door = ReceiveObject::new(clients.clone()).draining(switch);
        let handlers = vec![handler(&stage, door), handler(&stage, DrainByMessage::new(drain.clone()))];
        let running = dispatcher.clone();
        let task = tokio::spawn(async move { running.run(handlers).await });
        Self { stage, queue, drain, dispatcher, task }
    }

    async fn over_outbox(datasets: &[Dataset], settle: i64) -> Self {
        let stage = TestStage::unversioned().await;
        let queue = Arc::new(PostgresQueue::new(stage.clients().store, "node".into()));
        Self::start(stage, queue, datasets, settle)
    }

    /// Puts the files of incidents, each told of to the front door's queue, and waits until all are known.
    async fn land(&self) {
        let stage = &self.stage;
        for (key, body) in files_of("run1").into_iter().filter(|(key, _)| key.contains("/inc/")) {
            let put = stage.put(&key, &[], body).await;
            let message = NewMessage {
                stage: Stage::ReceiveObject,
                tenant: String::new(),
                body: stage.notification(&key, &put),
                subject: key,
                visible_at: stage.now(),
            };
            let sent = async {
                let mut conn = stage.pool().acquire().await.unwrap();
                outbox::send(&mut conn, &[message], stage.now()).await.unwrap();
            };
            handing_on(self.queue.as_ref(), || stage.now(), sent).await;
        }
        self.until("all files are known", "select count(*) from ingest.object", FILES).await;
    }

    /// Waits until a query counts so many.
    async fn until(&self, what: &str, sql: &'static str, count: i64) {
        let begun = Instant::now();
        while self.stage.count(sql).await != count {
            assert!(begun.elapsed() < PATIENCE, "{what}: {:?}", self.states().await);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn until_applied(&self) {
        let moved = "select count(*) from ingest.object where state = 'done' and not present";
        self.until("all files are applied and moved", moved, FILES).await;
    }

    async fn states(&self) -> Vec<String> {
        let states =
            "select concat_ws(' ', state, reason, count(*)) from ingest.object group by state, reason";
        self.stage.texts(states).await
    }

    /// Messages to drain-changes.
    async fn asked(&self) -> i64 {
        self.stage.count("select count(*) from ops.outbox where stage = 'drain-changes'").await
    }

    async fn tickets(&self) -> i64 {
        self.stage.count("select count(*) from tickets.inc").await
    }

    /// The drain of a schedule.
    async fn tick(&self) {
        let deadline = Deadline::within(Duration::from_mins(10));
        self.drain.run(&Order::of(Dataset::Inc), deadline).await.unwrap();
    }

    async fn stop(self) {
        self.dispatcher.stop();
        self.task.await.unwrap();
    }
}

fn handler<H: StageHandler>(stage: &TestStage, handler: H) -> Arc<dyn BatchHandler> {
    let clients = stage.clients();
    Arc::new(InProcess::new(handler, clients.clock.clone()).with_bodies(MessageBodies::of(&clients)))
}

#[tokio::test]
async fn test_53_with_the_switch_off_a_landing_is_recorded_and_waits_for_the_clock() {
    let flow = Flow::over_outbox(&[Dataset::Crq], 120).await;
    flow.land().await;
    flow.stage.pass(121);
    assert_eq!((flow.asked().await, flow.tickets().await), (0, 0));
    assert_eq!(flow.states().await, ["waiting turn 4"]);
    flow.tick().await;
    flow.until_applied().await;
    flow.stop().await;
}

#[tokio::test]
async fn test_53_with_the_switch_on_a_landing_is_drained_once_it_has_settled() {
    let flow = Flow::over_outbox(&[Dataset::Inc], 120).await;
    flow.land().await;
    flow.stage.pass(119);
    assert_eq!((flow.asked().await, flow.tickets().await), (1, 0), "one drain for all files");
    assert_eq!(flow.states().await, ["waiting turn 4"]);
    flow.stage.pass(2);
    flow.until_applied().await;
    flow.until("the message is done", "select count(*) from ops.outbox", 0).await;
    assert!(flow.tickets().await > 0);
    flow.stop().await;
}

#[tokio::test]
async fn test_53_with_the_switch_on_at_2200_a_landing_waits_until_0600() {
    let flow = Flow::over_outbox(&Dataset::ALL, 120).await;
    // The clock begins at 12:00 in East Africa.
    flow.stage.pass(10 * 3600);
    flow.land().await;
    flow.stage.pass(121);
    assert_eq!((flow.asked().await, flow.tickets().await), (0, 0));
    assert_eq!(flow.states().await, ["waiting turn 4"]);
    let next = Cadence::OFFICE_HOURS.after(flow.stage.now());
    assert_eq!(next.to_rfc3339(), "2025-03-02T03:00:00+00:00", "06:00");
    flow.stage.pass((next - flow.stage.now()).num_seconds());
    flow.tick().await;
    flow.until_applied().await;
    flow.stop().await;
}

/// Whatever the time is: within the hours of drains or not.
#[tokio::test]
async fn a_platform_takes_messages_that_ask_for_drains() {
    let platform = TestPlatform::configured(|config| {
        config.drain_on_event.datasets = Dataset::ALL.into_iter().collect();
    })
    .await;
    let asked = Envelope::new(DrainChanges { dataset: Dataset::Crq, asked: None }).encode().unwrap();
    for body in [asked.as_str(), "hello"] {
        platform.queue().send(Stage::DrainChanges, body).await;
    }
    platform.platform().wake();
    platform.settle().await;
    let letters =
        "select count(*) from ops.dead_letter where stage = 'drain-changes' and code = 'message_form'";
    assert_eq!(platform.count(letters).await, 1);
    assert_eq!(platform.count("select count(*) from ops.dead_letter").await, 1);
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn test_53_a_landing_is_drained_over_sqs_too() {
    let Some(server) = Ministack::start("sqs").await else { return };
    let stage = TestStage::unversioned().await;
    let endpoint = SqsEndpoint::at(server.url());
    let parts = (stage.clients().store, "node".to_owned());
    let (urls, bodies) = (endpoint.make_all().await, MessageBodies::of(&stage.clients()));
    let queue = SqsQueue::connect(&endpoint.settings(), urls, parts, bodies, Faults::none()).await;
    // SQS holds the message back for this time, of its own clock.
    let flow = Flow::start(stage, Arc::new(queue), &[Dataset::Inc], 1);
    flow.land().await;
    flow.stage.pass(2);
    flow.until_applied().await;
    flow.stop().await;
    server.stop().await;
}
