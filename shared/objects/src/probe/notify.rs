//! Whom a bucket tells of writes.

use aws_sdk_s3::operation::get_bucket_notification_configuration::GetBucketNotificationConfigurationOutput;
use aws_sdk_s3::types::{Event, FilterRule, NotificationConfigurationFilter, S3KeyFilter};
use landfall_domain::Finding;

use super::{Miss, Seen};
use crate::classify::from_sdk;
use crate::{ObjectAt, ObjectError, ObjectStore};

/// One receiver of a bucket's notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationTarget {
    /// `queue`, `topic`, `function` or `EventBridge`.
    pub kind: &'static str,
    /// Its name (ARN); empty for EventBridge.
    pub name: String,
    /// Whether it is told of new objects.
    pub creations: bool,
    /// Which keys it is told of, as `prefix=dumps/`; empty for all.
    pub filter: String,
}

/// How the platform learns of writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The embedded store tells it.
    ByItsOwnStore,
    /// It lists the bucket every few seconds.
    ByListing,
    /// By notifications, into the queue of this name, where it is known.
    ByNotifications {
        /// The last part of the queue's URL.
        queue: Option<String>,
    },
}

impl ObjectStore {
    /// Whom a bucket tells of writes.
    pub(super) async fn notification_targets(
        &self,
        bucket: &str,
    ) -> Result<Vec<NotificationTarget>, ObjectError> {
        let asked = self.client().get_bucket_notification_configuration().bucket(bucket).send().await;
        let at = ObjectAt::new("get notifications of", bucket, "");
        Ok(targets(&asked.map_err(|error| from_sdk(&at, error))?))
    }
}

fn targets(answer: &GetBucketNotificationConfigurationOutput) -> Vec<NotificationTarget> {
    let target = |kind, name: &str, events: &[Event], keys: Option<&NotificationConfigurationFilter>| {
        let creations = events.iter().any(|event| event.as_str().starts_with("s3:ObjectCreated:"));
        NotificationTarget { kind, name: name.to_owned(), creations, filter: filter(keys) }
    };
    let mut found = Vec::new();
    for one in answer.queue_configurations() {
        found.push(target("queue", one.queue_arn(), one.events(), one.filter()));
    }
    for one in answer.topic_configurations() {
        found.push(target("topic", one.topic_arn(), one.events(), one.filter()));
    }
    for one in answer.lambda_function_configurations() {
        found.push(target("function", one.lambda_function_arn(), one.events(), one.filter()));
    }
    if answer.event_bridge_configuration().is_some() {
        let (name, filter) = (String::new(), String::new());
        found.push(NotificationTarget { kind: "EventBridge", name, creations: true, filter });
    }
    found
}

fn filter(filter: Option<&NotificationConfigurationFilter>) -> String {
    let rules = filter
        .and_then(NotificationConfigurationFilter::key)
        .map(S3KeyFilter::filter_rules)
        .unwrap_or_default();
    let rule = |rule: &FilterRule| {
        let name = rule.name().map(|name| name.as_str().to_lowercase()).unwrap_or_default();
        format!("{name}={}", rule.value().unwrap_or_default())
    };
    rules.iter().map(rule).collect::<Vec<_>>().join(", ")
}

/// The finding on notifications.
pub(super) fn judge(seen: &Seen<Vec<NotificationTarget>>, told: &Told) -> Finding {
    const NAME: &str = "store.notifications";
    if *told == Told::ByItsOwnStore {
        return Finding::ok(NAME, "the embedded store tells the platform of each write itself");
    }
    let listing = "a self-hosted platform lists the bucket every 10 s and needs none";
    let targets = match (seen, told) {
        (Ok(targets), _) => targets,
        (Err(Miss::NotAsked(why)), _) => return Finding::skipped(NAME, *why),
        (Err(_), Told::ByListing) => return Finding::ok(NAME, format!("not told by the store; {listing}")),
        (Err(Miss::Denied(text)), _) => {
            return Finding::warning(NAME, text, "allow s3:GetBucketNotification, and run this again");
        }
        (Err(miss), _) => {
            let next = "look it up in the store: new objects must be told to the queue of receive-object";
            return Finding::warning(NAME, miss.text(), next);
        }
    };
    let useful: Vec<&NotificationTarget> = targets.iter().filter(|target| target.creations).collect();
    let names = useful.iter().map(|target| target.shown()).collect::<Vec<_>>().join("; ");
    let next = "let the bucket send s3:ObjectCreated:* to the queue of receive-object";
    match told {
        Told::ByListing if useful.is_empty() => Finding::ok(NAME, format!("none; {listing}")),
        Told::ByNotifications { .. } if useful.is_empty() => {
            Finding::problem(NAME, "nobody is told of new objects: they are never worked on", next)
        }
        Told::ByNotifications { queue: Some(queue) } if !useful.iter().any(|t| t.may_reach(queue)) => {
            Finding::warning(NAME, format!("new objects are told to {names}, not to {queue}"), next)
        }
        _ => Finding::ok(NAME, format!("new objects are told to {names}")),
    }
}

impl NotificationTarget {
    fn shown(&self) -> String {
        let name = if self.name.is_empty() { String::new() } else { format!(" {}", self.name) };
        let filter = if self.filter.is_empty() { String::new() } else { format!(" ({})", self.filter) };
        format!("{}{name}{filter}", self.kind)
    }

    /// Whether notifications can come to the queue of this name: what lies behind a topic, a function or a bus is not
    /// known here.
    fn may_reach(&self, queue: &str) -> bool {
        self.kind != "queue" || self.name.rsplit(':').next() == Some(queue)
    }
}
