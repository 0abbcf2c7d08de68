//! From the outbox to the queue: nothing before the commit, nothing lost after it.

use std::collections::BTreeSet;

use landfall_runtime::handing_on;
use landfall_store::{StoreError, outbox};

use super::rig::{LONG, Rig, bodies, failure, message, now};

#[tokio::test]
async fn a_message_of_a_commit_that_was_rolled_back_never_comes() {
    let rig = Rig::fresh().await;
    let work = async {
        let mut tx = rig.pool().begin().await.unwrap();
        outbox::send(&mut tx, &[message("rolled back", now())], now()).await?;
        tx.rollback().await?;
        Err::<(), StoreError>(failure())
    };
    handing_on(rig.queue.as_ref(), now, work).await.unwrap_err();
    rig.send(&["committed"]).await;
    assert_eq!(bodies(&rig.expect(1, LONG).await), ["committed"]);
    assert_eq!(rig.sweep_later().await, 0);
    assert!(rig.receive(LONG).await.is_empty());
}

#[tokio::test]
async fn messages_of_several_commits_of_one_piece_of_work_are_handed_on() {
    let rig = Rig::fresh().await;
    let work = async {
        for body in ["a", "b"] {
            let mut tx = rig.pool().begin().await.unwrap();
            outbox::send(&mut tx, &[message(body, now())], now()).await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    handing_on(rig.queue.as_ref(), now, work).await;
    assert_eq!(bodies(&rig.expect(2, LONG).await), ["a", "b"]);
}

#[tokio::test]
async fn a_send_whose_answer_was_lost_is_repeated_and_its_effects_happen_once() {
    let rig = Rig::with_faults("plan-archive:send:after:fail:1").await;
    rig.send(&["a", "b"]).await;
    let mut effects = BTreeSet::new();
    let first = rig.expect(2, LONG).await;
    effects.extend(first.iter().map(|m| m.body.clone()));
    if rig.sqs.is_some() {
        assert_eq!(rig.in_outbox().await, ["a", "b"], "nobody told that they were sent");
        assert_eq!(rig.queue.hand_on_left(now()).await.unwrap(), 0, "they are their writer's still");
        assert_eq!(rig.sweep_later().await, 2);
        let again = rig.expect(2, LONG).await;
        assert_eq!(again.iter().map(|m| m.receives).collect::<Vec<_>>(), [1, 1], "to SQS they are new");
        effects.extend(again.iter().map(|m| m.body.clone()));
        rig.acknowledge(&again).await;
    }
    rig.acknowledge(&first).await;
    assert_eq!(effects, BTreeSet::from(["a".to_owned(), "b".to_owned()]));
    assert!(outbox::is_empty(rig.pool()).await.unwrap());
    assert_eq!(rig.sweep_later().await, 0);
}

#[tokio::test]
async fn what_a_crash_after_the_commit_left_is_found_by_a_sweep() {
    let rig = Rig::fresh().await;
    let mut conn = rig.pool().acquire().await.unwrap();
    let left: Vec<_> = (0..1203).map(|n| message(format!("{n:04}"), now())).collect();
    outbox::send(&mut conn, &left, now()).await.unwrap();
    assert_eq!(rig.queue.hand_on_left(now()).await.unwrap(), 0, "their writer may be about to send them");
    let handed_on = rig.sweep_later().await;
    assert_eq!(handed_on, if rig.sqs.is_some() { 1203 } else { 0 });
    let held = rig.expect(1203, LONG).await;
    let expected: Vec<&str> = left.iter().map(|m| m.body.as_str()).collect();
    assert_eq!(bodies(&held), expected);
    rig.acknowledge(&held).await;
    assert!(outbox::is_empty(rig.pool()).await.unwrap());
}

#[tokio::test]
async fn two_sweeps_at_the_same_time_hand_a_message_on_once() {
    let rig = Rig::fresh().await;
    let mut conn = rig.pool().acquire().await.unwrap();
    let left: Vec<_> = (0..40).map(|n| message(format!("{n:02}"), now())).collect();
    outbox::send(&mut conn, &left, now()).await.unwrap();
    let other = rig.other_worker().await;
    let at = now() + chrono::TimeDelta::hours(1);
    let (one, two) = tokio::join!(rig.queue.hand_on_left(at), other.hand_on_left(at));
    let handed_on = one.unwrap() + two.unwrap();
    assert_eq!(handed_on, if rig.sqs.is_some() { 40 } else { 0 });
    assert_eq!(rig.expect(40, LONG).await.len(), 40);
    assert!(rig.receive(LONG).await.is_empty());
}
