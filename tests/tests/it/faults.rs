//! Failures and panics at every point of every stage change nothing in the end (design: the step commit).

use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt};
use landfall_domain::Stage;
use landfall_runtime::Faults;
use landfall_testkit::TestPlatform;

use crate::{abandoned, scene};

/// Platforms at the same time: most of a run is waiting, and each holds some ten connections.
const AT_ONCE: usize = 2;

/// One fault in an otherwise quiet run.
async fn run(script: String) {
    let faults: Faults = script.parse().unwrap();
    let platform = TestPlatform::configured(|config| config.faults = faults.clone()).await;
    scene::put(&platform).await;
    platform.settle_hurried().await;
    assert_eq!(faults.outstanding(), 0, "{script}: did not strike");
    scene::assert_undisturbed(&platform, &script).await;
    platform.stop().await;
}

/// The points of every stage.
const POINTS: [&str; 4] = ["read", "commit", "send", "ack"];

/// All points on both sides, each failing and panicking once.
async fn run_all(stage: &str, points: &[&str]) {
    let mut scripts = Vec::new();
    for point in points {
        for moment in ["before", "after"] {
            for fault in ["fail", "panic"] {
                scripts.push(format!("{stage}:{point}:{moment}:{fault}:1"));
            }
        }
    }
    stream::iter(scripts).map(run).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
}

#[tokio::test]
async fn a_fault_at_any_point_of_receive_object_changes_nothing() {
    run_all("receive-object", &POINTS).await;
}

#[tokio::test]
async fn a_fault_at_any_point_of_plan_archive_changes_nothing() {
    run_all("plan-archive", &POINTS).await;
}

#[tokio::test]
async fn a_fault_around_the_put_of_an_index_changes_nothing() {
    run_all("plan-archive", &["effect"]).await;
}

#[tokio::test]
async fn a_fault_at_any_point_of_parse_member_changes_nothing() {
    run_all("parse-member", &POINTS).await;
}

/// One fault in a sweep that finds the work of lost workers.
async fn swept(script: String) {
    let mut platform = TestPlatform::start().await;
    platform.queue().hold(Stage::ParseMember).await;
    scene::put(&platform).await;
    abandoned::planned(platform.queue()).await;
    platform.halt().await;
    abandoned::abandon(platform.pool()).await;
    let faults: Faults = script.parse().unwrap();
    platform.restart(faults.clone()).await;
    platform.settle_hurried().await;
    assert_eq!(faults.outstanding(), 0, "{script}: did not strike");
    scene::assert_undisturbed(&platform, &script).await;
    platform.stop().await;
}

#[tokio::test]
async fn a_fault_at_any_point_of_sweep_state_changes_nothing() {
    let scripts = abandoned::scripts("fail").chain(abandoned::scripts("panic"));
    stream::iter(scripts).map(swept).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
}

#[tokio::test]
async fn a_unit_that_was_left_in_the_middle_does_not_wait_for_its_lease() {
    for fault in ["fail", "panic"] {
        let script = format!("parse-member:commit:before:{fault}:1");
        let platform = TestPlatform::configured(|config| config.faults = script.parse().unwrap()).await;
        scene::put(&platform).await;
        let begun = Instant::now();
        while !platform.queue().is_settled().await {
            assert!(begun.elapsed() < Duration::from_secs(20), "{script}: {}", platform.queue().left().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        scene::assert_undisturbed(&platform, &script).await;
        platform.stop().await;
    }
}
