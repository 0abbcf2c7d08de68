//! What starts a function: the queue or the schedule of its stage, with the numbers of the table.

use std::collections::BTreeSet;

use landfall_domain::{SCHEDULES, Schedule, Stage, Trigger};
use serde_json::{Value, json};

use super::template::{Function, Template, id, name, number, target};
use super::with;

fn events(function: &Function<'_>, kind: &str) -> Vec<Value> {
    let events = function.properties.get("Events").and_then(Value::as_object).into_iter().flatten();
    let of_kind = events.filter(|(_, event)| event.get("Type").is_some_and(|t| t == kind));
    of_kind.map(|(_, event)| event.get("Properties").cloned().unwrap_or_default()).collect()
}

/// Mappings of queues that differ from the table.
pub fn queues(template: &Template, stages: &[Stage]) -> Vec<String> {
    let mut findings = Vec::new();
    for (stage, function) in stages.iter().filter_map(|s| Some((s, template.function(s.as_str())?))) {
        let mut say = |what: String| findings.push(format!("{stage}: {what}"));
        let mappings = events(&function, "SQS");
        let wanted: BTreeSet<String> = match stage.settings().trigger {
            Trigger::Queue | Trigger::ScheduleAndQueue => BTreeSet::from([id(stage.as_str(), "Queue")]),
            Trigger::Schedule => BTreeSet::new(),
            Trigger::DeadLetters => Stage::QUEUED.iter().map(|s| id(s.as_str(), "DeadLetters")).collect(),
        };
        let taken = mappings.iter().filter_map(|mapping| target(mapping.get("Queue")?));
        let taken: BTreeSet<String> = taken.map(str::to_owned).collect();
        if taken != wanted {
            say(format!("takes from {taken:?}, and not from {wanted:?}"));
        }
        for mapping in &mappings {
            mapping_of(*stage, mapping).into_iter().for_each(&mut say);
        }
    }
    findings
}

/// The bound of each mapping of a function: a parameter, or a number.
pub fn bounds(template: &Template, stage: Stage) -> Vec<Value> {
    let mappings = template.function(stage.as_str()).map(|function| events(&function, "SQS"));
    let bounds = mappings.into_iter().flatten();
    bounds
        .map(|mapping| mapping.pointer("/ScalingConfig/MaximumConcurrency").cloned().unwrap_or_default())
        .collect()
}

fn mapping_of(stage: Stage, mapping: &Value) -> Vec<String> {
    let settings = stage.settings();
    let mut findings = Vec::new();
    let batch = number(mapping.get("BatchSize"));
    if batch != Some(settings.batch.into()) {
        findings.push(format!("BatchSize is {batch:?}, the table says {}", settings.batch));
    }
    let window = number(mapping.get("MaximumBatchingWindowInSeconds")).unwrap_or(0);
    if window != settings.batch_window.as_secs() {
        findings.push(format!("gathers for {window} s, the table says {:?}", settings.batch_window));
    }
    if mapping.get("FunctionResponseTypes") != Some(&json!(["ReportBatchItemFailures"])) {
        findings
            .push("does not report single failures: one bad message would bring back its batch".to_owned());
    }
    let bound = mapping.pointer("/ScalingConfig/MaximumConcurrency");
    let is_bound = match settings.trigger {
        Trigger::Queue => bound.and_then(target) == Some(&id(stage.as_str(), "Concurrency")),
        _ => bound.is_some(),
    };
    if !is_bound {
        findings.push("MaximumConcurrency is not the parameter that the profiles set".to_owned());
    }
    if bound.is_some() && mapping.get("ProvisionedPollerConfig").is_some() {
        findings.push("MaximumConcurrency and provisioned mode exclude each other".to_owned());
    }
    findings
}

/// Schedules that differ from the table.
pub fn schedules(template: &Template, stages: &[Stage]) -> Vec<String> {
    let mut findings = Vec::new();
    for (stage, function) in stages.iter().filter_map(|s| Some((s, template.function(s.as_str())?))) {
        let mut say = |what: String| findings.push(format!("{stage}: {what}"));
        let schedules = events(&function, "ScheduleV2");
        let wanted: Vec<&Schedule> = SCHEDULES.iter().filter(|wanted| wanted.stage == *stage).collect();
        if schedules.len() != wanted.len() {
            say(format!("has {} schedules, the table has {}", schedules.len(), wanted.len()));
        }
        for wanted in wanted {
            let is_it = |schedule: &&Value| name(schedule.get("Name")) == wanted.name;
            match schedules.iter().find(is_it) {
                Some(schedule) => findings.extend(schedule_findings(schedule, wanted)),
                None => findings.push(format!("{stage}: has no schedule {}", wanted.name)),
            }
        }
    }
    findings
}

/// What is other than in the table.
fn schedule_findings(schedule: &Value, wanted: &Schedule) -> Vec<String> {
    let mut findings = Vec::new();
    let mut say = |what: String| findings.push(format!("{}: {what}", wanted.stage));
    let expression = wanted.cadence.expression();
    if schedule.get("ScheduleExpression").and_then(Value::as_str) != Some(&expression) {
        say(format!("its schedule is not {expression}"));
    }
    for needed in ["ScheduleExpressionTimezone", "RoleArn", "RetryPolicy"] {
        if schedule.get(needed).is_none() {
            say(format!("its schedule has no {needed}"));
        }
    }
    let zone = schedule.get("ScheduleExpressionTimezone").and_then(Value::as_str);
    if wanted.cadence.time_zone().is_some_and(|wanted| zone != Some(wanted)) {
        say(format!("{} is in the time zone {zone:?}", wanted.name));
    }
    let input =
        schedule.get("Input").and_then(Value::as_str).and_then(|text| serde_json::from_str(text).ok());
    if input != wanted.dataset.map(|dataset| json!({ "dataset": dataset.name() })) {
        say(format!("{} sends {input:?}", wanted.name));
    }
    let letters = schedule.pointer("/DeadLetterConfig/Arn").and_then(target);
    if letters != Some(&id(wanted.stage.as_str(), "DeadLetters")) {
        say("runs that cannot be started leave no dead letter".to_owned());
    }
    findings
}

#[test]
fn a_mapping_other_than_the_table_is_found() {
    let found = |place: &str, value: Value| {
        let place = format!("/Resources/ReceiveObjectFunction/Properties/Events/Queue/Properties/{place}");
        queues(&with(&place, value), &Stage::ALL)
    };
    assert_eq!(found("BatchSize", json!(10)), ["receive-object: BatchSize is Some(10), the table says 100"]);
    assert_eq!(
        found("MaximumBatchingWindowInSeconds", Value::Null),
        ["receive-object: gathers for 0 s, the table says 1s"]
    );
    assert_eq!(
        found("FunctionResponseTypes", Value::Null),
        ["receive-object: does not report single failures: one bad message would bring back its batch"]
    );
    assert_eq!(
        found("Queue", json!({"Fn::GetAtt": ["ParseMemberQueue", "Arn"]})),
        ["receive-object: takes from {\"ParseMemberQueue\"}, and not from {\"ReceiveObjectQueue\"}"]
    );
    assert_eq!(
        found("ScalingConfig", Value::Null),
        ["receive-object: MaximumConcurrency is not the parameter that the profiles set"]
    );
    let none = with("/Resources/ReceiveObjectFunction/Properties/Events", Value::Null);
    assert_eq!(
        queues(&none, &Stage::ALL),
        ["receive-object: takes from {}, and not from {\"ReceiveObjectQueue\"}"]
    );
}

#[test]
fn a_bound_beside_provisioned_mode_is_found() {
    let place = "/Resources/ParseMemberFunction/Properties/Events/Queue/Properties/ProvisionedPollerConfig";
    let broken = with(place, json!({"MinimumPollers": 2, "MaximumPollers": 20}));
    assert_eq!(
        queues(&broken, &Stage::ALL),
        ["parse-member: MaximumConcurrency and provisioned mode exclude each other"]
    );
}

#[test]
fn dead_letters_that_nobody_takes_are_found() {
    let none = with("/Resources/RecordDeadLettersFunction/Properties/Events", Value::Null);
    assert_eq!(
        queues(&none, &Stage::ALL),
        ["record-dead-letters: takes from {}, and not from \
          {\"DrainChangesDeadLetters\", \"ParseMemberDeadLetters\", \"PlanArchiveDeadLetters\", \"ReceiveObjectDeadLetters\"}"]
    );
}

#[test]
fn a_schedule_other_than_the_table_is_found() {
    let found = |place: &str, value: Value| {
        let place = format!("/Resources/SweepStateFunction/Properties/Events/Schedule/Properties/{place}");
        schedules(&with(&place, value), &Stage::ALL)
    };
    assert_eq!(
        found("ScheduleExpression", json!("rate(5 minutes)")),
        ["sweep-state: its schedule is not rate(1 minute)"]
    );
    assert_eq!(
        found("ScheduleExpressionTimezone", Value::Null),
        ["sweep-state: its schedule has no ScheduleExpressionTimezone"]
    );
    assert_eq!(
        found("DeadLetterConfig", Value::Null),
        ["sweep-state: runs that cannot be started leave no dead letter"]
    );
    let none = with("/Resources/SweepStateFunction/Properties/Events", Value::Null);
    assert_eq!(
        schedules(&none, &Stage::ALL),
        ["sweep-state: has 0 schedules, the table has 1", "sweep-state: has no schedule sweep-state"]
    );
    let inc = "/Resources/DrainChangesFunction/Properties/Events/Inc/Properties";
    let zone = with(&format!("{inc}/ScheduleExpressionTimezone"), json!("Etc/UTC"));
    assert_eq!(
        schedules(&zone, &Stage::ALL),
        ["drain-changes: drain-inc is in the time zone Some(\"Etc/UTC\")"]
    );
    let input = with(&format!("{inc}/Input"), json!("{\"dataset\": \"crq\"}"));
    assert_eq!(
        schedules(&input, &Stage::ALL),
        ["drain-changes: drain-inc sends Some(Object {\"dataset\": String(\"crq\")})"]
    );
}
