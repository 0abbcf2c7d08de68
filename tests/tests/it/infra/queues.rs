//! One queue a stage and one for its dead letters, with times and sizes that lose nothing.

use landfall_domain::{QUEUE_BYTES, Stage, Trigger};
use serde_json::{Value, json};

use super::template::{Template, id, name, number, target};
use super::with;

const QUEUE: &str = "AWS::SQS::Queue";

/// The longest that a message may stay invisible, in seconds.
const LONGEST_VISIBILITY: u64 = 43_200;

/// Queues that a stage lacks, or that have other numbers than the table.
pub fn stages(template: &Template, stages: &[Stage]) -> Vec<String> {
    let mut findings = Vec::new();
    let mut wanted = Vec::new();
    for stage in stages {
        match stage.settings().trigger {
            Trigger::Queue | Trigger::ScheduleAndQueue => {
                wanted.extend([id(stage.as_str(), "Queue"), id(stage.as_str(), "DeadLetters")]);
                findings.extend(of_stage(template, *stage));
            }
            Trigger::Schedule => wanted.push(id(stage.as_str(), "DeadLetters")),
            Trigger::DeadLetters => findings.extend(of_dead_letters(template, *stage)),
        }
    }
    for needed in &wanted {
        if template.resource(QUEUE, needed).is_none() {
            findings.push(format!("{needed}: there is no such queue"));
        }
    }
    let strange = template.resources(QUEUE).into_iter().filter(|(id, _)| !wanted.iter().any(|w| w == id));
    findings.extend(strange.map(|(id, _)| format!("{id}: is the queue of no stage")));
    findings
}

fn of_stage(template: &Template, stage: Stage) -> Vec<String> {
    let (queue, letters) = (id(stage.as_str(), "Queue"), id(stage.as_str(), "DeadLetters"));
    let Some(properties) = template.resource(QUEUE, &queue) else { return Vec::new() };
    let mut findings = Vec::new();
    let mut say = |what: String| findings.push(format!("{queue}: {what}"));
    if name(properties.get("QueueName")) != stage.as_str() {
        say(format!("is not named {stage}"));
    }
    findings.extend(invisible(template, &queue, stage));
    let mut say = |what: String| findings.push(format!("{queue}: {what}"));
    let receives = number(properties.pointer("/RedrivePolicy/maxReceiveCount"));
    if receives != Some(stage.settings().max_receives.into()) {
        say(format!(
            "gives up after {receives:?} receives, the table says {}",
            stage.settings().max_receives
        ));
    }
    if properties.pointer("/RedrivePolicy/deadLetterTargetArn").and_then(target) != Some(&letters) {
        say(format!("its dead letters do not go to {letters}"));
    }
    let kept = |properties: &Value| number(properties.get("MessageRetentionPeriod")).unwrap_or(345_600);
    if template.resource(QUEUE, &letters).is_some_and(|letters| kept(letters) <= kept(properties)) {
        say("dead letters are not kept longer than messages, though their age counts from the first sending"
            .to_owned());
    }
    findings
}

/// The queues of dead letters are taken from, too.
fn of_dead_letters(template: &Template, taker: Stage) -> Vec<String> {
    let queues = Stage::QUEUED.iter().map(|stage| id(stage.as_str(), "DeadLetters"));
    queues.flat_map(|queue| invisible(template, &queue, taker)).collect()
}

/// Messages that come back while the function that takes them may still run.
fn invisible(template: &Template, queue: &str, taker: Stage) -> Vec<String> {
    let Some(properties) = template.resource(QUEUE, queue) else { return Vec::new() };
    let mut findings = Vec::new();
    let visibility = number(properties.get("VisibilityTimeout")).unwrap_or(30);
    let timeout =
        template.function(taker.as_str()).and_then(|f| number(f.properties.get("Timeout"))).unwrap_or(0);
    if visibility < timeout.saturating_mul(6) || visibility > LONGEST_VISIBILITY {
        findings
            .push(format!("{queue}: messages come back after {visibility} s, {taker} may run {timeout} s"));
    }
    if visibility != taker.settings().visibility.as_secs() {
        let wanted = taker.settings().visibility;
        findings.push(format!("{queue}: visibility is {visibility} s, the table says {wanted:?}"));
    }
    findings
}

/// What holds for every queue.
pub fn all(template: &Template) -> Vec<String> {
    let mut findings = Vec::new();
    for (id, properties) in template.resources(QUEUE) {
        // S3 silently drops a notification that its queue does not take.
        if number(properties.get("MaximumMessageSize")) != u64::try_from(QUEUE_BYTES).ok() {
            findings.push(format!("{id}: MaximumMessageSize is not {QUEUE_BYTES}"));
        }
        if number(properties.get("ReceiveMessageWaitTimeSeconds")) != Some(20) {
            findings.push(format!("{id}: does not poll long"));
        }
        if properties.get("SqsManagedSseEnabled") != Some(&json!(true)) {
            findings.push(format!("{id}: is not encrypted"));
        }
    }
    findings
}

#[test]
fn a_queue_other_than_the_table_is_found() {
    let found = |place: &str, value: Value| {
        let broken = with(&format!("/Resources/PlanArchiveQueue/Properties/{place}"), value);
        [stages(&broken, &Stage::ALL), all(&broken)].concat()
    };
    assert_eq!(
        found("VisibilityTimeout", json!(900)),
        [
            "PlanArchiveQueue: messages come back after 900 s, plan-archive may run 900 s",
            "PlanArchiveQueue: visibility is 900 s, the table says 5400s"
        ]
    );
    assert_eq!(
        found("RedrivePolicy/maxReceiveCount", json!(3)),
        ["PlanArchiveQueue: gives up after Some(3) receives, the table says 5"]
    );
    assert_eq!(
        found("RedrivePolicy/deadLetterTargetArn", json!({"Fn::GetAtt": ["ParseMemberDeadLetters", "Arn"]})),
        ["PlanArchiveQueue: its dead letters do not go to PlanArchiveDeadLetters"]
    );
    assert_eq!(
        found("MessageRetentionPeriod", json!(1_209_600)),
        [
            "PlanArchiveQueue: dead letters are not kept longer than messages, though their age counts from the first sending"
        ]
    );
    assert_eq!(
        found("MaximumMessageSize", Value::Null),
        ["PlanArchiveQueue: MaximumMessageSize is not 1048576"]
    );
    assert_eq!(found("ReceiveMessageWaitTimeSeconds", json!(0)), ["PlanArchiveQueue: does not poll long"]);
    assert_eq!(found("SqsManagedSseEnabled", json!(false)), ["PlanArchiveQueue: is not encrypted"]);
    assert_eq!(found("QueueName", json!("plans")), ["PlanArchiveQueue: is not named plan-archive"]);
}

#[test]
fn a_function_that_runs_longer_than_its_messages_stay_away_is_found() {
    let broken = with("/Resources/ReceiveObjectFunction/Properties/Timeout", json!(90));
    assert_eq!(
        stages(&broken, &Stage::ALL),
        ["ReceiveObjectQueue: messages come back after 360 s, receive-object may run 90 s"]
    );
}

#[test]
fn dead_letters_that_come_back_too_soon_are_found() {
    assert_eq!(
        stages(
            &with("/Resources/PlanArchiveDeadLetters/Properties/VisibilityTimeout", Value::Null),
            &Stage::ALL
        ),
        [
            "PlanArchiveDeadLetters: messages come back after 30 s, record-dead-letters may run 60 s",
            "PlanArchiveDeadLetters: visibility is 30 s, the table says 360s"
        ]
    );
}

#[test]
fn a_queue_that_is_missing_or_of_no_stage_is_found() {
    assert_eq!(
        stages(&with("/Resources/SweepStateDeadLetters", Value::Null), &Stage::ALL),
        ["SweepStateDeadLetters: there is no such queue"]
    );
    let others: Vec<Stage> = Stage::ALL.into_iter().filter(|stage| *stage != Stage::ParseMember).collect();
    assert_eq!(
        stages(&super::ours(), &others),
        ["ParseMemberDeadLetters: is the queue of no stage", "ParseMemberQueue: is the queue of no stage"]
    );
}
