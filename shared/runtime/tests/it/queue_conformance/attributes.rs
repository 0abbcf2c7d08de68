//! The attributes of queues of SQS, as `landfall doctor` looks at them.

use std::time::{Duration, Instant};

use aws_sdk_sqs::types::QueueAttributeName;
use landfall_domain::{Level, Stage};
use landfall_runtime::{QueueSeen, QueueUrls, inspect_queues, judge_queue};
use landfall_testkit::SqsEndpoint;

use super::rig::{Rig, STAGE, Sqs};

const PATIENCE: Duration = Duration::from_secs(20);

/// Names and levels of what is not ok about the queue.
async fn told(sqs: &Sqs) -> Vec<String> {
    let urls = QueueUrls::of([(STAGE, sqs.queue.url.clone())]);
    let seen = inspect_queues(&sqs.endpoint.settings(), &urls, PATIENCE).await;
    let (_, seen) = seen.into_iter().find(|(stage, _)| *stage == STAGE).unwrap();
    let findings = judge_queue(STAGE, &seen).into_iter().filter(|finding| finding.level != Level::Ok);
    findings.map(|finding| format!("{} {}", finding.level.as_str(), finding.name)).collect()
}

#[tokio::test]
async fn the_attributes_of_a_queue_are_seen_as_they_are_set() {
    let Some((_, sqs)) = Rig::sqs("").await else { return };
    let set = async |name: QueueAttributeName, value: &str| {
        sqs.endpoint.set(&sqs.queue.url, name, value).await;
    };
    set(QueueAttributeName::VisibilityTimeout, "5400").await;
    set(QueueAttributeName::ReceiveMessageWaitTimeSeconds, "20").await;
    set(QueueAttributeName::MaximumMessageSize, "262144").await;
    assert_eq!(told(&sqs).await, [""; 0]);
    set(QueueAttributeName::VisibilityTimeout, "30").await;
    set(QueueAttributeName::ReceiveMessageWaitTimeSeconds, "0").await;
    set(QueueAttributeName::MaximumMessageSize, "262143").await;
    let found = told(&sqs).await;
    let expected = [
        "problem queue.plan-archive.message-size",
        "problem queue.plan-archive.visibility",
        "warning queue.plan-archive.long-polling",
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_queue_without_dead_letters_and_one_that_is_not_there_are_problems() {
    let Some((_, mut sqs)) = Rig::sqs("").await else { return };
    // Where dead letters go, nothing goes on from there.
    sqs.queue.url = sqs.queue.dead_url.clone();
    assert!(told(&sqs).await.contains(&"problem queue.plan-archive.redrive".to_owned()));
    sqs.queue.url.push_str("-not-there");
    assert_eq!(told(&sqs).await, ["problem queue.plan-archive"]);
}

#[tokio::test]
async fn without_sqs_each_named_queue_is_told_within_bounded_time() {
    let urls = QueueUrls::of([(STAGE, "http://127.0.0.1:9/queue".to_owned())]);
    let begun = Instant::now();
    let seen = inspect_queues(&SqsEndpoint::at("http://127.0.0.1:9").settings(), &urls, PATIENCE).await;
    assert!(begun.elapsed() < PATIENCE);
    assert_eq!(seen.len(), Stage::QUEUED.len());
    for (stage, seen) in seen {
        match seen {
            QueueSeen::Missed(text) => {
                assert_eq!((stage, text.contains("127.0.0.1:9")), (STAGE, true), "{text}");
            }
            other => assert_eq!((stage == STAGE, other), (false, QueueSeen::NotNamed)),
        }
    }
}
