//! Reads notifications: S3, SNS-wrapped, EventBridge, MinIO and RustFS webhooks.
//!
//! Sources: Amazon S3 user guide, "Event message structure" (major version 2; minor versions only add fields)
//! and "EventBridge event message structure" (keys are not encoded there); Amazon SNS, "HTTP/HTTPS
//! notification JSON format".

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::{Change, ObjectEvent};
use crate::{KeyError, decode_event_key};

/// A notification that was understood.
#[derive(Debug)]
pub enum Notification {
    /// Events; each that cannot be used is an error of its own and costs its neighbours nothing.
    Events(Vec<Result<ObjectEvent, EventError>>),
    /// The store only tests the connection.
    Test,
}

/// A body that is no notification at all.
#[derive(Debug, thiserror::Error)]
pub enum NotificationError {
    /// Not JSON.
    #[error("event is not json")]
    NotJson(#[source] serde_json::Error),
    /// JSON of no known shape.
    #[error("event has no known shape: expected Records, an SNS Message, or an EventBridge detail")]
    UnknownShape,
    /// Wrapped in itself more often than any bus does.
    #[error("event is wrapped more than {0} times")]
    TooDeep(usize),
}

/// One event that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// A field that names the object is missing or of the wrong kind.
    #[error("event record {index} has no usable {field}")]
    Field {
        /// Place in the notification, from 0.
        index: usize,
        /// The field.
        field: &'static str,
    },
    /// The key cannot be decoded.
    #[error("event record {index} names no usable key")]
    Key {
        /// Place in the notification, from 0.
        index: usize,
        /// Why.
        #[source]
        source: KeyError,
    },
    /// An event of an unknown major version.
    #[error("event record {index} has version {version}, only major version 2 is read")]
    Version {
        /// Place in the notification, from 0.
        index: usize,
        /// The version it has.
        version: String,
    },
}

/// How often a notification may be wrapped (SNS in SNS, EventBridge in SNS).
const MAX_WRAPS: usize = 3;

/// Reads a notification body.
pub fn parse(body: &str) -> Result<Notification, NotificationError> {
    let value = serde_json::from_str(body).map_err(NotificationError::NotJson)?;
    unwrap(&value, 0)
}

fn unwrap(value: &Value, wraps: usize) -> Result<Notification, NotificationError> {
    if wraps > MAX_WRAPS {
        return Err(NotificationError::TooDeep(MAX_WRAPS));
    }
    if let Some(Value::Array(records)) = value.get("Records") {
        return Ok(read_records(records));
    }
    if value.get("Event").and_then(Value::as_str) == Some("s3:TestEvent") {
        return Ok(Notification::Test);
    }
    if let Some(detail) = value.get("detail") {
        let event = read_event_bridge(value, detail);
        return Ok(Notification::Events(event.transpose().into_iter().collect()));
    }
    match value.get("Message") {
        Some(Value::String(message)) => {
            let inner = serde_json::from_str(message).map_err(NotificationError::NotJson)?;
            unwrap(&inner, wraps + 1)
        }
        _ => Err(NotificationError::UnknownShape),
    }
}

fn read_records(records: &[Value]) -> Notification {
    let events =
        records.iter().enumerate().filter_map(|(index, record)| read_record(index, record).transpose());
    Notification::Events(events.collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    event_version: Option<String>,
    event_name: Option<String>,
    event_time: Option<DateTime<Utc>>,
    s3: Option<S3>,
}

#[derive(Deserialize)]
struct S3 {
    bucket: Option<Bucket>,
    object: Option<Object>,
}

#[derive(Deserialize)]
struct Bucket {
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    key: Option<String>,
    size: Option<u64>,
    e_tag: Option<String>,
    #[serde(alias = "version-id")]
    version_id: Option<String>,
    sequencer: Option<String>,
    // EventBridge spells it in lower case.
    etag: Option<String>,
}

/// A record of the S3 shape; none where it tells of something else than a write or a removal.
fn read_record(index: usize, record: &Value) -> Result<Option<ObjectEvent>, EventError> {
    let missing = |field| EventError::Field { index, field };
    let record = Record::deserialize(record).map_err(|_| missing("s3 record"))?;
    if let Some(version) = record.event_version
        && version.split('.').next() != Some("2")
    {
        return Err(EventError::Version { index, version });
    }
    let name = record.event_name.ok_or_else(|| missing("eventName"))?;
    let Some(change) = change_of(&name) else { return Ok(None) };
    let s3 = record.s3.ok_or_else(|| missing("s3"))?;
    let bucket = s3.bucket.and_then(|b| b.name).filter(|n| !n.is_empty());
    let object = s3.object.ok_or_else(|| missing("s3.object"))?;
    let encoded = object.key.as_deref().ok_or_else(|| missing("s3.object.key"))?;
    let key = decode_event_key(encoded).map_err(|source| EventError::Key { index, source })?;
    let bucket = bucket.ok_or_else(|| missing("s3.bucket.name"))?;
    Ok(Some(event(change, bucket, key, object, record.event_time)))
}

/// An EventBridge event; its key is not encoded.
fn read_event_bridge(outer: &Value, detail: &Value) -> Result<Option<ObjectEvent>, EventError> {
    #[derive(Deserialize)]
    struct Detail {
        bucket: Option<Bucket>,
        object: Option<Object>,
        #[serde(rename = "deletion-type")]
        deletion_type: Option<String>,
    }
    let missing = |field| EventError::Field { index: 0, field };
    let detail = Detail::deserialize(detail).map_err(|_| missing("detail"))?;
    let kind = outer.get("detail-type").and_then(Value::as_str).ok_or_else(|| missing("detail-type"))?;
    let change = match kind {
        "Object Created" => Change::Created,
        "Object Deleted" if detail.deletion_type.as_deref() == Some("Delete Marker Created") => {
            Change::Hidden
        }
        "Object Deleted" => Change::Removed,
        _ => return Ok(None),
    };
    let bucket = detail.bucket.and_then(|b| b.name).filter(|n| !n.is_empty());
    let bucket = bucket.ok_or_else(|| missing("detail.bucket.name"))?;
    let mut object = detail.object.ok_or_else(|| missing("detail.object"))?;
    let key = object.key.take().filter(|k| !k.is_empty()).ok_or_else(|| missing("detail.object.key"))?;
    let time = outer.get("time").and_then(Value::as_str).and_then(|t| t.parse().ok());
    Ok(Some(event(change, bucket, key, object, time)))
}

fn event(
    change: Change,
    bucket: String,
    key: String,
    object: Object,
    time: Option<DateTime<Utc>>,
) -> ObjectEvent {
    let given = |text: Option<String>| text.filter(|t| !t.is_empty());
    let etag = given(object.e_tag).or_else(|| given(object.etag)).map(|e| e.trim_matches('"').to_owned());
    let version_id = given(object.version_id).filter(|v| v != "null");
    ObjectEvent {
        change,
        bucket,
        key,
        version_id,
        etag,
        size: object.size,
        time,
        sequencer: given(object.sequencer),
    }
}

/// S3 names events `ObjectCreated:Put`; MinIO and RustFS put `s3:` before it.
fn change_of(name: &str) -> Option<Change> {
    let name = name.strip_prefix("s3:").unwrap_or(name);
    if name.starts_with("ObjectCreated:") {
        Some(Change::Created)
    } else if name == "ObjectRemoved:DeleteMarkerCreated" || name == "LifecycleExpiration:DeleteMarkerCreated"
    {
        Some(Change::Hidden)
    } else if name.starts_with("ObjectRemoved:") || name.starts_with("LifecycleExpiration:") {
        Some(Change::Removed)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn events(body: &str) -> Vec<ObjectEvent> {
        match parse(body).unwrap() {
            Notification::Events(events) => events.into_iter().map(Result::unwrap).collect(),
            Notification::Test => panic!("expected events"),
        }
    }

    const S3: &str = r#"{"Records":[{"eventVersion":"2.6","eventSource":"aws:s3","eventName":"ObjectCreated:Put",
        "eventTime":"2026-01-18T03:00:00.123Z","s3":{"bucket":{"name":"landing"},
        "object":{"key":"dumps/acme/a+b%2Bc.tgz","size":7,"eTag":"9a","versionId":"v1","sequencer":"0055"}}}]}"#;

    #[test]
    fn an_s3_record_becomes_an_event_with_its_key_decoded() {
        insta::assert_debug_snapshot!(events(S3), @r#"
        [
            ObjectEvent {
                change: Created,
                bucket: "landing",
                key: "dumps/acme/a b+c.tgz",
                version_id: Some(
                    "v1",
                ),
                etag: Some(
                    "9a",
                ),
                size: Some(
                    7,
                ),
                time: Some(
                    2026-01-18T03:00:00.123Z,
                ),
                sequencer: Some(
                    "0055",
                ),
            },
        ]
        "#);
    }

    #[test]
    fn sns_wraps_the_same_event_in_a_string() {
        let wrapped = serde_json::json!({"Type": "Notification", "Message": S3}).to_string();
        assert_eq!(events(&wrapped), events(S3));
    }

    #[test]
    fn event_bridge_keys_are_taken_as_they_are() {
        let body = r#"{"detail-type":"Object Created","time":"2026-01-18T03:00:00Z","detail":{
            "bucket":{"name":"landing"},"object":{"key":"a+b%2B.tgz","etag":"9a","version-id":"v1","size":7}}}"#;
        let event = &events(body)[0];
        assert_eq!((event.key.as_str(), event.version_id.as_deref()), ("a+b%2B.tgz", Some("v1")));
        assert_eq!(event.etag.as_deref(), Some("9a"));
    }

    #[test]
    fn webhooks_carry_their_records_beside_a_name_and_a_key() {
        let body = r#"{"EventName":"s3:ObjectRemoved:Delete","Key":"landing/a","Records":[
            {"eventVersion":"2.0","eventName":"s3:ObjectRemoved:Delete","s3":{"bucket":{"name":"landing"},
             "object":{"key":"a","versionId":"null","sequencer":""}}}]}"#;
        let event = &events(body)[0];
        assert_eq!((event.change, &event.version_id, &event.sequencer), (Change::Removed, &None, &None));
    }

    #[test]
    fn a_test_event_is_only_a_test() {
        let body = r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"landing"}"#;
        assert!(matches!(parse(body).unwrap(), Notification::Test));
    }

    #[test]
    fn one_bad_record_leaves_its_neighbours_and_names_its_place() {
        let mut value: Value = serde_json::from_str(S3).unwrap();
        let good = value["Records"][0].clone();
        let mut nameless = good.clone();
        nameless["s3"]["bucket"] = Value::Null;
        let mut undecodable = good.clone();
        undecodable["s3"]["object"]["key"] = "%FF".into();
        let mut old = good.clone();
        old["eventVersion"] = "3.0".into();
        value["Records"] = Value::Array(vec![nameless, undecodable, old, Value::Null, good]);
        let Notification::Events(all) = parse(&value.to_string()).unwrap() else { panic!("expected events") };
        let lines: Vec<_> =
            all.iter().map(|e| e.as_ref().map_or_else(ToString::to_string, |e| e.key.clone())).collect();
        insta::assert_debug_snapshot!(lines, @r#"
        [
            "event record 0 has no usable s3.bucket.name",
            "event record 1 names no usable key",
            "event record 2 has version 3.0, only major version 2 is read",
            "event record 3 has no usable s3 record",
            "dumps/acme/a b+c.tgz",
        ]
        "#);
    }

    #[test]
    fn other_happenings_are_no_events_for_us() {
        let body = S3.replace("ObjectCreated:Put", "ObjectTagging:Put");
        assert!(events(&body).is_empty());
    }

    #[test]
    fn what_is_no_notification_is_refused_with_a_reason() {
        insta::assert_snapshot!(parse("hello").unwrap_err(), @"event is not json");
        insta::assert_snapshot!(
            parse("{}").unwrap_err(),
            @"event has no known shape: expected Records, an SNS Message, or an EventBridge detail"
        );
        let mut body = S3.to_owned();
        for _ in 0..5 {
            body = serde_json::json!({"Message": body}).to_string();
        }
        insta::assert_snapshot!(parse(&body).unwrap_err(), @"event is wrapped more than 3 times");
    }

    proptest! {
        #[test]
        fn no_body_makes_the_reader_panic(body in ".{0,200}") {
            let _ = parse(&body);
        }
    }
}
