//! Each function has a role of its own, which names what it may touch.

use std::collections::BTreeSet;

use landfall_domain::Feed;
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
    let role = template.resource(ROLE, role).into_iter();
    let of_action = role
        .flat_map(statements)
        .filter(|statement| list(statement.get("Action")).contains(&action.to_owned()));
    let resources = of_action.filter_map(|statement| statement.get("Resource"));
    let each =
        resources.flat_map(|resource| resource.as_array().map_or(vec![resource], |all| all.iter().collect()));
    each.filter_map(target).map(str::to_owned).collect()
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

/// The prefixes that code reads and writes: feeds, and the index.
fn prefixes() -> Vec<String> {
    let index = landfall_archive::index_key(&[0; 32]);
    let (folder, _) = index.rsplit_once('/').unwrap();
    let feeds = Feed::ALL.map(|feed| feed.prefix().to_owned()).into_iter();
    feeds.chain([format!("{folder}/")]).collect()
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
fn a_managed_policy_is_found() {
    let admin = "arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess";
    let broken = with(
        "/Resources/PlanArchiveRole/Properties/ManagedPolicyArns/0",
        json!({"Fn::If": ["IsInVpc", {"Fn::Sub": admin}, {"Ref": "AWS::NoValue"}]}),
    );
    assert_eq!(narrow(&broken), [format!("PlanArchiveRole: a managed policy: {admin}")]);
}
