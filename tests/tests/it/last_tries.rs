//! One record costs its batch nothing, and what fails for good is accounted for and can be sent again.

use landfall_domain::{Reason, Stage, State};
use landfall_runtime::Faults;
use landfall_store::dead_letter;
use landfall_store::object::{self, Move};
use landfall_testkit::TestPlatform;

use crate::scene::dump;

#[tokio::test]
async fn a_panic_over_one_record_costs_the_nine_others_nothing() {
    let faults: Faults = "receive-object:read:before:panic:5".parse().unwrap();
    let platform = TestPlatform::configured(|config| {
        config.faults = faults.clone();
        // Only events without a version id are looked at in the store.
        config.versioning = landfall_objects::Versioning::Unversioned;
    })
    .await;
    platform.queue().hold(Stage::ReceiveObject).await;
    for number in 0..10 {
        platform.put(&format!("notes/{number}.txt"), &[], format!("note {number}")).await;
    }
    platform.queue().release(Stage::ReceiveObject).await;
    platform.platform().wake();
    platform.settle().await;
    assert_eq!(faults.outstanding(), 0);
    let together: Vec<i64> =
        sqlx::query_scalar("select count(*) from ingest.object group by first_seen order by first_seen")
            .fetch_all(platform.pool())
            .await
            .unwrap();
    assert_eq!(together, [9, 1], "nine in one commit, the tenth later");
    assert!(platform.verify().await.closed);
    platform.stop().await;
}

const ALWAYS: &str = "plan-archive:read:before:fail:1,plan-archive:read:before:fail:2,\
    plan-archive:read:before:fail:3,plan-archive:read:before:fail:4,plan-archive:read:before:fail:5";

#[tokio::test]
async fn used_up_tries_end_as_failed_with_a_dead_letter_that_can_be_sent_again() {
    let faults: Faults = ALWAYS.parse().unwrap();
    let platform = TestPlatform::configured(|config| config.faults = faults.clone()).await;
    let key = "dumps/acme/core/CHG-1001/latest.tgz";
    platform.put(key, &[], dump(0, &["HEL-CORE-01"])).await;
    platform.settle().await;
    assert_eq!(faults.outstanding(), 0);
    assert_eq!(platform.states().await, [(key.into(), "failed".into(), "scripted_fault".into())]);
    assert!(platform.verify().await.closed);
    let letters = dead_letter::list(platform.pool(), false, 10).await.unwrap();
    let letters_told: Vec<_> =
        letters.iter().map(|l| (l.stage.as_str(), l.kind.as_str(), l.attempts)).collect();
    assert_eq!(letters_told, [("plan-archive", "failed", 5)]);

    // What a redrive does: the object is opened again, and the message sent, in one transaction.
    let now = platform.platform().clients().clock.now();
    let id: i64 =
        sqlx::query_scalar("select object_id from ingest.object").fetch_one(platform.pool()).await.unwrap();
    let mut tx = platform.pool().begin().await.unwrap();
    let row = object::lock(&mut tx, landfall_domain::ObjectId(id)).await.unwrap().unwrap();
    let to = Move { to: State::Dispatched, reason: Reason::new("redrive"), run: row.run };
    object::transition(&mut tx, &row, &to, now).await.unwrap();
    assert!(dead_letter::redrive(&mut tx, &letters[0], now).await.unwrap());
    tx.commit().await.unwrap();
    platform.platform().wake();
    platform.settle().await;
    assert_eq!(platform.states().await, [(key.into(), "done".into(), "complete".into())]);
    assert!(platform.verify().await.closed);
    platform.stop().await;
}
