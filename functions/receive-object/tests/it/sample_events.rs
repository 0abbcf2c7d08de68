//! The sample events of the folder `events`, each as the queue hands it over.

use std::collections::BTreeSet;
use std::path::Path;

use landfall_testkit::TestStage;
use receive_object::ReceiveObject;
use serde::de::DeserializeOwned;

/// In the order in which they happened.
pub const EVENTS: [&str; 6] =
    ["s3-test-event", "s3-put", "s3-sns-wrapped", "eventbridge-created", "minio-webhook", "s3-delete"];

/// Those of the other functions, each used by a test of its own.
const OF_OTHERS: [&str; 5] = ["dead-letter", "drain-inc", "parse-member", "plan-archive", "schedule"];

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../events"))
}

pub fn read<T: DeserializeOwned>(name: &str) -> T {
    let text = std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn no_sample_event_is_left_out() {
    let files = std::fs::read_dir(folder()).unwrap();
    let names: BTreeSet<String> =
        files.map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let known = EVENTS.into_iter().chain(OF_OTHERS).map(str::to_owned).collect();
    assert_eq!(names, known);
}

#[tokio::test]
async fn every_shape_of_notification_is_read() {
    let stage = TestStage::unversioned().await;
    let door = ReceiveObject::new(stage.clients());
    // The webhook names no version: the object is asked for it.
    stage.put("dumps/acme/core/CHG-1004/night.tgz", &[], "no archive, only a line of text\n").await;
    for name in EVENTS {
        assert!(stage.handle(&door, read(name)).await.is_empty(), "{name}");
    }
    let objects = stage
        .texts(
            "select concat_ws(' | ', key, version, state, reason, coalesce(sequencer, '-'), present)
             from ingest.object order by object_id",
        )
        .await;
    insta::assert_snapshot!(objects.join("\n"), @"
    dumps/acme/core/CHG-1001/GMRE DUMP_CORE+EDGE_20250118-031500.tgz | 096fKKXTRTtl3on89fVO.nfljtsv6qko | dispatched | plan-archive | 0055AED6DCD90281E5 | f
    dumps/globex/metro/CHG-2002/GMRE_DUMP_METRO_20250119-031500.tgz | kV1 | dispatched | plan-archive | 0055AED6DCD90281F0 | t
    dumps/globex/metro/CHG-2002/GMRE_DUMP_METRO_20250119-031500.tgz.json | kV2 | ignored | sidecar | 0055AED6DCD90281F1 | t
    dumps/acme/core/CHG-1003/100% ready+able.tar.gz | eb1 | dispatched | plan-archive | 0055AED6DCD90281F5 | t
    dumps/acme/core/CHG-1004/night.tgz | 2917ae944bc3706f83eb64332537b11b@1740819600 | dispatched | plan-archive | 1828AED6DCD90281 | t
    ");
    assert_eq!(stage.count("select count(*) from ops.dead_letter").await, 0);
    let handed_on =
        stage.texts("select subject from ops.outbox where stage = 'plan-archive' order by id").await;
    assert_eq!(handed_on.len(), 4);
}

#[tokio::test]
async fn all_of_them_again_change_nothing() {
    let stage = TestStage::unversioned().await;
    let door = ReceiveObject::new(stage.clients());
    stage.put("dumps/acme/core/CHG-1004/night.tgz", &[], "no archive, only a line of text\n").await;
    for name in EVENTS {
        stage.handle(&door, read(name)).await;
    }
    let before = stage.fingerprint().await;
    stage.pass(5);
    for name in EVENTS {
        assert!(stage.handle(&door, read(name)).await.is_empty(), "{name}");
    }
    assert_eq!(stage.fingerprint().await, before);
}
