//! Each function has a role of its own, which names what it may touch.

use std::collections::BTreeSet;

use landfall_domain::{BodyAt, Feed, Stage, Trigger};
use regex::Regex;
use serde_json::{Value, json};

use super::template::{Template, id, target, text};
use super::with;

const ROLE: &str = "AWS::IAM::Role";

/// Managed policies for what AWS knows no resources of: network interfaces of a VPC, and traces.
const MANAGED: [&str; 2] = ["service-role/AWSLambdaENIManagementAccess", "AWSXRayDaemonWriteAccess"];

/// Functions that have no role, or not one of their own.
pub fn own(template: &Template) -> Vec<String> {
    let mut findings = Vec::new();
    for function in template.functions() {
        let name = &function.name;
        let role = id(name, "Role");
        if function.properties.get("Role").and_then(target) != Some(&role)
            || template.resource(ROLE, &role).is_none()
        {
            findings.push(format!("{name}: its role is not {role}"));
        }
        if function.properties.get("Policies").is_some() {
            findings.push(format!("{name}: has policies beside its role"));
        }
    }
    findings
}

/// Roles that may do more than what is named.
pub fn narrow(template: &Template) -> Vec<String> {
    let mut findings = Vec::new();
    for (id, properties) in template.resources(ROLE) {
        for statement in statements(properties) {
            let sid = statement.get("Sid").map(text).unwrap_or_default();
            let actions = list(statement.get("Action")).into_iter().filter(|action| action.contains('*'));
            findings.extend(actions.map(|action| format!("{id} {sid}: any action: {action}")));
            let resources = list(statement.get("Resource")).into_iter().filter(|resource| is_wide(resource));
            findings.extend(resources.map(|resource| format!("{id} {sid}: any resource: {resource}")));
            if statement.get("NotAction").or(statement.get("NotResource")).is_some() {
                findings.push(format!("{id} {sid}: says what it may not"));
            }
        }
        for policy in managed(properties) {
            if !MANAGED.iter().any(|known| policy.ends_with(&format!(":aws:policy/{known}"))) {
                findings.push(format!("{id}: a managed policy: {policy}"));
            }
        }
    }
    findings
}

/// The resources, by logical id, on which a role may do something.
pub fn allowed(template: &Template, role: &str, action: &str) -> BTreeSet<String> {
    resources(template, role, action).into_iter().filter_map(target).map(str::to_owned).collect()
}

/// The same as they are written.
fn named(template: &Template, role: &str, action: &str) -> BTreeSet<String> {
    resources(template, role, action).into_iter().map(text).collect()
}

fn resources<'a>(template: &'a Template, role: &str, action: &str) -> Vec<&'a Value> {
    let role = template.resource(ROLE, role).into_iter();
    let of_action = role
        .flat_map(statements)
        .filter(|statement| list(statement.get("Action")).contains(&action.to_owned()));
    let resources = of_action.filter_map(|statement| statement.get("Resource"));
    resources
        .flat_map(|resource| resource.as_array().map_or(vec![resource], |all| all.iter().collect()))
        .collect()
}

fn statements(role: &Value) -> Vec<&Value> {
    let policies = role.get("Policies").and_then(Value::as_array).into_iter().flatten();
    let lists =
        policies.filter_map(|policy| policy.pointer("/PolicyDocument/Statement").and_then(Value::as_array));
    lists.flatten().collect()
}

fn managed(role: &Value) -> Vec<String> {
    let policies = role.get("ManagedPolicyArns").and_then(Value::as_array).into_iter().flatten();
    policies.map(|policy| text(policy.pointer("/Fn::If/1").unwrap_or(policy))).collect()
}

fn list(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().map(text).collect(),
        Some(one) => vec![text(one)],
        None => vec!["* (none is named)".to_owned()],
    }
}

/// Whether a resource stands for more than one thing: objects below a prefix of ours are one thing.
fn is_wide(resource: &str) -> bool {
    let objects = Regex::new(r"^\$\{\w+Bucket\.Arn\}/(.+/)\*$").unwrap();
    match objects.captures(resource) {
        Some(found) => !prefixes().contains(&found[1].to_owned()),
        None => resource.contains(['*', '?']),
    }
}

/// The prefixes that code reads and writes: feeds, the index, bodies of messages.
fn prefixes() -> Vec<String> {
    let index = landfall_archive::index_key(&[0; 32]);
    let (folder, _) = index.rsplit_once('/').unwrap();
    let bodies = Stage::QUEUED.map(|stage| format!("{}{stage}/", BodyAt::PREFIX));
    let feeds = Feed::ALL.map(|feed| feed.prefix().to_owned());
    [feeds.into(), vec![format!("{folder}/")], bodies.into()].concat()
}

/// Functions that could not put or read the bodies of the messages that they send and take, or that may touch others'.
pub fn bodies(template: &Template, stages: &[Stage]) -> Vec<String> {
    let mut findings = Vec::new();
    for stage in stages {
        let role = id(stage.as_str(), "Role");
        let sends = allowed(template, &role, "sqs:SendMessage");
        let takes = |of: &Stage| match stage.settings().trigger {
            Trigger::Queue | Trigger::ScheduleAndQueue => of == stage,
            Trigger::DeadLetters => true,
            Trigger::Schedule => false,
        };
        let needed = |of: &&Stage| takes(of) || sends.contains(&id(of.as_str(), "Queue"));
        let place = |of: &Stage| format!("${{WorkBucket.Arn}}/{}{of}/*", BodyAt::PREFIX);
        let wanted: BTreeSet<String> = Stage::QUEUED.iter().filter(needed).map(place).collect();
        for action in ["s3:GetObject", "s3:PutObject"] {
            let mut has = named(template, &role, action);
            has.retain(|resource| resource.contains(BodyAt::PREFIX));
            if has != wanted {
                findings.push(format!("{role}: {action} for bodies of messages is {has:?}, not {wanted:?}"));
            }
        }
        let lists = allowed(template, &role, "s3:ListBucket").contains("WorkBucket");
        if Stage::QUEUED.iter().any(takes) && !lists {
            findings.push(format!("{role}: cannot tell a missing body from a forbidden one"));
        }
    }
    findings
}

#[test]
fn a_role_that_is_shared_or_missing_is_found() {
    let broken = with(
        "/Resources/SweepStateFunction/Properties/Role",
        json!({"Fn::GetAtt": ["ParseMemberRole", "Arn"]}),
    );
    assert_eq!(own(&broken), ["sweep-state: its role is not SweepStateRole"]);
    assert_eq!(
        own(&with("/Resources/SweepStateRole", Value::Null)),
        ["sweep-state: its role is not SweepStateRole"]
    );
    let broken = with("/Resources/SweepStateFunction/Properties/Policies", json!(["AdministratorAccess"]));
    assert_eq!(own(&broken), ["sweep-state: has policies beside its role"]);
}

#[test]
fn a_wildcard_is_found() {
    let statement = "/Resources/ReceiveObjectRole/Properties/Policies/0/PolicyDocument/Statement/0";
    let found = |place: &str, value: Value| narrow(&with(&format!("{statement}/{place}"), value));
    assert_eq!(found("Action", json!("sqs:*")), ["ReceiveObjectRole Take: any action: sqs:*"]);
    assert_eq!(found("Resource", Value::Null), ["ReceiveObjectRole Take: any resource: * (none is named)"]);
    for wide in ["*", "arn:aws:sqs:*:*:landfall", "${LandingBucket.Arn}/*", "${WorkBucket.Arn}/index/*"] {
        assert_eq!(
            found("Resource", json!({"Fn::Sub": wide})),
            [format!("ReceiveObjectRole Take: any resource: {wide}")]
        );
    }
}

#[test]
fn bodies_of_messages_that_are_out_of_reach_or_not_the_functions_are_found() {
    let statements = "/Resources/ReceiveObjectRole/Properties/Policies/0/PolicyDocument/Statement";
    let ours = super::ours();
    let all = ours.0.pointer(statements).and_then(Value::as_array).unwrap();
    let place = all.iter().position(|one| one.get("Sid") == Some(&json!("BodiesOfLargeMessages"))).unwrap();
    let place = format!("{statements}/{place}");
    let own = json!({"Fn::Sub": "${WorkBucket.Arn}/messages/receive-object/*"});
    let others = json!({"Fn::Sub": "${WorkBucket.Arn}/messages/parse-member/*"});
    for resource in [own.clone(), json!([own, others])] {
        let found = bodies(&with(&format!("{place}/Resource"), resource), &Stage::ALL);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|found| found.starts_with("ReceiveObjectRole: s3:")), "{found:?}");
    }
    let found = bodies(&with(&format!("{place}/Action"), json!("s3:GetObject")), &Stage::ALL);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("ReceiveObjectRole: s3:PutObject"), "{found:?}");
    let list = all.iter().position(|one| one.get("Action") == Some(&json!("s3:ListBucket"))).unwrap();
    let landing_alone = json!({"Fn::GetAtt": ["LandingBucket", "Arn"]});
    assert_eq!(
        bodies(&with(&format!("{statements}/{list}/Resource"), landing_alone), &Stage::ALL),
        ["ReceiveObjectRole: cannot tell a missing body from a forbidden one"]
    );
}

#[test]
fn a_managed_policy_is_found() {
    let admin = "arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess";
    let broken = with(
        "/Resources/PlanArchiveRole/Properties/ManagedPolicyArns/0",
        json!({"Fn::If": ["IsInVpc", {"Fn::Sub": admin}, {"Ref": "AWS::NoValue"}]}),
    );
    assert_eq!(narrow(&broken), [format!("PlanArchiveRole: a managed policy: {admin}")]);
}
