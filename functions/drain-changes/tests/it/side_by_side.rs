//! Several drains at once, and one that loses its lease.

use drain_changes::{DrainError, DrainStatus, Order};
use landfall_domain::Dataset;

use crate::scene::{Scene, deadline, incidents, told};

#[tokio::test]
async fn test_08_of_two_drains_one_works_and_each_file_is_applied_once() {
    let scene = Scene::start().await;
    for (at, time) in (0..).zip(["08-20", "08-40", "09-00"]) {
        scene.land(time, incidents(at * 10..at * 10 + 5)).await;
    }
    scene.stage.pass(121);
    let (one, two) = tokio::join!(scene.drain(), scene.drain());
    let mut statuses = [one.status, two.status];
    statuses.sort_by_key(|status| *status == DrainStatus::SkippedLocked);
    assert_eq!(statuses[0], DrainStatus::Success);
    let files = one.files.len() + two.files.len();
    assert_eq!((files, scene.count().await), (3, 15), "{:?} {:?}", told(&one), told(&two));
}

#[tokio::test]
async fn test_09_a_drain_that_lost_its_lease_applies_nothing() {
    let scene = Scene::start().await;
    scene.settled("08-20", incidents(1..4)).await;
    // As if it had been frozen between reading and committing, and another had taken over.
    scene
        .stage
        .execute(
            "create function tickets.steal() returns trigger language plpgsql as $$
         begin update ops.lease set owner = 'another'; return null; end $$",
        )
        .await;
    scene.stage.execute(
        "create trigger steal after insert on tickets.stage for each statement execute function tickets.steal()",
    ).await;
    let lost = scene.order(drain_changes::Mode::Drain).await.unwrap_err();
    assert!(matches!(lost, DrainError::LeaseLost { .. }), "{lost}");
    assert_eq!((scene.count().await, scene.watermark().await), (0, String::new()));
    assert_eq!(scene.changes().await.len(), 1);
    let held = "select owner from ops.lease where name = 'tickets/inc'";
    assert_eq!(scene.stage.texts(held).await, ["another"], "it gives up no lease but its own");
}

#[tokio::test]
async fn test_10_incidents_and_requests_are_drained_side_by_side() {
    let scene = Scene::start().await;
    scene.land("08-20", incidents(1..4)).await;
    let requests = incidents(1..3).replace("INC", "CRQ");
    scene.stage.land("automations/crq/changes/2026-06-25T08-20-00.csv", &[], requests).await;
    scene.stage.pass(121);
    let drain = Scene::drain_of(scene.stage.clients());
    let (inc, crq) = (Order::of(Dataset::Inc), Order::of(Dataset::Crq));
    let (inc, crq) = tokio::join!(drain.run(&inc, deadline()), drain.run(&crq, deadline()));
    assert_eq!(inc.unwrap().upserted(), 3);
    assert_eq!(crq.unwrap().upserted(), 2);
}
