//! What only SQS has: limits, refusals of single messages, message groups, its own dead letters.

use std::time::Duration;

use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};
use chrono::TimeDelta;
use landfall_runtime::{Faults, QueueUrls, SqsQueue, StageQueue};
use landfall_store::{Store, dead_letter};
use landfall_testkit::SqsEndpoint;

use super::rig::{self, LONG, Rig, SHORT, STAGE, bodies, message, now, receive};

#[tokio::test]
async fn a_message_that_sqs_never_takes_is_a_dead_letter_and_holds_up_nobody() {
    let Some((rig, _)) = Rig::sqs("").await else { return };
    rig.send(&["a", "not \u{ffff} for SQS", "c"]).await;
    assert_eq!(bodies(&rig.expect(2, LONG).await), ["a", "c"]);
    let letter = dead_letter::list(rig.pool(), false, 10).await.unwrap().remove(0);
    assert_eq!((letter.code.as_str(), letter.body.as_str()), ("message_contents", "not \u{ffff} for SQS"));
    assert!(rig.in_outbox().await.is_empty());
}

#[tokio::test]
async fn only_the_messages_that_sqs_confirmed_leave_the_outbox_and_the_others_wait_longer_each_time() {
    let Some((rig, sqs)) = Rig::sqs("").await else { return };
    let limit = async |bytes: &str| {
        sqs.endpoint.set(&sqs.queue.url, QueueAttributeName::MaximumMessageSize, bytes).await;
    };
    limit("1024").await;
    let large = format!("large {}", "x".repeat(2000));
    rig.send(&["small", &large]).await;
    assert_eq!(bodies(&rig.expect(1, LONG).await), ["small"]);
    let waits = "select concat_ws(' ', left(body, 5), attempts, lease_owner) from ops.outbox";
    let waiting = async || sqlx::query_scalar::<_, String>(waits).fetch_all(rig.pool()).await.unwrap();
    assert_eq!(waiting().await, ["large 1"]);
    let mut at = now();
    for (attempts, seconds) in [(2, 60), (3, 120), (4, 240), (5, 480), (6, 600), (7, 600)] {
        at += TimeDelta::hours(1);
        assert_eq!(rig.queue.hand_on_left(at).await.unwrap(), 0);
        assert_eq!(waiting().await, [format!("large {attempts}")]);
        let due = at + TimeDelta::seconds(seconds);
        let early = due - TimeDelta::seconds(1);
        assert_eq!(rig.queue.hand_on_left(early).await.unwrap(), 0);
        assert_eq!(waiting().await, [format!("large {attempts}")], "not before {due}");
    }
    limit("1048576").await;
    assert_eq!(rig.queue.hand_on_left(at + TimeDelta::hours(1)).await.unwrap(), 1);
    assert_eq!(rig.expect(1, LONG).await[0].body, large);
}

#[tokio::test]
async fn without_sqs_messages_wait_in_the_outbox_and_the_work_is_not_disturbed() {
    let Some((rig, sqs)) = Rig::sqs("").await else { return };
    let store = Store::over(rig.pool().clone());
    let urls = QueueUrls::of([(STAGE, "http://127.0.0.1:9/queue".to_owned())]);
    let nowhere = SqsEndpoint::at("http://127.0.0.1:9").settings();
    let (parts, bodies) = ((store, "x".into()), rig::nowhere().await);
    let dead = SqsQueue::connect(&nowhere, urls, parts, bodies, Faults::none()).await;
    let sent = landfall_runtime::handing_on(&dead, now, async {
        let mut conn = rig.pool().acquire().await.unwrap();
        landfall_store::outbox::send(&mut conn, &[message("a", now())], now()).await
    });
    sent.await.unwrap();
    assert_eq!(rig.in_outbox().await, ["a"]);
    assert!(dead.receive(STAGE, (now(), SHORT), 1).await.is_err());
    assert_eq!(rig.sweep_later().await, 1, "once SQS is there again");
    assert_eq!(sqs.visible().await, "1");
}

#[tokio::test]
async fn the_tenant_of_a_message_is_its_message_group() {
    let Some((rig, sqs)) = Rig::sqs("").await else { return };
    rig.send_all(&[message("a", now()).for_tenant("load-7")]).await;
    let asked = sqs.endpoint.client.receive_message().queue_url(&sqs.queue.url);
    let answer = asked.message_system_attribute_names(MessageSystemAttributeName::All).send().await.unwrap();
    let received = answer.messages.unwrap().remove(0);
    let attributes = received.attributes.unwrap();
    assert_eq!(attributes.get(&MessageSystemAttributeName::MessageGroupId).unwrap(), "load-7");
}

#[tokio::test]
async fn what_no_code_gave_up_goes_to_the_queue_of_dead_letters_after_the_last_receive() {
    let Some((rig, sqs)) = Rig::sqs("").await else { return };
    rig.send(&["killer"]).await;
    for _ in 0..STAGE.settings().max_receives {
        // Its worker dies each time.
        let held = rig.expect(1, LONG).await.remove(0);
        rig.queue.give_back(STAGE, std::slice::from_ref(&held), (now(), Duration::ZERO)).await.unwrap();
    }
    assert!(receive(rig.queue.as_ref(), LONG).await.is_empty());
    assert_eq!(sqs.dead().await, "1");
    let answer = sqs.endpoint.client.receive_message().queue_url(&sqs.queue.dead_url).send().await.unwrap();
    assert_eq!(answer.messages.unwrap()[0].body.as_deref(), Some("killer"));
}
