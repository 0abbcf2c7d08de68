//! Uploads that wait for a sidecar: every order of events, the same again, and what happens at the same time
//! (specs: dumps 6.1).

use std::collections::BTreeMap;
use std::time::Duration;

use landfall_domain::Stage;
use landfall_local::sample::fixtures::example_two_nodes;
use landfall_runtime::{Deadline, Record, StageHandler};
use landfall_testkit::{TestStage, production, received, sqs_event};
use plan_archive::PlanArchive;

use crate::scene::{lenient, planner};

const KEY: &str = "dumps/night.tgz";
const SIDECAR: &str = "dumps/night.tgz.json";
/// All that is needed but a ticket.
const NO_TICKET: [(&str, &str); 2] = [("customer", "acme"), ("network", "core")];
const TICKET: &str = r#"{"ticket": "CHG-7"}"#;
/// Longer than an upload waits.
const WAIT: i64 = 61;

/// Lets the planner handle what is due, one message after the other, until nothing is.
async fn drain(stage: &TestStage) {
    loop {
        let event = stage.take(Stage::PlanArchive).await;
        if event.records.is_empty() {
            break;
        }
        for record in event.records {
            let body = record.body.unwrap();
            assert!(stage.handle(&planner(stage, lenient()), sqs_event(&[body])).await.is_empty());
        }
    }
}

/// Lands an archive without a ticket and lets it wait; gives the object's id.
async fn waiting(stage: &TestStage) -> i64 {
    let object = stage.land(KEY, &NO_TICKET, example_two_nodes().bytes).await;
    drain(stage).await;
    assert_eq!(stage.state(object).await, "waiting meta_missing:ticket");
    object
}

/// The bodies of what the planner is sent and not due yet, or due.
async fn sent(stage: &TestStage) -> Vec<String> {
    stage.texts("select body from ops.outbox where stage = 'plan-archive' order by id").await
}

/// What can happen to an upload and its sidecar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Archive,
    Sidecar,
    WaitEnds,
}

/// When a sidecar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    BeforeTheArchive,
    AfterTheArchive,
    WithItsEvent,
}

const ORDERS: [[Event; 3]; 6] = {
    use Event::{Archive as A, Sidecar as S, WaitEnds as W};
    [[S, A, W], [S, W, A], [W, S, A], [A, S, W], [W, A, S], [A, W, S]]
};

/// Uploads of one order of events, each with a key, customer and content of its own.
struct Upload<'a> {
    stage: &'a TestStage,
    key: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    sidecar: &'static str,
    written: Written,
}

impl<'a> Upload<'a> {
    fn new(stage: &'a TestStage, number: usize, is_complete: bool, written: Written) -> Self {
        let mut headers = vec![("customer", format!("c{number}")), ("network", "core".to_owned())];
        headers.extend(is_complete.then(|| ("ticket", "CHG-1".to_owned())));
        // Zeros behind an archive change its digest and nothing else.
        let body = [example_two_nodes().bytes, vec![0; number]].concat();
        let sidecar =
            if is_complete { r#"{"hc_id": "HC-7"}"# } else { r#"{"hc_id": "HC-7", "ticket": "CHG-1"}"# };
        Self { stage, key: format!("dumps/{number}.tgz"), headers, body, sidecar, written }
    }

    async fn put_archive(&self) -> String {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let put = self.stage.put(&self.key, &headers, self.body.clone()).await;
        self.stage.notification(&self.key, &put)
    }

    async fn put_sidecar(&self) -> String {
        let key = format!("{}.json", self.key);
        let put = self.stage.put(&key, &[], self.sidecar).await;
        self.stage.notification(&key, &put)
    }

    /// Plays the events in an order; tells what became of archive and sidecar.
    async fn play(&self, order: [Event; 3]) -> String {
        let mut sidecar = None;
        if self.written == Written::BeforeTheArchive {
            sidecar = Some(self.put_sidecar().await);
            self.stage.pass(1);
        }
        let archive = self.put_archive().await;
        self.stage.pass(1);
        if self.written == Written::AfterTheArchive {
            sidecar = Some(self.put_sidecar().await);
        }
        for event in order {
            let told = match event {
                Event::Archive => archive.clone(),
                Event::Sidecar => match &sidecar {
                    Some(told) => told.clone(),
                    None => self.put_sidecar().await,
                },
                Event::WaitEnds => {
                    self.stage.pass(WAIT);
                    drain(self.stage).await;
                    continue;
                }
            };
            self.stage.tell(told).await;
            drain(self.stage).await;
        }
        self.end().await
    }

    async fn end(&self) -> String {
        sqlx::query_scalar(
            "select concat_ws(', ', concat_ws(' ', a.state, a.reason), s.reason,
                (select concat_ws(' ', ticket, nullif(hc_id, '')) from dump.dump_link l where l.object_id = a.object_id))
             from ingest.object a join ingest.object s on s.key = a.key || '.json' where a.key = $1",
        )
        .bind(&self.key)
        .fetch_one(self.stage.pool())
        .await
        .unwrap()
    }
}

/// Plays all orders; tells for each end the orders that come to it.
async fn ends(stage: &TestStage, is_complete: bool, written: Written) -> String {
    let mut ends: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (number, order) in ORDERS.into_iter().enumerate() {
        let number = number + 10 * written as usize + 100 * usize::from(is_complete);
        let end = Upload::new(stage, number, is_complete, written).play(order).await;
        let letters = order.map(|event| format!("{event:?}").chars().next().unwrap());
        ends.entry(end).or_default().push(letters.iter().collect());
    }
    let lines = ends.into_iter().map(|(end, orders)| format!("{}: {end}", orders.join(" ")));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn an_upload_that_lacks_a_field_takes_its_sidecar_in_every_order_but_after_the_wait() {
    for stage in [TestStage::start().await, TestStage::unversioned().await] {
        for written in [Written::BeforeTheArchive, Written::AfterTheArchive] {
            let ends = ends(&stage, false, written).await;
            insta::allow_duplicates! {
                insta::assert_snapshot!(ends, @"SAW SWA WSA ASW WAS AWS: dispatched plan-archive, sidecar, CHG-1 HC-7");
            }
        }
        let ends = ends(&stage, false, Written::WithItsEvent).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(ends, @"
            SAW SWA WSA ASW WAS: dispatched plan-archive, sidecar, CHG-1 HC-7
            AWS: rejected meta_missing:ticket, late_sidecar
            ");
        }
    }
}

#[tokio::test]
async fn an_upload_that_lacks_nothing_takes_its_sidecar_only_if_that_was_written_before_it() {
    for stage in [TestStage::start().await, TestStage::unversioned().await] {
        let early = ends(&stage, true, Written::BeforeTheArchive).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(early, @"SAW SWA WSA ASW WAS AWS: dispatched plan-archive, sidecar, CHG-1 HC-7");
        }
        for written in [Written::AfterTheArchive, Written::WithItsEvent] {
            let late = ends(&stage, true, written).await;
            insta::allow_duplicates! {
                insta::assert_snapshot!(late, @"SAW SWA WSA ASW WAS AWS: dispatched plan-archive, late_sidecar, CHG-1");
            }
        }
    }
}

#[tokio::test]
async fn an_upload_waits_its_time_and_is_rejected_at_its_end_and_not_before() {
    let stage = TestStage::start().await;
    let object = waiting(&stage).await;
    insta::assert_snapshot!(sent(&stage).await.join("\n"), @r#"{"v":1,"body":{"object_id":1,"run":1,"look":{"is_last":true}}}"#);
    stage.pass(59);
    assert!(stage.take(Stage::PlanArchive).await.records.is_empty(), "the wait is not over");
    stage.pass(1);
    drain(&stage).await;
    assert_eq!(stage.state(object).await, "rejected meta_missing:ticket");
    assert_eq!(stage.reason_text(object).await, "missing in object metadata, sidecar and key: ticket");
    assert_eq!(stage.texts("select detail->>'code' from dump.audit_event").await, ["meta_missing:ticket"]);
    let read = "select coalesce(sum(bytes_read), 0)::bigint from ingest.attempt";
    assert_eq!(stage.count(read).await, 0, "the body is not read");
    let steps = stage.texts("select unit || ': ' || outcome from ingest.step order by at").await;
    assert_eq!(steps, [": waiting", "wait: meta_missing:ticket"]);
}

#[tokio::test]
async fn a_sidecar_that_does_not_help_leaves_it_waiting_until_a_better_one_comes() {
    let stage = TestStage::start().await;
    let object = waiting(&stage).await;
    stage.pass(1);
    stage.land(SIDECAR, &[], r#"{"hc_id": "HC-1"}"#).await;
    drain(&stage).await;
    assert_eq!(stage.state(object).await, "waiting meta_missing:ticket");
    assert_eq!(sent(&stage).await.len(), 1, "the end of the wait is still to come, once");
    stage.pass(1);
    stage.land(SIDECAR, &[], TICKET).await;
    drain(&stage).await;
    assert_eq!(stage.state(object).await, "dispatched plan-archive");
    assert_eq!(stage.texts("select ticket || ' ' || hc_id from dump.dump_link").await, ["CHG-7 "]);
    let reasons = "select reason from ingest.object where key like '%.json' order by object_id";
    assert_eq!(stage.texts(reasons).await, ["sidecar", "sidecar"], "both were looked at in time");
    let planned = stage.fingerprint().await;
    let end = sent(&stage).await;
    stage.pass(WAIT);
    assert!(stage.handle(&planner(&stage, lenient()), sqs_event(&end)).await.is_empty());
    assert_eq!(stage.fingerprint().await, planned, "who is planned waits no more");
}

#[tokio::test]
async fn a_sidecar_that_never_helps_does_not_prolong_the_wait() {
    let stage = TestStage::start().await;
    let object = waiting(&stage).await;
    stage.pass(30);
    stage.land(SIDECAR, &[], r#"{"hc_id": "HC-1"}"#).await;
    drain(&stage).await;
    stage.pass(30);
    drain(&stage).await;
    assert_eq!(stage.state(object).await, "rejected meta_missing:ticket");
    assert_eq!(stage.texts("select reason from ingest.object where key like '%.json'").await, ["sidecar"]);
}

/// Brings an upload to one of its three looks; gives the message that asks for it.
async fn before_look(stage: &TestStage, look: &str) -> String {
    if look == "first" {
        stage.land(KEY, &NO_TICKET, example_two_nodes().bytes).await;
    } else {
        waiting(stage).await;
        if look == "sidecar" {
            stage.land(SIDECAR, &[], TICKET).await;
        } else {
            stage.pass(WAIT);
        }
    }
    let event = stage.take(Stage::PlanArchive).await;
    assert_eq!(event.records.len(), 1);
    event.records.into_iter().next().unwrap().body.unwrap()
}

const LOOKS: [&str; 3] = ["first", "sidecar", "wait"];

#[tokio::test]
async fn the_same_look_twice_happens_once() {
    for look in LOOKS {
        let stage = TestStage::start().await;
        let message = before_look(&stage, look).await;
        let twice = sqs_event(&[message.clone(), message.clone()]);
        assert!(stage.handle(&planner(&stage, lenient()), twice).await.is_empty(), "{look}");
        let before = stage.fingerprint().await;
        assert!(stage.handle(&planner(&stage, lenient()), sqs_event(&[message])).await.is_empty());
        assert_eq!(stage.fingerprint().await, before, "{look}");
    }
}

#[tokio::test]
async fn a_look_that_worked_but_whose_reply_was_lost_is_not_repeated() {
    for look in LOOKS {
        let stage = TestStage::start().await;
        let message = before_look(&stage, look).await;
        let clients = stage.clients_with("plan-archive:commit:after:fail:1");
        let planner = PlanArchive::new(clients, lenient(), production());
        assert_eq!(stage.handle(&planner, sqs_event(std::slice::from_ref(&message))).await, ["m0"], "{look}");
        let before = stage.fingerprint().await;
        assert!(stage.handle(&planner, received(&[message], 2)).await.is_empty(), "{look}");
        assert_eq!(stage.fingerprint().await, before, "{look}");
    }
}

#[tokio::test]
async fn a_look_that_was_cut_off_before_its_commit_has_not_happened() {
    for look in LOOKS {
        for fault in ["read:before:fail", "read:after:fail", "read:after:panic", "commit:before:fail"] {
            let stage = TestStage::start().await;
            let message = before_look(&stage, look).await;
            let before = stage.fingerprint().await;
            let clients = stage.clients_with(&format!("plan-archive:{fault}:1"));
            let planner = PlanArchive::new(clients, lenient(), production());
            assert_eq!(
                stage.handle(&planner, sqs_event(std::slice::from_ref(&message))).await,
                ["m0"],
                "{look} {fault}"
            );
            assert_eq!(stage.fingerprint().await, before, "{look} {fault}");
            assert!(stage.handle(&planner, received(&[message], 2)).await.is_empty(), "{look} {fault}");
            assert_ne!(stage.fingerprint().await, before, "{look} {fault}");
        }
    }
}

#[tokio::test]
async fn tries_of_a_look_used_up_fail_the_waiting_object_and_its_wait_is_over() {
    for look in ["sidecar", "wait"] {
        let stage = TestStage::start().await;
        let message = before_look(&stage, look).await;
        let clients = stage.clients_with("plan-archive:read:before:fail:1");
        let planner = PlanArchive::new(clients, lenient(), production());
        assert_eq!(stage.handle(&planner, received(&[message], 5)).await, ["m0"]);
        let state = "select state || ' ' || reason from ingest.object where key = 'dumps/night.tgz'";
        assert_eq!(stage.texts(state).await, ["failed scripted_fault"], "{look}");
        stage.pass(WAIT);
        drain(&stage).await;
        assert_eq!(stage.texts(state).await, ["failed scripted_fault"], "{look}");
    }
}

/// A record as the queue gives it.
fn record(body: String) -> Record {
    let (message_id, sent_at) = ("m0".to_owned(), "2025-03-01T09:00:00Z".parse().unwrap());
    Record { message_id, body, receives: 1, is_last: false, sent_at, source: String::new() }
}

/// Looks at an upload; its sidecar arrives before that look is committed.
async fn overtaken(stage: &TestStage, look: &str) {
    let message = before_look(stage, look).await;
    let planner = planner(stage, lenient());
    let decision = planner.decide(&record(message), Deadline::within(Duration::from_mins(1))).await.unwrap();
    stage.land(SIDECAR, &[], TICKET).await;
    planner.commit(&[&decision]).await.unwrap();
}

#[tokio::test]
async fn a_sidecar_that_overtakes_the_commit_of_a_look_is_looked_at_at_once() {
    for look in ["first", "wait"] {
        let stage = TestStage::start().await;
        overtaken(&stage, look).await;
        let state = "select state || ' ' || reason from ingest.object where key = 'dumps/night.tgz'";
        assert_eq!(stage.texts(state).await, ["waiting meta_missing:ticket"], "{look}");
        drain(&stage).await;
        assert_eq!(stage.texts(state).await, ["dispatched plan-archive"], "{look}");
        assert_eq!(stage.count("select count(*) from dump.load").await, 1, "{look}");
        stage.pass(WAIT);
        drain(&stage).await;
        assert_eq!(stage.texts(state).await, ["dispatched plan-archive"], "{look}");
        assert_eq!(
            stage.texts("select reason from ingest.object where key like '%.json'").await,
            ["sidecar"]
        );
    }
}

#[tokio::test]
async fn one_that_overtakes_the_end_of_the_wait_and_does_not_help_is_the_end_of_it() {
    let stage = TestStage::start().await;
    let message = before_look(&stage, "wait").await;
    let planner = planner(&stage, lenient());
    let decision = planner.decide(&record(message), Deadline::within(Duration::from_mins(1))).await.unwrap();
    stage.land(SIDECAR, &[], r#"{"hc_id": "HC-1"}"#).await;
    planner.commit(&[&decision]).await.unwrap();
    drain(&stage).await;
    let state = "select state || ' ' || reason from ingest.object where key = 'dumps/night.tgz'";
    assert_eq!(stage.texts(state).await, ["rejected meta_missing:ticket"]);
    assert!(sent(&stage).await.is_empty());
}

#[tokio::test]
async fn one_that_overtakes_the_verdict_on_a_complete_upload_is_late() {
    let stage = TestStage::start().await;
    let headers = [NO_TICKET[0], NO_TICKET[1], ("ticket", "CHG-1")];
    stage.land(KEY, &headers, example_two_nodes().bytes).await;
    let message = stage.take(Stage::PlanArchive).await.records.remove(0).body.unwrap();
    let planner = planner(&stage, lenient());
    let decision = planner.decide(&record(message), Deadline::within(Duration::from_mins(1))).await.unwrap();
    stage.pass(1);
    stage.land(SIDECAR, &[], TICKET).await;
    let reason = "select reason from ingest.object where key like '%.json'";
    assert_eq!(stage.texts(reason).await, ["sidecar"]);
    planner.commit(&[&decision]).await.unwrap();
    assert_eq!(stage.texts(reason).await, ["late_sidecar"], "who is judged second writes it");
}

#[tokio::test]
async fn what_is_replaced_or_removed_while_it_waits_is_superseded_or_gone() {
    let stage = TestStage::unversioned().await;
    let object = waiting(&stage).await;
    stage.pass(1);
    stage.put(KEY, &NO_TICKET, "another").await;
    stage.pass(WAIT);
    drain(&stage).await;
    assert_eq!(stage.state(object).await, "superseded replaced");

    let stage = TestStage::unversioned().await;
    let object = waiting(&stage).await;
    stage.delete(KEY, None).await;
    stage.pass(WAIT);
    drain(&stage).await;
    assert_eq!(stage.state(object).await, "gone gone");
}

#[tokio::test]
async fn a_sidecar_that_arrives_at_the_moment_of_a_look_is_neither_missed_nor_mistaken() {
    let stage = TestStage::start().await;
    for number in 0..20 {
        let is_complete = number % 2 == 0;
        let upload = Upload::new(&stage, number, is_complete, Written::WithItsEvent);
        stage.tell(upload.put_archive().await).await;
        stage.pass(1);
        let look = stage.take(Stage::PlanArchive).await;
        let planner = planner(&stage, lenient());
        let arrives = async { stage.tell(upload.put_sidecar().await).await };
        let (again, ()) = tokio::join!(stage.handle(&planner, look), arrives);
        assert!(again.is_empty());
        drain(&stage).await;
        let expected = if is_complete {
            "dispatched plan-archive, late_sidecar, CHG-1"
        } else {
            "dispatched plan-archive, sidecar, CHG-1 HC-7"
        };
        assert_eq!(upload.end().await, expected, "upload {number}");
    }
}
