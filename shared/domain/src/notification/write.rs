//! Writes notifications of the S3 shape, for stores that send none of their own.

use chrono::SecondsFormat;
use serde_json::json;

use super::{Change, ObjectEvent};
use crate::encode_event_key;

/// An event to be written: the event and the store's own name for what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenEvent {
    /// The event.
    pub event: ObjectEvent,
    /// `Put`, `Copy`, `CompleteMultipartUpload`, `Delete`, `DeleteMarkerCreated`, or our own `Listed`.
    pub name: &'static str,
}

/// The notification for some events, of the shape that S3 sends (major version 2).
pub fn to_json(events: &[WrittenEvent]) -> String {
    let records: Vec<_> = events.iter().map(record).collect();
    json!({ "Records": records }).to_string()
}

fn record(written: &WrittenEvent) -> serde_json::Value {
    let event = &written.event;
    let group = match event.change {
        Change::Created => "ObjectCreated",
        Change::Removed | Change::Hidden => "ObjectRemoved",
    };
    let mut object = json!({ "key": encode_event_key(&event.key) });
    if let Some(fields) = object.as_object_mut() {
        let mut put = |name: &str, value: Option<serde_json::Value>| {
            value.map(|value| fields.insert(name.to_owned(), value));
        };
        put("size", event.size.map(Into::into));
        put("eTag", event.etag.clone().map(Into::into));
        put("versionId", event.version_id.clone().map(Into::into));
        put("sequencer", event.sequencer.clone().map(Into::into));
    }
    json!({
        "eventVersion": "2.6",
        "eventSource": "landfall:s3",
        "eventName": format!("{group}:{}", written.name),
        "eventTime": event.time.map(|t| t.to_rfc3339_opts(SecondsFormat::Millis, true)),
        "s3": { "s3SchemaVersion": "1.0", "bucket": { "name": event.bucket }, "object": object },
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::notification::{Notification, parse};

    proptest! {
        #[test]
        fn what_is_written_reads_back(key in ".{1,40}", size: Option<u64>, etag in "[a-f0-9]{0,8}", removed: bool) {
            let event = ObjectEvent {
                change: if removed { Change::Removed } else { Change::Created },
                bucket: "landing".into(),
                key,
                version_id: None,
                etag: Some(etag).filter(|e| !e.is_empty()),
                size,
                time: chrono::DateTime::from_timestamp_millis(1_768_705_200_123),
                sequencer: Some("00ab".into()),
            };
            let name = if removed { "Delete" } else { "Put" };
            let body = to_json(&[WrittenEvent { event: event.clone(), name }]);
            let Notification::Events(events) = parse(&body).unwrap() else { panic!("expected events") };
            prop_assert_eq!(events.into_iter().map(Result::unwrap).collect::<Vec<_>>(), vec![event]);
        }
    }
}
