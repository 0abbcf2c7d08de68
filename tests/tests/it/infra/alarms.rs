//! Every queue and every function is watched.

use landfall_domain::{Stage, Trigger};
use serde_json::{Value, json};

use super::template::{Template, id, number, target};
use super::with;

/// The resource that an alarm on this metric is about, with its threshold.
fn watched<'a>(template: &'a Template, metric: &str) -> Vec<(&'a str, u64)> {
    let alarms = template.resources("AWS::CloudWatch::Alarm").into_iter();
    let on_metric = alarms.filter(|(_, alarm)| alarm.get("MetricName") == Some(&json!(metric)));
    on_metric
        .filter_map(|(_, alarm)| {
            let threshold = number(alarm.get("Threshold"))?;
            Some((alarm.pointer("/Dimensions/0/Value").and_then(target)?, threshold))
        })
        .collect()
}

/// Stages that nobody is told of, logs that are kept for ever, and alarms that ring during work as usual.
pub fn complete(template: &Template, stages: &[Stage]) -> Vec<String> {
    let mut findings = Vec::new();
    let (dead, late) = ("ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage");
    for stage in stages {
        let part = |part: &str| id(stage.as_str(), part);
        let mut needed = vec![("Errors", part("Function")), ("Throttles", part("Function"))];
        needed.extend(match stage.settings().trigger {
            Trigger::Queue => vec![(late, part("Queue")), (dead, part("DeadLetters"))],
            Trigger::ScheduleAndQueue => {
                vec![("Invocations", part("Function")), (late, part("Queue")), (dead, part("DeadLetters"))]
            }
            Trigger::Schedule => vec![("Invocations", part("Function")), (dead, part("DeadLetters"))],
            // It runs only where something was given up, and before the queue's length is looked at.
            Trigger::DeadLetters => vec![("Invocations", part("Function"))],
        });
        for (metric, resource) in needed {
            if !watched(template, metric).iter().any(|(watched, _)| *watched == resource) {
                findings.push(format!("{stage}: no alarm on {metric} of {resource}"));
            }
        }
        let timeout = stage.settings().timeout.as_secs();
        let early = watched(template, late)
            .into_iter()
            .filter(|(queue, age)| *queue == part("Queue") && *age <= timeout);
        findings.extend(
            early.map(|(_, age)| format!("{stage}: late after {age} s, though work may last {timeout} s")),
        );
        let days = template
            .resource("AWS::Logs::LogGroup", &part("Logs"))
            .and_then(|logs| logs.get("RetentionInDays"));
        if days.is_none() {
            findings.push(format!("{stage}: its logs are missing, or kept for ever"));
        }
    }
    findings
}

#[test]
fn a_stage_without_an_alarm_is_found() {
    let found =
        |place: &str, value: Value| complete(&with(&format!("/Resources/{place}"), value), &Stage::ALL);
    assert_eq!(
        found("ParseMemberDead", Value::Null),
        ["parse-member: no alarm on ApproximateNumberOfMessagesVisible of ParseMemberDeadLetters"]
    );
    assert_eq!(
        found("ParseMemberLate", Value::Null),
        ["parse-member: no alarm on ApproximateAgeOfOldestMessage of ParseMemberQueue"]
    );
    assert_eq!(
        found("ParseMemberErrors", Value::Null),
        ["parse-member: no alarm on Errors of ParseMemberFunction"]
    );
    assert_eq!(
        found("SweepStateStopped", Value::Null),
        ["sweep-state: no alarm on Invocations of SweepStateFunction"]
    );
    assert_eq!(
        found("DeadLettersCame", Value::Null),
        ["record-dead-letters: no alarm on Invocations of RecordDeadLettersFunction"]
    );
    assert_eq!(
        found("ParseMemberLate/Properties/Threshold", json!(300)),
        ["parse-member: late after 300 s, though work may last 900 s"]
    );
    assert_eq!(
        found("ParseMemberLogs/Properties/RetentionInDays", Value::Null),
        ["parse-member: its logs are missing, or kept for ever"]
    );
}
