//! Redelivery: after a lease, before it, and never again.
//!
//! That something does not come is seen by what comes after it.

use std::time::{Duration, Instant};

use super::rig::{LONG, Rig, SHORT, STAGE, bodies, now, receive};

#[tokio::test]
async fn a_message_comes_again_once_its_lease_runs_out_and_says_how_often() {
    let rig = Rig::fresh().await;
    rig.send(&["a"]).await;
    let begun = Instant::now();
    let first = rig.expect(1, SHORT).await;
    let second = rig.expect(1, SHORT).await;
    assert!(begun.elapsed() >= SHORT, "{:?}", begun.elapsed());
    let third = rig.expect(1, LONG).await;
    let counts: Vec<u32> = [&first, &second, &third].map(|held| held[0].receives).into();
    assert_eq!(counts, [1, 2, 3]);
    assert_eq!((bodies(&third), &third[0].id), (vec!["a"], &first[0].id));
}

#[tokio::test]
async fn a_message_that_was_acknowledged_does_not_come_again() {
    let rig = Rig::fresh().await;
    rig.send(&["done", "open"]).await;
    let held = rig.expect(2, SHORT).await;
    let done: Vec<_> = held.into_iter().filter(|m| m.body == "done").collect();
    rig.acknowledge(&done).await;
    assert_eq!(bodies(&rig.expect(1, LONG).await), ["open"]);
    assert!(rig.receive(LONG).await.is_empty());
}

#[tokio::test]
async fn an_acknowledgement_whose_answer_was_lost_can_be_repeated() {
    let rig = Rig::fresh().await;
    rig.send(&["a"]).await;
    let held = rig.expect(1, LONG).await;
    rig.acknowledge(&held).await;
    rig.acknowledge(&held).await;
    rig.send(&["b"]).await;
    assert_eq!(bodies(&rig.expect(1, LONG).await), ["b"]);
}

#[tokio::test]
async fn a_renewed_lease_hides_a_message_for_longer() {
    let rig = Rig::fresh().await;
    rig.send(&["long", "short"]).await;
    let held = rig.expect(2, SHORT).await;
    let long: Vec<_> = held.into_iter().filter(|m| m.body == "long").collect();
    rig.queue.extend(STAGE, &long, (now(), LONG)).await.unwrap();
    assert_eq!(bodies(&rig.expect(1, LONG).await), ["short"]);
    assert!(rig.receive(LONG).await.is_empty(), "the other one is still held");
}

#[tokio::test]
async fn leases_of_more_messages_than_a_request_takes_are_renewed() {
    let rig = Rig::fresh().await;
    let sent: Vec<String> = (0..23).map(|n| format!("{n:02}")).collect();
    rig.send(&sent.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let held = rig.expect(23, Duration::from_secs(3)).await;
    rig.queue.extend(STAGE, &held, (now(), LONG)).await.unwrap();
    rig.acknowledge(&held).await;
    rig.send(&["last"]).await;
    assert_eq!(bodies(&rig.expect(1, LONG).await), ["last"]);
}

#[tokio::test]
async fn only_what_failed_in_a_batch_is_given_again_after_its_wait() {
    let rig = Rig::fresh().await;
    rig.send(&["bad at once", "bad for a second", "good"]).await;
    let held = rig.expect(3, LONG).await;
    let begun = Instant::now();
    for message in &held {
        let wait = match message.body.as_str() {
            "bad at once" => Duration::ZERO,
            "bad for a second" => SHORT,
            _ => {
                rig.acknowledge(std::slice::from_ref(message)).await;
                continue;
            }
        };
        rig.queue.give_back(STAGE, std::slice::from_ref(message), (now(), wait)).await.unwrap();
    }
    let again = rig.expect(2, LONG).await;
    assert!(begun.elapsed() >= SHORT, "{:?}", begun.elapsed());
    let order: Vec<&str> = again.iter().map(|m| m.body.as_str()).collect();
    assert_eq!(order, ["bad at once", "bad for a second"]);
    assert_eq!(again.iter().map(|m| m.receives).collect::<Vec<_>>(), [2, 2]);
    assert!(rig.receive(LONG).await.is_empty());
}

#[tokio::test]
async fn another_worker_takes_what_a_dead_one_held() {
    let rig = Rig::fresh().await;
    rig.send(&["a"]).await;
    assert_eq!(rig.expect(1, SHORT).await.len(), 1);
    let other = rig.other_worker().await;
    let begun = Instant::now();
    let mut taken = Vec::new();
    while taken.is_empty() {
        taken = receive(other.as_ref(), LONG).await;
        assert!(begun.elapsed() < Duration::from_secs(30), "it is not given to another worker");
    }
    assert_eq!((taken[0].body.as_str(), taken[0].receives), ("a", 2));
    other.acknowledge(STAGE, &taken).await.unwrap();
}
