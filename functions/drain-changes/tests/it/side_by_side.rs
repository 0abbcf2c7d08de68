//! Several drains at once, and one that loses its lease.

use drain_changes::{DrainError, DrainStatus, Order};
use landfall_domain::Dataset;
use landfall_testkit::Standing;

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
async fn test_09_a_drain_that_was_frozen_past_its_lease_leaves_the_work_to_the_one_that_took_over() {
    let scene = Scene::start().await;
    scene.settled("08-20", incidents(1..4)).await;
    // The clock stands at 09:02:01, and a lease lasts five minutes.
    let of_the_first = "(select until from ops.lease where name = 'tickets/inc') < '2025-03-01 09:08:00Z'";
    let standing = Standing::at(&scene.stage, "tickets.stage", of_the_first).await;
    let taking_over = async {
        standing.reached(&scene.stage).await;
        scene.stage.pass(299);
        assert_eq!(scene.drain().await.status, DrainStatus::SkippedLocked, "it is not over yet");
        scene.stage.pass(2);
        let second = scene.drain().await;
        standing.release().await;
        second
    };
    let (first, second) = tokio::join!(scene.order(drain_changes::Mode::Drain), taking_over);
    assert!(matches!(first, Err(DrainError::LeaseLost { .. })), "{first:?}");
    assert_eq!((told(&second), scene.count().await), (vec!["08-20 applied".to_owned()], 3));
    let applied = "select count(*) from tickets.import_files where status = 'applied'";
    assert_eq!(scene.stage.count(applied).await, 1, "no double apply");
    assert_eq!(scene.stage.count("select count(*) from ops.lease").await, 0, "no lock is left behind");
    scene.drain().await;
    assert_eq!(scene.stage.count("select count(*) from tickets.stage").await, 0);
}

#[tokio::test]
async fn test_10_requests_are_drained_to_the_end_while_a_drain_of_incidents_is_in_its_commit() {
    let scene = Scene::start().await;
    scene.land("08-20", incidents(1..4)).await;
    let requests = incidents(1..3).replace("INC", "CRQ");
    scene.stage.land("automations/crq/changes/2026-06-25T08-20-00.csv", &[], requests).await;
    scene.stage.pass(121);
    let drain = Scene::drain_of(scene.stage.clients());
    let standing = Standing::at(&scene.stage, "tickets.import_files", "new.dataset = 'inc'").await;
    let (inc, crq) = (Order::of(Dataset::Inc), Order::of(Dataset::Crq));
    let beside = async {
        standing.reached(&scene.stage).await;
        let crq = drain.run(&crq, deadline()).await.unwrap();
        assert_eq!((crq.status, crq.upserted(), scene.count().await), (DrainStatus::Success, 2, 0));
        standing.release().await;
    };
    let (inc, ()) = tokio::join!(drain.run(&inc, deadline()), beside);
    let inc = inc.unwrap();
    assert_eq!((inc.status, inc.upserted()), (DrainStatus::Success, 3));
    let moved = "select count(*) from ingest.object where state = 'done' and not present";
    assert_eq!(scene.stage.count(moved).await, 2);
}
