//! Parameters and profiles: what runs at the same time leaves the database connections to spare.

use std::collections::{BTreeMap, BTreeSet};

use landfall_domain::{SCHEDULES, Schedule, Stage};
use serde_json::{Value, json};

use super::template::{Template, number, target};
use super::{mappings, ours, profiles, with};

type Profiles = BTreeMap<String, Value>;

/// A parameter's value under a profile.
fn chosen(template: &Template, profile: &Value, parameter: &str) -> Option<u64> {
    number(profile.get(parameter).or_else(|| template.parameter(parameter)?.get("Default")))
}

/// Instances of a stage's function at the same time. A run of a schedule may still last when the next one begins, and
/// be begun twice.
fn instances(template: &Template, profile: &Value, stage: Stage) -> Option<u64> {
    let timeout = stage.settings().timeout.as_secs();
    let bounds = mappings::bounds(template, stage).into_iter();
    let by_message: Option<u64> =
        bounds.map(|bound| number(Some(&bound)).or_else(|| chosen(template, profile, target(&bound)?))).sum();
    let each = |schedule: &Schedule| timeout.div_ceil(schedule.cadence.period().as_secs()) + 1;
    let by_clock: u64 = SCHEDULES.iter().filter(|schedule| schedule.stage == stage).map(each).sum();
    Some(by_message? + by_clock)
}

/// Profiles whose functions may take 80 % of the connections or more; 1,000 executions are the usual quota.
pub fn fit(template: &Template, profiles: &Profiles, stages: &[Stage]) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, profile) in profiles {
        let instances: Option<u64> = stages.iter().map(|&stage| instances(template, profile, stage)).sum();
        let each = chosen(template, profile, "DatabaseConnections");
        let most = chosen(template, profile, "DatabaseMaxConnections");
        let (Some(instances), Some(each), Some(most)) = (instances, each, most) else {
            findings.push(format!("{name}: does not tell how many connections there are"));
            continue;
        };
        let taken = instances * each;
        if taken * 100 >= most * 80 {
            findings.push(format!("{name}: {instances} instances take {taken} connections of {most}"));
        }
        if instances > 1000 {
            findings.push(format!("{name}: {instances} instances are more than an account may run"));
        }
    }
    findings
}

/// Parameters without description or bounds; profiles that do not set the same ones, or to what they do not take.
pub fn parameters(template: &Template, profiles: &Profiles) -> Vec<String> {
    let mut findings = Vec::new();
    let declared = template.0.get("Parameters").and_then(Value::as_object);
    for (name, parameter) in declared.into_iter().flatten() {
        if parameter.get("Description").is_none() {
            findings.push(format!("{name}: has no description"));
        }
        let bounds = ["AllowedPattern", "AllowedValues", "MinValue"];
        let is_list = parameter.get("Type") == Some(&json!("CommaDelimitedList"));
        if !is_list && !bounds.iter().any(|bound| parameter.get(bound).is_some()) {
            findings.push(format!("{name}: takes anything"));
        }
    }
    let keys = |profile: &Value| profile.as_object().map(|p| p.keys().cloned().collect::<BTreeSet<_>>());
    let small = profiles.get("small");
    for (name, profile) in profiles {
        if keys(profile) != small.and_then(keys) {
            findings.push(format!("{name}: does not set the parameters that small sets"));
        }
        for (parameter, value) in profile.as_object().into_iter().flatten() {
            let Some(declared) = template.parameter(parameter) else {
                findings.push(format!("{name}: there is no parameter {parameter}"));
                continue;
            };
            let (least, most) = (number(declared.get("MinValue")), number(declared.get("MaxValue")));
            let value = number(Some(value));
            if value.is_none() || value < least || most.is_some_and(|most| value > Some(most)) {
                findings.push(format!("{name}: {parameter} does not take {value:?}"));
            }
            if name == "small" && number(declared.get("Default")) != value {
                findings.push(format!("{name}: {parameter} is not the template's default"));
            }
        }
    }
    findings
}

/// Our profiles with another value in one place.
fn profiles_with(profile: &str, parameter: &str, value: Value) -> Profiles {
    let mut profiles = profiles();
    profiles.get_mut(profile).unwrap()[parameter] = value;
    profiles
}

#[test]
fn a_profile_that_takes_too_many_connections_is_found() {
    let found =
        |parameter: &str, value: Value| fit(&ours(), &profiles_with("small", parameter, value), &Stage::ALL);
    // 32 instances take 64 connections: exactly 80 % of 80, and less of 81.
    assert_eq!(found("DatabaseMaxConnections", json!(80)), ["small: 32 instances take 64 connections of 80"]);
    assert_eq!(found("DatabaseMaxConnections", json!(81)), [""; 0]);
    assert_eq!(found("DatabaseConnections", json!(6)), ["small: 32 instances take 192 connections of 180"]);
    assert_eq!(
        found("ParseMemberConcurrency", json!(80)),
        ["small: 102 instances take 204 connections of 180"]
    );
    let many = profiles_with("large", "ParseMemberConcurrency", json!(900));
    assert_eq!(fit(&ours(), &many, &Stage::ALL), ["large: 1028 instances are more than an account may run"]);
}

#[test]
fn a_profile_that_the_template_does_not_take_is_found() {
    let found = |name: &str, parameter: &str, value: Value| {
        parameters(&ours(), &profiles_with(name, parameter, value))
    };
    assert_eq!(
        found("large", "ParseMemberConcurrency", json!(1)),
        ["large: ParseMemberConcurrency does not take Some(1)"]
    );
    assert_eq!(
        found("medium", "ParseMemberPollers", json!(2)),
        [
            "medium: does not set the parameters that small sets",
            "medium: there is no parameter ParseMemberPollers"
        ]
    );
    assert_eq!(
        found("small", "ParseMemberConcurrency", json!(11)),
        ["small: ParseMemberConcurrency is not the template's default"]
    );
}

#[test]
fn a_parameter_that_takes_anything_is_found() {
    let broken = with("/Parameters/LogFilter/AllowedPattern", Value::Null);
    assert_eq!(parameters(&broken, &profiles()), ["LogFilter: takes anything"]);
    let broken = with("/Parameters/LogFilter/Description", Value::Null);
    assert_eq!(parameters(&broken, &profiles()), ["LogFilter: has no description"]);
}
