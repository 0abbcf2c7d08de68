//! The same message again, lost answers, stale messages, tries used up.

use landfall_domain::{Envelope, ObjectId, Run, Stage};
use landfall_local::sample::fixtures::example_two_nodes;
use landfall_testkit::{TestStage, production, received, sqs_event};
use plan_archive::PlanArchive;

use crate::scene::{FOLDER, first_dump, land, lenient, planner};

fn message(object_id: i64, run: i32) -> String {
    let body = landfall_domain::PlanArchive::of(ObjectId(object_id), Run(run));
    Envelope::new(body).encode().unwrap()
}

#[tokio::test]
async fn the_same_message_twice_plans_once() {
    let stage = TestStage::start().await;
    let object = first_dump(&stage).await;
    let before = stage.fingerprint().await;
    let again = sqs_event(&[message(object, 1)]);
    assert!(stage.handle(&planner(&stage, lenient()), again).await.is_empty());
    assert_eq!(stage.fingerprint().await, before);
    assert_eq!(stage.count("select count(*) from dump.load").await, 1);
}

#[tokio::test]
async fn two_copies_in_one_batch_plan_once() {
    let stage = TestStage::start().await;
    let object = land(&stage, FOLDER, &[], &example_two_nodes()).await;
    let twice = sqs_event(&[message(object, 1), message(object, 1)]);
    assert!(stage.handle(&planner(&stage, lenient()), twice).await.is_empty());
    assert_eq!(stage.count("select count(*) from dump.load").await, 1);
    assert_eq!(stage.count("select count(*) from ingest.attempt where stage = 'plan-archive'").await, 1);
}

#[tokio::test]
async fn worked_but_the_reply_was_lost_and_the_redelivery_changes_nothing() {
    let stage = TestStage::start().await;
    let object = land(&stage, FOLDER, &[], &example_two_nodes()).await;
    let clients = stage.clients_with("plan-archive:commit:after:fail:1");
    let planner = PlanArchive::new(clients, lenient(), production());
    assert_eq!(stage.handle(&planner, sqs_event(&[message(object, 1)])).await, ["m0"]);
    let before = stage.fingerprint().await;
    assert_eq!(stage.count("select count(*) from dump.load").await, 1);
    assert!(stage.handle(&planner, received(&[message(object, 1)], 2)).await.is_empty());
    assert_eq!(stage.fingerprint().await, before);
}

#[tokio::test]
async fn killed_before_the_commit_nothing_has_happened() {
    for script in ["read:before:fail", "read:after:fail", "read:after:panic", "commit:before:fail"] {
        let stage = TestStage::start().await;
        let object = land(&stage, FOLDER, &[], &example_two_nodes()).await;
        let before = stage.fingerprint().await;
        let clients = stage.clients_with(&format!("plan-archive:{script}:1"));
        let planner = PlanArchive::new(clients, lenient(), production());
        assert_eq!(stage.handle(&planner, sqs_event(&[message(object, 1)])).await, ["m0"], "{script}");
        assert_eq!(stage.fingerprint().await, before, "{script}");
        assert!(stage.handle(&planner, received(&[message(object, 1)], 2)).await.is_empty());
        assert_eq!(stage.count("select count(*) from dump.load").await, 1);
        let tries = "select max(attempt)::bigint from ingest.attempt where stage = 'plan-archive'";
        assert_eq!(stage.count(tries).await, 2, "{script}");
    }
}

#[tokio::test]
async fn stale_messages_are_acknowledged_and_change_nothing() {
    let stage = TestStage::start().await;
    let object = first_dump(&stage).await;
    let rejected = stage.land("dumps/x.tgz", &[], "x").await;
    stage.plan().await;
    stage.pass(60);
    stage.plan().await;
    assert_eq!(stage.state(rejected).await, "rejected meta_missing:customer");
    let before = stage.fingerprint().await;
    let stale = [message(object, 2), message(object, 0), message(99_999, 1), message(rejected, 1)];
    assert!(stage.handle(&planner(&stage, lenient()), sqs_event(&stale)).await.is_empty());
    assert_eq!(stage.fingerprint().await, before);
}

#[tokio::test]
async fn tries_used_up_fail_the_object_with_the_cause() {
    let stage = TestStage::start().await;
    let object = land(&stage, FOLDER, &[], &example_two_nodes()).await;
    let clients = stage.clients_with("plan-archive:read:before:fail:1");
    let planner = PlanArchive::new(clients, lenient(), production());
    assert_eq!(stage.handle(&planner, received(&[message(object, 1)], 5)).await, ["m0"]);
    assert_eq!(stage.state(object).await, "failed scripted_fault");
}

#[tokio::test]
async fn a_message_of_no_known_form_is_put_aside_and_one_of_a_newer_release_is_left() {
    let stage = TestStage::start().await;
    let bodies = ["hello".to_owned(), r#"{"v":2,"body":{}}"#.to_owned()];
    assert_eq!(stage.handle(&planner(&stage, lenient()), sqs_event(&bodies)).await, ["m1"]);
    let letters = "select concat_ws(' ', stage, kind, code) from ops.dead_letter";
    assert_eq!(stage.texts(letters).await, ["plan-archive quarantined message_form"]);
    assert!(stage.take(Stage::PlanArchive).await.records.is_empty());
}
