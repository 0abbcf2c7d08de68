//! Buckets are private, encrypted and kept; the landing bucket tells the front door of everything.

use landfall_domain::BodyAt;
use serde_json::{Value, json};

use super::template::{Template, number, target};
use super::with;

const BUCKET: &str = "AWS::S3::Bucket";

/// Buckets that are open, or go with the stack.
pub fn closed(template: &Template) -> Vec<String> {
    let mut findings = Vec::new();
    for (id, properties) in template.resources(BUCKET) {
        let mut say = |what: &str| findings.push(format!("{id}: {what}"));
        let block = properties.get("PublicAccessBlockConfiguration").and_then(Value::as_object);
        if block.is_none_or(|block| block.len() != 4 || block.values().any(|value| *value != json!(true))) {
            say("is not private");
        }
        if properties.get("BucketEncryption").is_none() {
            say("is not encrypted");
        }
        if !has_rule(properties, "AbortIncompleteMultipartUpload") {
            say("keeps broken uploads");
        }
        let policy =
            |what: &str| template.0.pointer(&format!("/Resources/{id}/{what}")).and_then(Value::as_str);
        if (policy("DeletionPolicy"), policy("UpdateReplacePolicy"))
            != (Some("RetainExceptOnCreate"), Some("Retain"))
        {
            say("goes with the stack");
        }
        if !is_tls_only(template, id) {
            say("takes requests without TLS");
        }
    }
    findings
}

fn has_rule(bucket: &Value, what: &str) -> bool {
    let rules = bucket.pointer("/LifecycleConfiguration/Rules").and_then(Value::as_array);
    rules
        .into_iter()
        .flatten()
        .any(|rule| rule.get("Status") == Some(&json!("Enabled")) && rule.get(what).is_some())
}

/// Bodies of messages that would go before their messages, or stay for ever.
pub fn bodies(template: &Template) -> Vec<String> {
    let rules = template
        .resource(BUCKET, "WorkBucket")
        .and_then(|bucket| bucket.pointer("/LifecycleConfiguration/Rules"))
        .and_then(Value::as_array);
    let prefix = json!(BodyAt::PREFIX);
    let expiring = rules.into_iter().flatten().filter(|rule| rule.get("ExpirationInDays").is_some());
    let of_bodies: Vec<&Value> = expiring.collect();
    let [rule] = of_bodies[..] else {
        return vec!["WorkBucket: not one rule that removes objects, for bodies of messages".to_owned()];
    };
    if rule.get("Prefix") != Some(&prefix) || rule.get("Status") != Some(&json!("Enabled")) {
        return vec![format!("WorkBucket: the rule that removes objects is not for {prefix}")];
    }
    // A body may be a day old when its message is sent; S3 removes at midnight, and a message may wait to be sent.
    let queues = template.resources("AWS::SQS::Queue");
    let kept = queues.iter().filter_map(|(_, queue)| number(queue.get("MessageRetentionPeriod")));
    let longest = kept.max().unwrap_or(0).div_ceil(86_400);
    match number(rule.get("ExpirationInDays")) {
        Some(days) if days >= longest.saturating_add(2) => Vec::new(),
        days => vec![format!("WorkBucket: bodies are removed after {days:?} days, messages live {longest}")],
    }
}

fn is_tls_only(template: &Template, id: &str) -> bool {
    let policies = template.resources("AWS::S3::BucketPolicy");
    let of_bucket = policies.iter().filter(|(_, policy)| policy.get("Bucket").and_then(target) == Some(id));
    let statements =
        of_bucket.filter_map(|(_, p)| p.pointer("/PolicyDocument/Statement").and_then(Value::as_array));
    statements.flatten().any(|statement| {
        statement.get("Effect") == Some(&json!("Deny"))
            && statement.pointer("/Condition/Bool/aws:SecureTransport") == Some(&json!("false"))
    })
}

/// What the front door would not be told of.
pub fn watched(template: &Template) -> Vec<String> {
    let Some(bucket) = template.resource(BUCKET, "LandingBucket") else {
        return vec!["LandingBucket: there is none".to_owned()];
    };
    let mut findings = Vec::new();
    let configurations = bucket.pointer("/NotificationConfiguration/QueueConfigurations");
    let configurations = configurations.and_then(Value::as_array).into_iter().flatten();
    let told: Vec<&Value> = configurations
        .filter(|one| {
            one.get("Queue").and_then(target) == Some("ReceiveObjectQueue") && one.get("Filter").is_none()
        })
        .filter_map(|one| one.get("Event"))
        .collect();
    for event in ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:LifecycleExpiration:*"] {
        if !told.iter().any(|told| *told == event) {
            findings.push(format!("LandingBucket: the front door does not hear of {event} for every key"));
        }
    }
    if bucket.pointer("/VersioningConfiguration/Status") != Some(&json!("Enabled")) {
        findings.push("LandingBucket: an overwritten upload would be lost".to_owned());
    }
    if !may_send(template) {
        findings.push(
            "ReceiveObjectQueuePolicy: the landing bucket may not send to the queue of the front door"
                .to_owned(),
        );
    }
    findings
}

/// Whether the queue's policy lets our bucket, and no other, send.
fn may_send(template: &Template) -> bool {
    let policy = template.resource("AWS::SQS::QueuePolicy", "ReceiveObjectQueuePolicy");
    let statements = policy.and_then(|p| p.pointer("/PolicyDocument/Statement")).and_then(Value::as_array);
    let mut allowed = statements.into_iter().flatten().filter(|s| s.get("Effect") == Some(&json!("Allow")));
    allowed.all(|statement| {
        statement.pointer("/Principal/Service") == Some(&json!("s3.amazonaws.com"))
            && statement.pointer("/Condition/ArnEquals/aws:SourceArn").is_some()
            && statement.pointer("/Condition/StringEquals/aws:SourceAccount").is_some()
    }) && policy.is_some()
}

#[test]
fn an_open_bucket_is_found() {
    let found = |place: &str, value: Value| closed(&with(&format!("/Resources/WorkBucket/{place}"), value));
    assert_eq!(
        found("Properties/PublicAccessBlockConfiguration/BlockPublicPolicy", json!(false)),
        ["WorkBucket: is not private"]
    );
    assert_eq!(found("Properties/BucketEncryption", Value::Null), ["WorkBucket: is not encrypted"]);
    assert_eq!(found("Properties/LifecycleConfiguration", Value::Null), ["WorkBucket: keeps broken uploads"]);
    assert_eq!(found("DeletionPolicy", json!("Delete")), ["WorkBucket: goes with the stack"]);
    let broken = with("/Resources/WorkBucketPolicy", Value::Null);
    assert_eq!(closed(&broken), ["WorkBucket: takes requests without TLS"]);
}

#[test]
fn bodies_of_messages_that_go_too_soon_or_never_are_found() {
    let rules = "/Resources/WorkBucket/Properties/LifecycleConfiguration/Rules";
    let found = |place: &str, value: Value| bodies(&with(&format!("{rules}/0/{place}"), value));
    assert_eq!(
        found("ExpirationInDays", json!(15)),
        ["WorkBucket: bodies are removed after Some(15) days, messages live 14"]
    );
    let other = "WorkBucket: the rule that removes objects is not for \"messages/\"";
    assert_eq!(found("Prefix", json!("index/")), [other]);
    assert_eq!(found("Prefix", Value::Null), [other], "indexes stay");
    assert_eq!(found("Status", json!("Disabled")), [other]);
    let none = "WorkBucket: not one rule that removes objects, for bodies of messages";
    assert_eq!(found("ExpirationInDays", Value::Null), [none]);
}

#[test]
fn a_landing_that_nobody_hears_of_is_found() {
    let notification = "/Resources/LandingBucket/Properties/NotificationConfiguration/QueueConfigurations/0";
    let filter = json!({"S3Key": {"Rules": [{"Name": "prefix", "Value": "dumps/"}]}});
    assert_eq!(
        watched(&with(&format!("{notification}/Filter"), filter)),
        ["LandingBucket: the front door does not hear of s3:ObjectCreated:* for every key"]
    );
    assert_eq!(
        watched(&with("/Resources/LandingBucket/Properties/VersioningConfiguration", Value::Null)),
        ["LandingBucket: an overwritten upload would be lost"]
    );
    let open = "/Resources/ReceiveObjectQueuePolicy/Properties/PolicyDocument/Statement/0/Condition";
    for broken in [with(open, Value::Null), with("/Resources/ReceiveObjectQueuePolicy", Value::Null)] {
        assert_eq!(
            watched(&broken),
            ["ReceiveObjectQueuePolicy: the landing bucket may not send to the queue of the front door"]
        );
    }
}
