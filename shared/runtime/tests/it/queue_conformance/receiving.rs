//! What is written is received, with what a handler needs to know.

use chrono::TimeDelta;
use landfall_domain::Stage;
use landfall_store::outbox;

use super::rig::{LONG, Rig, STAGE, bodies, message, now};

#[tokio::test]
async fn each_message_is_received_by_one_worker_with_its_body_and_counts() {
    let rig = Rig::fresh().await;
    let begun = now();
    let sent: Vec<String> = (10..33).map(|n| format!(r#"{{"v":1,"body":"Ärger {n}"}}"#)).collect();
    rig.send(&sent.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let held = rig.expect(sent.len(), LONG).await;
    assert_eq!(bodies(&held), sent);
    for message in &held {
        assert!(!message.id.is_empty());
        assert_eq!(message.receives, 1);
        let age = message.created_at.signed_duration_since(begun);
        assert!(age.abs() < TimeDelta::minutes(1), "sent {age} after the start");
    }
    let ids: std::collections::BTreeSet<&str> = held.iter().map(|m| m.id.as_str()).collect();
    assert_eq!(ids.len(), sent.len(), "ids are unique");
    assert!(rig.receive(LONG).await.is_empty(), "each once");
    assert!(super::rig::receive(rig.other_worker().await.as_ref(), LONG).await.is_empty());
}

#[tokio::test]
async fn a_receive_gives_no_more_than_it_was_asked_for() {
    let rig = Rig::fresh().await;
    let sent: Vec<String> = (0..25).map(|n| format!("{n:02}")).collect();
    rig.send(&sent.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut all = Vec::new();
    for limit in [1, 12, 12] {
        let held = rig.queue.receive(STAGE, (now(), LONG), limit).await.unwrap();
        assert!(held.len() <= limit as usize, "{} of {limit}", held.len());
        all.extend(held);
    }
    all.extend(rig.expect(sent.len() - all.len(), LONG).await);
    assert_eq!(bodies(&all), sent);
}

#[tokio::test]
async fn an_empty_queue_gives_nothing() {
    let rig = Rig::fresh().await;
    assert!(rig.receive(LONG).await.is_empty());
    rig.acknowledge(&[]).await;
    rig.queue.extend(STAGE, &[], (now(), LONG)).await.unwrap();
}

#[tokio::test]
async fn a_message_that_is_done_leaves_nothing_behind() {
    let rig = Rig::fresh().await;
    rig.send(&["a", "b"]).await;
    rig.acknowledge(&rig.expect(2, LONG).await).await;
    assert!(outbox::is_empty(rig.pool()).await.unwrap());
    if let Some(sqs) = &rig.sqs {
        assert_eq!(sqs.visible().await, "0");
    }
}

#[tokio::test]
async fn a_message_for_later_is_not_received_before_its_time() {
    let rig = Rig::fresh().await;
    let due = now() + TimeDelta::milliseconds(1500);
    rig.send_all(&[message("later", due), message("now", now())]).await;
    assert_eq!(bodies(&rig.expect(1, LONG).await), ["now"]);
    let later = rig.expect(1, LONG).await;
    assert_eq!(bodies(&later), ["later"]);
    assert!(now() >= due, "{due}");
}

#[tokio::test]
async fn a_message_for_tomorrow_waits_in_the_outbox() {
    let rig = Rig::fresh().await;
    rig.send_all(&[message("tomorrow", now() + TimeDelta::days(1)), message("now", now())]).await;
    let held = rig.expect(1, LONG).await;
    assert_eq!(bodies(&held), ["now"]);
    rig.acknowledge(&held).await;
    assert_eq!(rig.in_outbox().await, ["tomorrow"]);
    assert_eq!(rig.sweep_later().await, 0, "it is not due in an hour");
    assert!(rig.receive(LONG).await.is_empty());
}

#[tokio::test]
async fn a_message_for_another_stage_is_not_received() {
    let rig = Rig::fresh().await;
    let mut other = message("other", now());
    other.stage = Stage::ParseMember;
    rig.send_all(&[other, message("ours", now())]).await;
    assert_eq!(bodies(&rig.expect(1, LONG).await), ["ours"]);
    assert!(rig.receive(LONG).await.is_empty());
}
