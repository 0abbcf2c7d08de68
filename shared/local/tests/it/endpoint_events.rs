//! The sink hears of each effect before the answer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_sdk_s3::types::{
    BucketVersioningStatus, CompletedMultipartUpload, CompletedPart, Delete, ObjectIdentifier,
    VersioningConfiguration,
};
use landfall_local::endpoint::{EventSink, ObjectWritten, SinkError, WriteKind};

use crate::endpoint_rig::{Rig, bytes, code, put, read};

#[derive(Default)]
struct Recorder {
    calls: Mutex<Vec<Vec<ObjectWritten>>>,
    broken: AtomicBool,
}

#[async_trait]
impl EventSink for Recorder {
    async fn written(&self, events: &[ObjectWritten]) -> Result<(), SinkError> {
        // Whoever answers before this has ended is found out.
        tokio::task::yield_now().await;
        if self.broken.load(Ordering::Relaxed) {
            return Err(SinkError::new("no database"));
        }
        self.calls.lock().unwrap().push(events.to_vec());
        Ok(())
    }
}

impl Recorder {
    /// The calls since the last time this was asked.
    fn heard(&self) -> Vec<Vec<ObjectWritten>> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }
}

fn kinds(calls: &[Vec<ObjectWritten>]) -> Vec<Vec<(&str, WriteKind, u64)>> {
    calls
        .iter()
        .map(|call| call.iter().map(|event| (event.key.as_str(), event.kind, event.size)).collect())
        .collect()
}

#[tokio::test]
async fn each_effect_is_told_once_and_before_the_answer() {
    let sink = Arc::new(Recorder::default());
    let Rig { client, endpoint, .. } = Rig::with_sink(Arc::clone(&sink) as Arc<dyn EventSink>).await;
    client.create_bucket().bucket("bucket").send().await.unwrap();
    assert_eq!(sink.heard(), Vec::<Vec<_>>::new());

    let (etag, _) = put(&client, "bucket", "a b+ü", b"one").await;
    let first = sink.heard().remove(0).remove(0);
    let head = client.head_object().bucket("bucket").key("a b+ü").send().await.unwrap();
    assert_eq!(
        (first.bucket.as_str(), first.key.as_str(), first.etag.as_str()),
        ("bucket", "a b+ü", etag.as_str())
    );
    assert_eq!((first.version_id, first.kind, first.size), (None, WriteKind::Put, 3));
    assert_eq!(first.last_modified / 1000, head.last_modified().unwrap().secs());

    client.copy_object().bucket("bucket").key("c").copy_source("bucket/a%20b%2B%C3%BC").send().await.unwrap();
    assert_eq!(kinds(&sink.heard()), [[("c", WriteKind::Copy, 3)]]);

    let batch = ["c", "absent", "a b+ü"].map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
    let batch = Delete::builder().set_objects(Some(batch.to_vec())).build().unwrap();
    client.delete_objects().bucket("bucket").delete(batch).send().await.unwrap();
    assert_eq!(kinds(&sink.heard()), [[("c", WriteKind::Delete, 3), ("a b+ü", WriteKind::Delete, 3)]]);

    client.delete_object().bucket("bucket").key("absent").send().await.unwrap();
    let refused = client.put_object().bucket("bucket").key("k").if_match("\"0\"").send().await;
    assert_eq!(code(refused), "NoSuchKey");
    assert_eq!(sink.heard(), Vec::<Vec<_>>::new(), "no effect, no event");
    endpoint.shutdown().await;
}

#[tokio::test]
async fn completions_markers_and_versions_are_told() {
    let sink = Arc::new(Recorder::default());
    let Rig { client, endpoint, .. } = Rig::with_sink(Arc::clone(&sink) as Arc<dyn EventSink>).await;
    client.create_bucket().bucket("bucket").send().await.unwrap();
    let versioning = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    client
        .put_bucket_versioning()
        .bucket("bucket")
        .versioning_configuration(versioning)
        .send()
        .await
        .unwrap();
    let id = client.create_multipart_upload().bucket("bucket").key("k").send().await.unwrap();
    let id = id.upload_id().unwrap();
    let part =
        client.upload_part().bucket("bucket").key("k").upload_id(id).part_number(1).body(bytes(b"part"));
    let part = part.send().await.unwrap();
    assert_eq!(sink.heard(), Vec::<Vec<_>>::new(), "a part is no object");
    let part = CompletedPart::builder().part_number(1).e_tag(part.e_tag().unwrap()).build();
    let parts = CompletedMultipartUpload::builder().parts(part).build();
    let complete =
        client.complete_multipart_upload().bucket("bucket").key("k").upload_id(id).multipart_upload(parts);
    let version = complete.send().await.unwrap().version_id().unwrap().to_owned();
    client.delete_object().bucket("bucket").key("k").send().await.unwrap();
    client.delete_object().bucket("bucket").key("k").version_id(&version).send().await.unwrap();

    let heard = sink.heard().concat();
    let told: Vec<_> = heard.iter().map(|event| event.kind).collect();
    assert_eq!(told, [WriteKind::CompleteMultipartUpload, WriteKind::DeleteMarkerCreated, WriteKind::Delete]);
    assert_eq!((&heard[0].version_id, &heard[2].version_id), (&Some(version.clone()), &Some(version)));
    assert!(heard.is_sorted_by(|a, b| a.sequencer < b.sequencer && a.sequencer.len() == b.sequencer.len()));
    endpoint.shutdown().await;
}

#[tokio::test]
async fn a_write_whose_event_is_lost_is_answered_with_500_and_stays() {
    let sink = Arc::new(Recorder::default());
    let Rig { client, .. } = &Rig::with_sink(Arc::clone(&sink) as Arc<dyn EventSink>).await;
    client.create_bucket().bucket("bucket").send().await.unwrap();
    sink.broken.store(true, Ordering::Relaxed);
    let failed = client.put_object().bucket("bucket").key("k").body(bytes(b"kept")).send().await;
    assert_eq!(code(failed), "InternalError");
    assert_eq!(read(client, "bucket", "k").await.unwrap().body, b"kept");
    let listed = client.list_objects_v2().bucket("bucket").send().await.unwrap();
    assert_eq!(listed.contents().len(), 1, "a later listing finds it");
}
