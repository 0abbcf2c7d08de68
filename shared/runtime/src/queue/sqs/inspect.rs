//! The attributes of the queues, and a judgement over them.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use landfall_domain::{Finding, INLINE_BYTES, QUEUE_BYTES, Stage, chain_text};

use super::{QueueUrls, SqsSettings, connect};

/// Bytes that a notification of S3 may have: a queue that takes less loses uploads without a word.
const NOTIFICATION_BYTES: i64 = 64 << 10;
/// Visibility is at least this many time-outs, or messages come back while they are worked on.
const TIMEOUTS: u64 = 6;

/// What was seen of a stage's queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueSeen {
    /// The configuration names none.
    NotNamed,
    /// It did not answer; why, in words.
    Missed(String),
    /// It is there.
    Facts(QueueFacts),
}

/// The attributes of a queue, as far as it told them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFacts {
    /// Its URL.
    pub url: String,
    /// The largest message that it takes, in bytes.
    pub message_bytes: Option<i64>,
    /// How long a received message stays hidden, in seconds.
    pub visibility: Option<u64>,
    /// How long a receive waits for a first message, in seconds.
    pub wait: Option<u64>,
    /// Where messages go that were received too often; none where they never do.
    pub redrive: Option<Redrive>,
}

/// Where messages go that were received too often.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Redrive {
    /// The queue of dead letters (ARN).
    pub dead_letter_target_arn: String,
    /// Times a message is received before it goes there.
    #[serde(deserialize_with = "number")]
    pub max_receive_count: u32,
}

/// AWS writes the number as such or as a text.
fn number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    use serde::Deserialize;
    use serde::de::Error;

    let value = serde_json::Value::deserialize(deserializer)?;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse().map_err(|_| D::Error::custom("maxReceiveCount is no number"))
}

/// Asks for the attributes of all stages' queues at once; each has `patience`.
pub async fn inspect_queues(
    settings: &SqsSettings,
    urls: &QueueUrls,
    patience: Duration,
) -> Vec<(Stage, QueueSeen)> {
    let client = connect::client(settings).await;
    let seen = Stage::QUEUED.map(async |stage| {
        let Some(url) = urls.get(stage) else { return (stage, QueueSeen::NotNamed) };
        let asked = tokio::time::timeout(patience, inspect(&client, url)).await;
        (stage, asked.unwrap_or_else(|_| QueueSeen::Missed(format!("{url} did not answer in time"))))
    });
    futures::future::join_all(seen).await
}

async fn inspect(client: &Client, url: &str) -> QueueSeen {
    let asked =
        client.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All).send().await;
    let attributes = match asked {
        Ok(answer) => answer.attributes.unwrap_or_default(),
        Err(error) => return QueueSeen::Missed(format!("{url}: {}", chain_text(&error))),
    };
    let text =
        |name: QueueAttributeName| attributes.get(&name).map(String::as_str).filter(|text| !text.is_empty());
    QueueSeen::Facts(QueueFacts {
        url: url.to_owned(),
        message_bytes: text(QueueAttributeName::MaximumMessageSize).and_then(|t| t.parse().ok()),
        visibility: text(QueueAttributeName::VisibilityTimeout).and_then(|t| t.parse().ok()),
        wait: text(QueueAttributeName::ReceiveMessageWaitTimeSeconds).and_then(|t| t.parse().ok()),
        redrive: text(QueueAttributeName::RedrivePolicy).and_then(|t| serde_json::from_str(t).ok()),
    })
}

/// The findings on a stage's queue.
pub fn judge_queue(stage: Stage, seen: &QueueSeen) -> Vec<Finding> {
    let name = format!("queue.{stage}");
    match seen {
        QueueSeen::NotNamed => {
            let variable = format!("LANDFALL_QUEUE_URL_{}", stage.as_str().to_uppercase().replace('-', "_"));
            let text = "no queue is named: what is sent to this stage stays in the outbox";
            vec![Finding::warning(name, text, format!("set {variable}; sweep-state needs all of them"))]
        }
        QueueSeen::Missed(text) => {
            let next = "check the URL, AWS_REGION and the credentials; allow sqs:GetQueueAttributes";
            vec![Finding::problem(name, text, next)]
        }
        QueueSeen::Facts(facts) => vec![
            Finding::ok(&name, format!("{} answers", facts.url)),
            message_size(format!("{name}.message-size"), facts),
            visibility(format!("{name}.visibility"), stage, facts),
            redrive(format!("{name}.redrive"), stage, facts),
            long_polling(format!("{name}.long-polling"), facts),
        ],
    }
}

fn not_told(name: String) -> Finding {
    Finding::skipped(name, "the queue does not tell")
}

fn message_size(name: String, facts: &QueueFacts) -> Finding {
    let Some(bytes) = facts.message_bytes else { return not_told(name) };
    let seen = format!("takes messages of up to {bytes} bytes");
    let next = |why: &str| format!("set MaximumMessageSize to {QUEUE_BYTES}: {why}");
    if bytes < NOTIFICATION_BYTES {
        let why = "S3 does not deliver a notification that is too large, and tells nobody";
        return Finding::problem(name, seen, next(why));
    }
    if usize::try_from(bytes).unwrap_or(0) < INLINE_BYTES {
        let why =
            format!("messages of up to {INLINE_BYTES} bytes are sent whole, and stay in the outbox else");
        return Finding::problem(name, seen, next(&why));
    }
    Finding::ok(name, seen)
}

fn visibility(name: String, stage: Stage, facts: &QueueFacts) -> Finding {
    let Some(seconds) = facts.visibility else { return not_told(name) };
    let timeout = stage.settings().timeout.as_secs();
    let wanted = timeout.saturating_mul(TIMEOUTS);
    let seen = format!("{seconds} s; the time-out of {stage} is {timeout} s");
    let next = format!("set VisibilityTimeout to {wanted} or more");
    if seconds < timeout {
        Finding::problem(name, format!("{seen}: Lambda refuses the mapping"), next)
    } else if seconds < wanted {
        Finding::warning(name, format!("{seen}: messages may come back while they are worked on"), next)
    } else {
        Finding::ok(name, seen)
    }
}

fn redrive(name: String, stage: Stage, facts: &QueueFacts) -> Finding {
    let wanted = stage.settings().max_receives;
    let next = format!("set a RedrivePolicy with maxReceiveCount {wanted}");
    match &facts.redrive {
        None => Finding::problem(name, "none: a message that always fails is received for days", next),
        Some(policy) => {
            let (times, dead) = (policy.max_receive_count, &policy.dead_letter_target_arn);
            let seen = format!("after {times} receives to {dead}");
            if times == wanted {
                Finding::ok(name, seen)
            } else {
                Finding::warning(name, format!("{seen}; the stage gives up after {wanted}"), next)
            }
        }
    }
}

fn long_polling(name: String, facts: &QueueFacts) -> Finding {
    match facts.wait {
        None => not_told(name),
        Some(0) => {
            let next = "set ReceiveMessageWaitTimeSeconds to 20: empty receives cost as much as others";
            Finding::warning(name, "off", next)
        }
        Some(seconds) => Finding::ok(name, format!("a receive waits for up to {seconds} s")),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn good() -> QueueFacts {
        QueueFacts {
            url: "http://q/plan".into(),
            message_bytes: Some(1 << 20),
            visibility: Some(5_400),
            wait: Some(20),
            redrive: Some(Redrive { dead_letter_target_arn: "arn:dead".into(), max_receive_count: 5 }),
        }
    }

    fn told(seen: &QueueSeen) -> String {
        let mut table = String::new();
        for finding in judge_queue(Stage::PlanArchive, seen) {
            let next = finding.next.map(|next| format!(" -> {next}")).unwrap_or_default();
            writeln!(table, "{} {}: {}{next}", finding.level.as_str(), finding.name, finding.seen).unwrap();
        }
        table
    }

    /// What differs from the findings on a good queue.
    fn differs(change: impl FnOnce(&mut QueueFacts)) -> String {
        let good_ones = told(&QueueSeen::Facts(good()));
        let mut facts = good();
        change(&mut facts);
        let all = told(&QueueSeen::Facts(facts));
        let changed: Vec<&str> =
            all.lines().filter(|line| !good_ones.lines().any(|good| good == *line)).collect();
        changed.iter().filter_map(|line| line.split(": ").next()).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn a_queue_that_is_as_it_should_be_is_told_as_such() {
        insta::assert_snapshot!(told(&QueueSeen::Facts(good())), @r"
        ok queue.plan-archive: http://q/plan answers
        ok queue.plan-archive.message-size: takes messages of up to 1048576 bytes
        ok queue.plan-archive.visibility: 5400 s; the time-out of plan-archive is 900 s
        ok queue.plan-archive.redrive: after 5 receives to arn:dead
        ok queue.plan-archive.long-polling: a receive waits for up to 20 s
        ");
    }

    #[test]
    fn each_attribute_costs_its_own_finding_at_its_bound() {
        let table = [
            (differs(|f| f.message_bytes = Some(65_535)), "problem queue.plan-archive.message-size"),
            (differs(|f| f.message_bytes = Some(65_536)), "problem queue.plan-archive.message-size"),
            (differs(|f| f.message_bytes = Some(262_143)), "problem queue.plan-archive.message-size"),
            (differs(|f| f.message_bytes = Some(262_144)), "ok queue.plan-archive.message-size"),
            (differs(|f| f.message_bytes = None), "skipped queue.plan-archive.message-size"),
            (differs(|f| f.visibility = Some(5_399)), "warning queue.plan-archive.visibility"),
            (differs(|f| f.visibility = Some(900)), "warning queue.plan-archive.visibility"),
            (differs(|f| f.visibility = Some(899)), "problem queue.plan-archive.visibility"),
            (differs(|f| f.redrive = None), "problem queue.plan-archive.redrive"),
            (
                differs(|f| f.redrive.as_mut().unwrap().max_receive_count = 3),
                "warning queue.plan-archive.redrive",
            ),
            (differs(|f| f.wait = Some(0)), "warning queue.plan-archive.long-polling"),
            (differs(|f| f.wait = Some(1)), "ok queue.plan-archive.long-polling"),
        ];
        for (found, expected) in table {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_queue_that_is_not_named_or_not_there_says_what_to_do() {
        insta::assert_snapshot!(told(&QueueSeen::NotNamed), @"warning queue.plan-archive: no queue is named: what is sent to this stage stays in the outbox -> set LANDFALL_QUEUE_URL_PLAN_ARCHIVE; sweep-state needs all of them");
        insta::assert_snapshot!(told(&QueueSeen::Missed("http://q: no such queue".into())), @"problem queue.plan-archive: http://q: no such queue -> check the URL, AWS_REGION and the credentials; allow sqs:GetQueueAttributes");
    }

    #[test]
    fn a_policy_reads_with_its_number_as_number_or_text() {
        for count in ["5", "\"5\""] {
            let text = format!(r#"{{"deadLetterTargetArn":"arn:x","maxReceiveCount":{count}}}"#);
            let policy: Redrive = serde_json::from_str(&text).unwrap();
            assert_eq!((policy.dead_letter_target_arn.as_str(), policy.max_receive_count), ("arn:x", 5));
        }
    }
}
