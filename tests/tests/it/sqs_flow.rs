//! The whole flow over SQS queues of ministack, where that is installed: the same handlers, the same dispatcher, the
//! same rows as over the outbox, also where replies are lost on the way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use landfall_archive::Limits;
use landfall_domain::{BodyAt, Stage};
use landfall_local::dispatcher::{BatchHandler, Dispatcher, DispatcherSettings, InProcess};
use landfall_local::sample::fixtures::example_two_nodes;
use landfall_runtime::{
    Clients, Faults, MessageBodies, PostgresQueue, SqsQueue, StageHandler, StageQueue, WORK_BUCKET,
    handing_on,
};
use landfall_store::{NewMessage, outbox};
use landfall_testkit::{Fingerprint, Ministack, SqsEndpoint, TestStage, production};
use parse_member::ParseMember;
use plan_archive::{PlanArchive, Rules};
use receive_object::ReceiveObject;
use sweep_state::SweepState;

/// How long an upload may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// Replies of SQS that are lost after it has done what it was asked for, and acknowledgements that never reach it.
const LOST_SENDS: &str = "plan-archive:send:after:fail:1,parse-member:send:after:fail:1";
const LOST_ACKNOWLEDGEMENTS: &str =
    "receive-object:ack:before:fail:1,plan-archive:ack:before:fail:1,parse-member:ack:before:fail:1";

fn handlers(clients: &Clients) -> Vec<Arc<dyn BatchHandler>> {
    let rules = Rules { auto_create_customer: true, ..Rules::default() };
    let plan = PlanArchive::new(clients.clone(), rules, production());
    let parse = ParseMember::new(clients.clone(), production(), "node", Limits::default());
    let receive = ReceiveObject::new(clients.clone());
    vec![handler(receive, clients), handler(plan, clients), handler(parse, clients)]
}

fn handler<H: StageHandler>(handler: H, clients: &Clients) -> Arc<dyn BatchHandler> {
    Arc::new(InProcess::new(handler, clients.clock.clone()).with_bodies(MessageBodies::of(clients)))
}

/// Lets one upload go through a queue; gives what it left behind.
async fn flow(
    stage: &TestStage,
    queue: Arc<dyn StageQueue>,
    (faults, padding): (&str, usize),
) -> Fingerprint {
    let clients = stage.clients();
    let faults: Faults = faults.parse().unwrap();
    let settings = DispatcherSettings { poll: Duration::from_millis(20), ..DispatcherSettings::default() };
    let dispatcher = Dispatcher::new(Arc::clone(&queue), clients.clock.clone(), faults.clone(), settings);
    let running = dispatcher.clone();
    let working = handlers(&clients);
    let task = tokio::spawn(async move { running.run(working).await });
    upload(stage, queue.as_ref(), padding).await;
    let sweeper = SweepState::new(clients, production()).handing_on_to(queue);
    let begun = Instant::now();
    while stage.count("select count(*) from ingest.object where state = 'done'").await == 0 {
        assert!(
            begun.elapsed() < PATIENCE,
            "{:?}",
            stage.texts("select row_to_json(o)::text from ops.outbox o").await
        );
        if stage.count("select count(*) from ops.outbox where attempts > 0 and lease_owner is null").await > 0
        {
            // What SQS did not confirm is sent again after half a minute.
            stage.pass(31);
        }
        sweeper.run().await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    dispatcher.stop();
    task.await.unwrap();
    assert_eq!(faults.outstanding(), 0, "all acknowledgements that were to be lost were");
    Fingerprint::of(stage.pool()).await
}

/// Puts an archive, and tells the front door's queue of it, in a message with so many blanks at its end.
async fn upload(stage: &TestStage, queue: &dyn StageQueue, padding: usize) {
    let fixture = example_two_nodes();
    let key = format!("dumps/acme/core/CHG-1/{}", fixture.file_name);
    let put = stage.put(&key, &[], fixture.bytes).await;
    let message = NewMessage {
        stage: Stage::ReceiveObject,
        tenant: String::new(),
        subject: key.clone(),
        body: stage.notification(&key, &put) + &" ".repeat(padding),
        visible_at: stage.now(),
    };
    let written = async {
        let mut conn = stage.pool().acquire().await.unwrap();
        outbox::send(&mut conn, &[message], stage.now()).await.unwrap();
    };
    handing_on(queue, || stage.now(), written).await;
}

async fn over_outbox() -> Fingerprint {
    let stage = TestStage::start().await;
    let queue = PostgresQueue::new(stage.clients().store, "node".into());
    flow(&stage, Arc::new(queue), ("", 0)).await
}

async fn over_sqs(
    server: &Ministack,
    (lost_sends, lost_acknowledgements): (&str, &str),
    padding: usize,
) -> Fingerprint {
    let stage = TestStage::start().await;
    let endpoint = SqsEndpoint::at(server.url());
    let faults: Faults = lost_sends.parse().unwrap();
    let parts = (stage.clients().store, "node".to_owned());
    let (urls, bodies) = (endpoint.make_all().await, MessageBodies::of(&stage.clients()));
    let queue = SqsQueue::connect(&endpoint.settings(), urls, parts, bodies, faults.clone()).await;
    let left = flow(&stage, Arc::new(queue), (lost_acknowledgements, padding)).await;
    assert_eq!(faults.outstanding(), 0, "all replies that were to be lost were");
    let kept = kept(&stage).await;
    assert_eq!(kept.len(), usize::from(padding > 0), "{kept:?}");
    assert!(kept.iter().all(|bytes| *bytes < 100), "what is done has left a mark: {kept:?}");
    left
}

/// The sizes of what lies where bodies of messages are put.
async fn kept(stage: &TestStage) -> Vec<u64> {
    let mut pages = stage.clients().objects.list(WORK_BUCKET, BodyAt::PREFIX, None);
    let page = pages.next().await.unwrap().unwrap_or_default();
    page.into_iter().map(|listed| listed.size).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_leaves_the_same_rows_over_sqs_as_over_the_outbox_also_when_replies_are_lost() {
    let Some(server) = Ministack::start("sqs").await else { return };
    let expected = over_outbox().await;
    assert!(expected.rows("dump.lsp_entry") > 0, "{expected:?}");
    for (sends, acknowledgements) in [("", ""), (LOST_SENDS, LOST_ACKNOWLEDGEMENTS)] {
        let left = over_sqs(&server, (sends, acknowledgements), 0).await;
        assert_eq!(expected.differences(&left), "", "lost: {sends} {acknowledgements}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_too_large_for_the_queue_leaves_the_same_rows_also_when_replies_are_lost() {
    let Some(server) = Ministack::start("sqs").await else { return };
    let expected = over_outbox().await;
    for lost in ["", LOST_ACKNOWLEDGEMENTS] {
        let left = over_sqs(&server, ("", lost), 300 << 10).await;
        assert_eq!(expected.differences(&left), "", "lost: {lost}");
    }
    server.stop().await;
}
