//! Messages near the limit of a queue: by way of the work bucket, over SQS alone.

use std::time::Duration;

use chrono::TimeDelta;
use landfall_domain::{BodyAt, Stage};
use landfall_objects::Versioning;
use landfall_runtime::{
    Faults, HeldMessage, MessageBodies, QueueUrls, SqsQueue, StageQueue, WORK_BUCKET, handing_on,
};
use landfall_store::{dead_letter, outbox};
use landfall_testkit::{SqsEndpoint, TestStage, received};

use super::rig::{ENDPOINT, LONG, STAGE, Sqs};
use crate::scripted::{Scripted, handle_large};

/// A queue of SQS whose large bodies lie in a work bucket of the test's own.
struct Large {
    stage: TestStage,
    sqs: Sqs,
    queue: SqsQueue,
    bodies: MessageBodies,
}

impl Large {
    /// None, where there is no endpoint.
    async fn start(to: Stage, (bucket, faults): (&'static str, &str)) -> Option<Self> {
        let endpoint = SqsEndpoint::at(std::env::var(ENDPOINT).ok()?);
        let stage = TestStage::start().await;
        let sqs = Sqs::fresh(endpoint).await;
        let urls = QueueUrls::of([(to, sqs.queue.url.clone())]);
        let bodies = MessageBodies::new(stage.clients().objects, bucket);
        let (parts, faults) = ((stage.clients().store, "one".to_owned()), faults.parse::<Faults>().unwrap());
        let settings = sqs.endpoint.settings();
        let queue = SqsQueue::connect(&settings, urls, parts, bodies.clone(), faults).await;
        Some(Self { stage, sqs, queue, bodies })
    }

    async fn send(&self, to: Stage, bodies: &[String]) {
        let message = |body: &String| super::rig::message(body.clone(), self.stage.now());
        let messages: Vec<_> =
            bodies.iter().map(message).map(|m| outbox::NewMessage { stage: to, ..m }).collect();
        let written = async {
            let mut conn = self.stage.pool().acquire().await.unwrap();
            outbox::send(&mut conn, &messages, self.stage.now()).await.unwrap();
        };
        handing_on(&self.queue, || self.stage.now(), written).await;
    }

    /// What can be received, once there are so many.
    async fn receive(&self, from: Stage, count: usize) -> Vec<HeldMessage> {
        let wait = async {
            let mut held = Vec::new();
            while held.len() < count {
                held.extend(self.queue.receive(from, (self.stage.now(), LONG), 100).await.unwrap());
            }
            held
        };
        tokio::time::timeout(Duration::from_secs(30), wait).await.unwrap()
    }

    async fn in_outbox(&self) -> i64 {
        self.stage.count("select count(*) from ops.outbox").await
    }

    /// The keys of bodies and marks, with their sizes.
    async fn kept(&self) -> Vec<(String, u64)> {
        let objects = self.stage.clients().objects;
        let mut pages = objects.list(WORK_BUCKET, BodyAt::PREFIX, None);
        let mut found = Vec::new();
        while let Some(page) = pages.next().await.unwrap() {
            found.extend(page.into_iter().map(|listed| (listed.key, listed.size)));
        }
        found
    }
}

fn sized(bytes: usize) -> String {
    format!("{bytes:08}").chars().cycle().take(bytes).collect()
}

#[tokio::test]
async fn a_message_one_byte_over_the_limit_goes_by_the_work_bucket_and_those_below_do_not() {
    let Some(large) = Large::start(STAGE, (WORK_BUCKET, "")).await else { return };
    let limit = landfall_domain::INLINE_BYTES;
    let most = landfall_domain::BODY_BYTES;
    let sizes = [1, limit - 1, limit, limit + 1, landfall_domain::QUEUE_BYTES + 1, most, most + 1];
    let sent: Vec<String> = sizes.into_iter().map(sized).collect();
    large.send(STAGE, &sent).await;
    let mut got = Vec::new();
    for held in large.receive(STAGE, 6).await {
        match BodyAt::decode(STAGE, &held.body) {
            Some(at) => {
                assert!(held.body.len() < 400, "{}", held.body);
                got.push((at.size, "bucket", large.bodies.fetch(&at).await.unwrap()));
            }
            None => got.push((held.body.len() as u64, "whole", held.body)),
        }
    }
    got.sort_unstable();
    let ways = ["whole", "whole", "whole", "bucket", "bucket", "bucket"];
    let expected: Vec<_> =
        sent.iter().zip(ways).map(|(body, way)| (body.len() as u64, way, body.clone())).collect();
    assert!(got == expected, "{:?}", got.iter().map(|(size, way, _)| (size, way)).collect::<Vec<_>>());
    let letter = dead_letter::list(large.stage.pool(), false, 10).await.unwrap().remove(0);
    assert_eq!((letter.code.as_str(), letter.body.len()), ("message_too_large", most + 1));
    assert_eq!((large.in_outbox().await, large.kept().await.len()), (0, 3));
}

#[tokio::test]
async fn a_large_message_whose_send_was_not_confirmed_is_sent_again_and_worked_on_once() {
    let lost = "receive-object:send:after:fail:1";
    let Some(large) = Large::start(Stage::ReceiveObject, (WORK_BUCKET, lost)).await else { return };
    let body = sized(300 << 10);
    large.send(Stage::ReceiveObject, std::slice::from_ref(&body)).await;
    assert_eq!(large.in_outbox().await, 1, "nobody told that it was sent");
    let later = large.stage.now() + TimeDelta::hours(1);
    assert_eq!(large.queue.hand_on_left(later).await.unwrap(), 1);
    assert_eq!(large.kept().await.len(), 1, "the second finds the body of the first");
    let handler = Scripted::default();
    for held in large.receive(Stage::ReceiveObject, 2).await {
        let event = received(&[held.body], 1);
        assert_eq!(handle_large(&handler, &large.bodies, event).await, [""; 0]);
    }
    let seen: Vec<_> = handler.seen.lock().unwrap().iter().map(|record| record.body.clone()).collect();
    assert!(seen == [body], "{} records", seen.len());
    let kept = large.kept().await;
    assert!(matches!(kept[..], [(_, 70)]), "a mark is left: {kept:?}");
}

#[tokio::test]
async fn a_large_message_that_is_put_aside_is_a_letter_with_its_body_and_can_be_sent_again() {
    let Some(large) = Large::start(STAGE, (WORK_BUCKET, "")).await else { return };
    let body = sized(300 << 10);
    large.send(STAGE, std::slice::from_ref(&body)).await;
    let held = large.receive(STAGE, 1).await.remove(0);
    large.queue.bury(STAGE, &held, large.stage.now()).await.unwrap();
    // The answer was lost, and it is put aside once more.
    large.queue.bury(STAGE, &held, large.stage.now()).await.unwrap();
    let letters = dead_letter::list(large.stage.pool(), false, 10).await.unwrap();
    assert!(letters.len() == 1 && letters[0].body == body, "{} letters", letters.len());
    let mut tx = large.stage.clients().store.begin().await.unwrap();
    assert!(dead_letter::redrive(&mut tx, &letters[0], large.stage.now()).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(large.queue.hand_on_left(large.stage.now() + TimeDelta::hours(1)).await.unwrap(), 1);
    let again = large.receive(STAGE, 1).await.remove(0);
    let at = BodyAt::decode(STAGE, &again.body).unwrap();
    assert!(large.bodies.fetch(&at).await.unwrap() == body, "another place, the same body");
    assert_eq!(large.sqs.dead().await, "0");
}

#[tokio::test]
async fn without_the_work_bucket_large_messages_wait_in_the_outbox_and_small_ones_do_not() {
    let Some(large) = Large::start(STAGE, ("not-yet", "")).await else { return };
    large.send(STAGE, &["small".to_owned(), sized(300 << 10)]).await;
    assert_eq!(large.receive(STAGE, 1).await[0].body, "small");
    assert_eq!(large.in_outbox().await, 1);
    large.stage.clients().objects.ensure_bucket("not-yet", Versioning::Unversioned).await.unwrap();
    let later = large.stage.now() + TimeDelta::hours(1);
    assert_eq!(large.queue.hand_on_left(later).await.unwrap(), 1);
    assert!(BodyAt::decode(STAGE, &large.receive(STAGE, 1).await[0].body).is_some());
}
