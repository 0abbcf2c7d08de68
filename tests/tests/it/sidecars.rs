//! Sidecars through the whole platform: before their dump, while it waits, and late (specs: dumps 6.1).

use std::time::Duration;

use chrono::TimeDelta;
use futures::stream::{self, StreamExt};
use landfall_domain::Stage;
use landfall_local::sample::fixtures::{example_nested_chain, example_two_nodes};
use landfall_objects::Versioning;
use landfall_runtime::Faults;
use landfall_testkit::TestPlatform;

use crate::process::Site;

const KEY: &str = "dumps/night.tgz";
const SIDECAR: &str = "dumps/night.tgz.json";
const ALL: &str = r#"{"customer": "acme", "network": "core", "ticket": "CHG-7", "hc_id": "HC-7"}"#;
/// Platforms at the same time.
const AT_ONCE: usize = 2;

/// State and reason of each object, by key.
async fn states(platform: &TestPlatform) -> Vec<String> {
    let states = platform.states().await.into_iter();
    states.map(|(key, state, reason)| format!("{key} {state} {reason}")).collect()
}

/// Puts a dump that says nothing about itself, and waits until it waits.
async fn put_and_wait(platform: &TestPlatform) {
    platform.put(KEY, &[], example_two_nodes().bytes).await;
    let waits = "select count(*) from ingest.object where state = 'waiting'";
    let waiting = async {
        while platform.count(waits).await == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), waiting).await.expect("the dump waits for its sidecar");
}

async fn assert_done_with_its_sidecar(platform: &TestPlatform, what: &str) {
    let expected = ["dumps/night.tgz done complete", "dumps/night.tgz.json ignored sidecar"];
    assert_eq!(states(platform).await, expected, "{what}");
    let links: Vec<String> = sqlx::query_scalar("select ticket || ' ' || hc_id from dump.dump_link")
        .fetch_all(platform.pool())
        .await
        .unwrap();
    assert_eq!(links, ["CHG-7 HC-7"], "{what}");
    assert_eq!(platform.count("select count(*) from dump.load").await, 1, "{what}");
    let books = platform.verify().await;
    assert!(books.closed, "{what}: {books:?}");
}

#[tokio::test]
async fn a_sidecar_before_its_dump_and_one_while_it_waits_are_taken() {
    for versioning in [Versioning::Enabled, Versioning::Unversioned] {
        let platform = TestPlatform::configured(|config| config.versioning = versioning).await;
        platform.put(SIDECAR, &[], ALL).await;
        platform.put(KEY, &[], example_two_nodes().bytes).await;
        platform.settle().await;
        assert_done_with_its_sidecar(&platform, "before").await;
        platform.stop().await;

        let platform = TestPlatform::configured(|config| config.versioning = versioning).await;
        put_and_wait(&platform).await;
        platform.put(SIDECAR, &[], ALL).await;
        platform.settle_hurried().await;
        assert_done_with_its_sidecar(&platform, "while it waits").await;
        platform.stop().await;
    }
}

#[tokio::test]
async fn without_a_sidecar_the_wait_ends_in_a_rejection_and_a_later_one_is_late() {
    let platform =
        TestPlatform::configured(|config| config.rules.sidecar_wait = TimeDelta::milliseconds(300)).await;
    platform.put(KEY, &[], example_two_nodes().bytes).await;
    platform.settle().await;
    assert_eq!(states(&platform).await, ["dumps/night.tgz rejected meta_missing:customer"]);
    platform.put(SIDECAR, &[], ALL).await;
    platform.settle().await;
    let expected =
        ["dumps/night.tgz rejected meta_missing:customer", "dumps/night.tgz.json ignored late_sidecar"];
    assert_eq!(states(&platform).await, expected);
    assert!(platform.verify().await.closed);
    platform.stop().await;
}

#[tokio::test]
async fn every_message_delivered_twice_and_shuffled_takes_the_sidecar_once() {
    for seed in 1..=3 {
        let platform = TestPlatform::start().await;
        platform.queue().deliver_twice_and_shuffled(seed).await;
        platform.put(KEY, &[], example_two_nodes().bytes).await;
        platform.put(SIDECAR, &[], ALL).await;
        let neighbour = example_nested_chain();
        platform.put(&format!("dumps/acme/east/CHG-1/{}", neighbour.file_name), &[], neighbour.bytes).await;
        platform.settle_hurried().await;
        let mut states = states(&platform).await;
        states.retain(|line| line.starts_with("dumps/night"));
        let expected = ["dumps/night.tgz done complete", "dumps/night.tgz.json ignored sidecar"];
        assert_eq!(states, expected, "seed {seed}");
        assert_eq!(platform.count("select count(*) from dump.load").await, 2, "seed {seed}");
        let sent = platform.queue().send_all_again(seed).await;
        assert!(sent >= 6, "{sent} messages were sent again");
        platform.platform().wake();
        platform.settle_hurried().await;
        assert_eq!(platform.count("select count(*) from dump.load").await, 2, "seed {seed}");
        platform.stop().await;
    }
}

/// A dump waits and its sidecar comes, while one fault strikes.
async fn run(script: String) {
    let faults: Faults = script.parse().unwrap();
    let platform = TestPlatform::configured(|config| config.faults = faults.clone()).await;
    put_and_wait(&platform).await;
    platform.put(SIDECAR, &[], ALL).await;
    platform.settle_hurried().await;
    assert_eq!(faults.outstanding(), 0, "{script}: did not strike");
    assert_done_with_its_sidecar(&platform, &script).await;
    platform.stop().await;
}

#[tokio::test]
async fn a_fault_at_any_point_of_the_wait_changes_nothing() {
    let mut scripts = Vec::new();
    for stage in [Stage::ReceiveObject, Stage::PlanArchive] {
        for point in ["commit:before", "commit:after", "send:after", "ack:before"] {
            // The first passing is the dump's, the second its sidecar's.
            for number in 1..=2 {
                scripts.push(format!("{stage}:{point}:fail:{number}"));
            }
        }
    }
    stream::iter(scripts).map(run).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
}

/// A dump waits and its sidecar comes; the process dies at the point, and the next one finishes.
async fn killed(script: String) {
    let site = Site::new().await;
    site.queue.hold(Stage::ReceiveObject).await;
    let life = site.start(&script).await;
    life.put(KEY, &example_two_nodes().bytes).await.expect("the put succeeds");
    site.queue.release(Stage::ReceiveObject).await;
    // A script for the first passing strikes before the sidecar is there; it is put in the next life then.
    let waits = "select exists (select 1 from ingest.object where state = 'waiting')";
    let waiting = async {
        while !sqlx::query_scalar::<_, bool>(waits).fetch_one(site.pool()).await.unwrap() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    if script.ends_with(":1") {
        life.died_of_its_script().await;
    } else {
        tokio::time::timeout(Duration::from_mins(1), waiting).await.expect("the dump waits");
        // The process may die before it answers: what it stored is found by the listing of the next life.
        let _ = life.put(SIDECAR, ALL.as_bytes()).await;
        life.died_of_its_script().await;
    }
    let life = site.start("").await;
    if script.ends_with(":1") {
        life.put(SIDECAR, ALL.as_bytes()).await.expect("the put succeeds");
    }
    site.settle_at_once().await;
    let told: Vec<String> =
        sqlx::query_scalar("select concat_ws(' ', key, state, reason) from ingest.object order by key")
            .fetch_all(site.pool())
            .await
            .unwrap();
    let expected = ["dumps/night.tgz done complete", "dumps/night.tgz.json ignored sidecar"];
    assert_eq!(told, expected, "{script}");
    let books = site.verify(&life).await;
    assert!(books.closed, "{script}: {books:?}");
    life.stop().await;
}

#[tokio::test]
async fn a_process_killed_while_a_dump_waits_is_made_good_by_the_next() {
    let mut scripts = Vec::new();
    for point in ["commit:before", "commit:after", "ack:before"] {
        scripts.extend((1..=2).map(|number| format!("plan-archive:{point}:kill:{number}")));
        scripts.push(format!("receive-object:{point}:kill:2"));
    }
    stream::iter(scripts).map(killed).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
}
