//! Events in the form in which Lambda hands them over.

use chrono::{DateTime, Utc};
use landfall_domain::Stage;
use serde_json::{Value, json};

/// The queue of a stage, in an account that does not exist.
pub fn queue_arn(stage: Stage) -> String {
    format!("arn:aws:sqs:eu-north-1:123456789012:landfall-{stage}")
}

/// A batch of messages `m0`, `m1` ... of a queue, received for the first time.
pub fn batch(queue_arn: &str, sent_at: DateTime<Utc>, bodies: &[String]) -> Value {
    let sent = sent_at.timestamp_millis().to_string();
    let record = |(index, body): (usize, &String)| {
        json!({
            "messageId": format!("m{index}"),
            "receiptHandle": format!("handle of m{index}"),
            "body": body,
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": sent,
                "SenderId": "AIDAEXAMPLE",
                "ApproximateFirstReceiveTimestamp": sent,
            },
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": queue_arn,
            "awsRegion": "eu-north-1",
        })
    };
    json!({ "Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>() })
}
