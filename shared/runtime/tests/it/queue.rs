//! The queue on the outbox table: leases, owners, order, and putting aside.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::Stage;
use landfall_runtime::{HeldMessage, PostgresQueue, StageQueue};
use landfall_store::outbox::{self, NewMessage};
use landfall_store::{Store, dead_letter};
use landfall_testkit::database::TestDatabase;

use crate::scripted::now;

const STAGE: Stage = Stage::PlanArchive;
const LEASE: Duration = Duration::from_mins(1);

/// A queue of a worker with this name.
pub fn worker(database: &TestDatabase, name: &str) -> PostgresQueue {
    PostgresQueue::new(Store::over(database.pool().clone()), name.to_owned())
}

/// Sends messages that become visible at these times.
pub async fn send(database: &TestDatabase, messages: &[(&str, DateTime<Utc>)]) {
    let message = |(body, visible_at): &(&str, DateTime<Utc>)| NewMessage {
        stage: STAGE,
        tenant: String::new(),
        subject: String::new(),
        body: (*body).to_owned(),
        visible_at: *visible_at,
    };
    let messages: Vec<_> = messages.iter().map(message).collect();
    outbox::send(&mut database.pool().acquire().await.unwrap(), &messages, now()).await.unwrap();
}

async fn receive(queue: &PostgresQueue, at: DateTime<Utc>) -> Vec<HeldMessage> {
    queue.receive(STAGE, (at, LEASE), 10).await.unwrap()
}

fn bodies(messages: &[HeldMessage]) -> Vec<&str> {
    messages.iter().map(|m| m.body.as_str()).collect()
}

fn later(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

#[tokio::test]
async fn a_held_message_is_seen_by_nobody_else_until_its_lease_runs_out() {
    let database = TestDatabase::create().await;
    let (one, two) = (worker(&database, "one"), worker(&database, "two"));
    send(&database, &[("a", now())]).await;
    assert_eq!(receive(&one, now()).await[0].receives, 1);
    assert!(receive(&two, later(59)).await.is_empty());
    let again = receive(&two, later(60)).await;
    assert_eq!((again[0].receives, again[0].created_at), (2, now()));
}

#[tokio::test]
async fn messages_come_by_the_time_they_become_visible_and_not_before_it() {
    let database = TestDatabase::create().await;
    let queue = worker(&database, "one");
    send(&database, &[("later", later(20)), ("second", later(-1)), ("third", now()), ("first", later(-9))])
        .await;
    let mut order = Vec::new();
    while let [message] = &queue.receive(STAGE, (now(), LEASE), 1).await.unwrap()[..] {
        order.push(message.body.clone());
    }
    assert_eq!(order, ["first", "second", "third"]);
    assert_eq!(bodies(&receive(&queue, later(20)).await), ["later"]);
}

#[tokio::test]
async fn a_batch_is_no_longer_than_asked_for_and_of_one_stage() {
    let database = TestDatabase::create().await;
    let queue = worker(&database, "one");
    send(&database, &[("a", now()), ("b", now()), ("c", now())]).await;
    assert!(queue.receive(Stage::ParseMember, (now(), LEASE), 10).await.unwrap().is_empty());
    assert_eq!(bodies(&queue.receive(STAGE, (now(), LEASE), 2).await.unwrap()), ["a", "b"]);
    assert_eq!(bodies(&receive(&queue, now()).await), ["c"]);
}

#[tokio::test]
async fn a_lease_is_renewed_by_its_owner_only() {
    let database = TestDatabase::create().await;
    let (one, two) = (worker(&database, "one"), worker(&database, "two"));
    send(&database, &[("a", now())]).await;
    let held = receive(&one, now()).await;
    one.extend(STAGE, &held, (now(), Duration::from_mins(5))).await.unwrap();
    two.extend(STAGE, &held, (now(), Duration::ZERO)).await.unwrap();
    assert!(receive(&two, later(299)).await.is_empty());
    assert_eq!(receive(&two, later(300)).await.len(), 1);
}

#[tokio::test]
async fn only_the_owner_acknowledges() {
    let database = TestDatabase::create().await;
    let (one, two) = (worker(&database, "one"), worker(&database, "two"));
    send(&database, &[("a", now())]).await;
    let held = receive(&one, now()).await;
    // The first worker was too slow: the message is the second one's by now.
    assert_eq!(receive(&two, later(60)).await.len(), 1);
    one.acknowledge(STAGE, &held).await.unwrap();
    assert!(!outbox::is_empty(database.pool()).await.unwrap());
    two.acknowledge(STAGE, &held).await.unwrap();
    assert!(outbox::is_empty(database.pool()).await.unwrap());
}

#[tokio::test]
async fn a_message_given_back_waits_until_its_time_whoever_takes_it_then() {
    let database = TestDatabase::create().await;
    let (one, two) = (worker(&database, "one"), worker(&database, "two"));
    send(&database, &[("a", now())]).await;
    let held = receive(&one, now()).await.remove(0);
    two.give_back(STAGE, std::slice::from_ref(&held), (now(), Duration::ZERO)).await.unwrap();
    assert!(receive(&two, now()).await.is_empty(), "it was not the second worker's to give");
    one.give_back(STAGE, std::slice::from_ref(&held), (now(), Duration::from_secs(5))).await.unwrap();
    assert!(receive(&two, later(4)).await.is_empty());
    assert_eq!(receive(&two, later(5)).await[0].receives, 2);
}

#[tokio::test]
async fn putting_aside_stores_a_dead_letter_and_takes_the_message_in_one_step() {
    let database = TestDatabase::create().await;
    let queue = worker(&database, "one");
    send(&database, &[("hello", now())]).await;
    let held = receive(&queue, now()).await.remove(0);
    queue.bury(STAGE, &held, later(7)).await.unwrap();
    assert!(outbox::is_empty(database.pool()).await.unwrap());
    let letter = dead_letter::list(database.pool(), false, 10).await.unwrap().remove(0);
    assert_eq!((letter.created_at, letter.died_at, letter.attempts), (now(), later(7), 1));
    assert_eq!((letter.kind.as_str(), letter.body.as_str()), ("failed", "hello"));
    assert_eq!(letter.error_text.as_deref(), Some("received 1 times without success"));
}

#[tokio::test]
async fn a_message_that_is_somebody_elses_by_now_is_not_put_aside() {
    let database = TestDatabase::create().await;
    let (one, two) = (worker(&database, "one"), worker(&database, "two"));
    send(&database, &[("hello", now())]).await;
    let held = receive(&one, now()).await.remove(0);
    assert_eq!(receive(&two, later(60)).await.len(), 1);
    one.bury(STAGE, &held, later(61)).await.unwrap();
    assert!(dead_letter::list(database.pool(), false, 10).await.unwrap().is_empty());
    assert!(!outbox::is_empty(database.pool()).await.unwrap());
}

#[tokio::test]
async fn what_an_earlier_life_of_a_node_held_is_due_at_once_and_others_keep_theirs() {
    let database = TestDatabase::create().await;
    let (dead, other) = (worker(&database, "node-1/old"), worker(&database, "node-2/x"));
    send(&database, &[("a", now()), ("b", now())]).await;
    dead.receive(STAGE, (now(), LEASE), 1).await.unwrap();
    other.receive(STAGE, (now(), LEASE), 1).await.unwrap();
    let freed = outbox::release_dead(database.pool(), "node-1/", "node-1/new", later(1)).await.unwrap();
    assert_eq!(freed, 1);
    let taken = receive(&worker(&database, "node-1/new"), later(1)).await;
    assert_eq!(bodies(&taken), ["a"]);
}
