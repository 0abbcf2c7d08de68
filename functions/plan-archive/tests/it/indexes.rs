//! The index of an archive is kept once for its content, and the workers are given what they need of it.

use landfall_archive::{Index, index_key};
use landfall_domain::{Sha256Digest, Stage};
use landfall_local::sample::fixtures::example_two_nodes;
use landfall_objects::PutOptions;
use landfall_runtime::WORK_BUCKET;
use landfall_testkit::{TestStage, production, received};
use plan_archive::PlanArchive;
use serde_json::Value;

use crate::scene::{FOLDER, first_dump, land, lenient, plan};

fn key() -> String {
    index_key(Sha256Digest::of(&example_two_nodes().bytes).as_bytes())
}

/// The ETag and content of what is kept under the key of the dump.
async fn kept(stage: &TestStage) -> (String, Vec<u8>) {
    let found = stage.clients().objects.read_whole(WORK_BUCKET, &key(), 1 << 20).await.unwrap();
    let (head, content) = found.unwrap();
    (head.etag, content)
}

#[tokio::test]
async fn the_index_of_a_planned_archive_is_kept_under_its_digest() {
    let stage = TestStage::start().await;
    first_dump(&stage).await;
    let fixture = example_two_nodes();
    let index = Index::parse_whole(kept(&stage).await.1).unwrap();
    assert_eq!(index.sha256(), *Sha256Digest::of(&fixture.bytes).as_bytes());
    assert_eq!(index.object_bytes(), fixture.bytes.len() as u64);
    let names: Vec<String> = index.members().map(|member| member.unwrap().chain.joined()).collect();
    assert!(names.iter().any(|name| name.ends_with("CLI_Show_LSP.out")), "{names:?}");
}

#[tokio::test]
async fn every_message_carries_the_recipe_of_its_element() {
    let stage = TestStage::start().await;
    first_dump(&stage).await;
    let event = stage.take(Stage::ParseMember).await;
    assert_eq!(event.records.len(), 2);
    for message in event.records {
        let body: Value = serde_json::from_str(message.body.as_deref().unwrap()).unwrap();
        let resume = body["body"]["resume"].as_str().expect("a recipe");
        assert!(resume.len() <= 28 << 10, "20 KiB under base64");
    }
}

#[tokio::test]
async fn a_whole_index_that_is_there_is_adopted_and_a_broken_one_replaced() {
    let stage = TestStage::start().await;
    first_dump(&stage).await;
    let (etag, content) = kept(&stage).await;
    let fixture = example_two_nodes();
    land(&stage, "dumps/acme/core/CHG-2002", &[], &fixture).await;
    plan(&stage, lenient()).await;
    assert_eq!(kept(&stage).await.0, etag, "adopted");
    let objects = stage.clients().objects;
    let mut flipped = content.clone();
    flipped[20] ^= 1;
    for (ticket, broken) in
        [("CHG-3003", flipped), ("CHG-4004", b"no index".to_vec()), ("CHG-5005", Vec::new())]
    {
        objects.put(WORK_BUCKET, &key(), broken.into(), PutOptions::default()).await.unwrap();
        land(&stage, &format!("dumps/acme/core/{ticket}"), &[], &fixture).await;
        plan(&stage, lenient()).await;
        assert!(kept(&stage).await.1 == content, "replaced");
    }
}

#[tokio::test]
async fn without_a_work_bucket_archives_are_planned_all_the_same() {
    let stage = TestStage::start().await;
    let object = land(&stage, FOLDER, &[], &example_two_nodes()).await;
    let clients = landfall_runtime::Clients { work_bucket: "not-there".into(), ..stage.clients() };
    let planner = PlanArchive::new(clients, lenient(), production());
    let event = stage.take(Stage::PlanArchive).await;
    assert!(stage.handle(&planner, event).await.is_empty());
    assert_eq!(stage.state(object).await, "dispatched plan-archive");
}

#[tokio::test]
async fn killed_around_the_put_of_the_index_the_next_try_ends_the_same() {
    for script in ["effect:before:fail", "effect:after:fail", "effect:after:panic"] {
        let stage = TestStage::start().await;
        land(&stage, FOLDER, &[], &example_two_nodes()).await;
        let before = stage.fingerprint().await;
        let clients = stage.clients_with(&format!("plan-archive:{script}:1"));
        let planner = PlanArchive::new(clients, lenient(), production());
        let event = stage.take(Stage::PlanArchive).await;
        let body = event.records[0].body.clone().unwrap();
        assert_eq!(stage.handle(&planner, event).await, ["m0"], "{script}");
        let after: Vec<String> =
            stage.fingerprint().await.into_iter().filter(|row| !row.starts_with("outbox")).collect();
        let before: Vec<String> = before.into_iter().filter(|row| !row.starts_with("outbox")).collect();
        assert_eq!(after, before, "{script}");
        assert!(stage.handle(&planner, received(&[body], 2)).await.is_empty());
        Index::parse_whole(kept(&stage).await.1).unwrap();
        assert_eq!(stage.count("select count(*) from dump.load").await, 1);
    }
}
