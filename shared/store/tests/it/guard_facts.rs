//! What a verdict is made from, as stored (specs: dumps 7.1).

use landfall_domain::{ObjectId, Sha256Digest};
use landfall_dumps::capture_time::{CaptureStamp, Precision, Source};
use landfall_dumps::guard::{DumpStatus, OwnerSource, Upload};
use landfall_local::sample::fixtures::example_two_nodes;
use landfall_store::dump::{GuardData, guard_data};
use landfall_testkit::TestStage;

/// The upload of the stored dump once more.
fn upload() -> Upload {
    Upload {
        customer: "acme".parse().unwrap(),
        network: "core".parse().unwrap(),
        ticket: "CHG-1".parse().unwrap(),
        hc_id: Some("HC-7".parse().unwrap()),
        origin: "night".parse().unwrap(),
        capture: CaptureStamp::new("2025-02-02T03:15:00Z".parse().unwrap(), Precision::Second, Source::Name),
        nes: ["HEL-CORE-01".parse().unwrap()].into(),
        overwrite: false,
    }
}

/// A stage with a stored dump of object 1: ticket CHG-1, health check HC-7, origin night, 2025-02-02 03:15.
async fn stored() -> (TestStage, Sha256Digest) {
    let stage = TestStage::start().await;
    let fixture = example_two_nodes();
    let sha256 = Sha256Digest::of(&fixture.bytes);
    let key = format!("dumps/acme/core/CHG-1/{}", fixture.file_name);
    stage.land(&key, &[("hc-id", "HC-7"), ("origin", "night")], fixture.bytes).await;
    stage.plan().await;
    (stage, sha256)
}

async fn read(stage: &TestStage, upload: &Upload, sha256: &Sha256Digest, object: i64) -> GuardData {
    let mut tx = stage.pool().begin().await.unwrap();
    guard_data(&mut tx, upload, sha256, Some(ObjectId(object)), None).await.unwrap()
}

#[tokio::test]
async fn the_owner_of_the_content_is_read_with_its_links_and_elements() {
    let (stage, sha256) = stored().await;
    stage
        .execute(
            "insert into dump.dump_link (dump_id, ticket, hc_id, created_at) values (1, 'CHG-2', '', now())",
        )
        .await;
    let data = read(&stage, &upload(), &sha256, 2).await;
    let owner = data.owner.unwrap();
    let links: Vec<String> = owner
        .dump
        .links
        .iter()
        .map(|l| format!("{} {}", l.ticket, l.hc_id.as_ref().map_or("-".into(), ToString::to_string)))
        .collect();
    assert_eq!(links, ["CHG-1 HC-7", "CHG-2 -"]);
    let nes: Vec<String> = owner.dump.nes.iter().map(ToString::to_string).collect();
    assert_eq!(nes, ["HEL-CORE-01", "TMP-AGG-02"]);
    assert_eq!((owner.dump.status, owner.dump.snapshot_seq), (DumpStatus::Running, 1));
    assert_eq!(owner.dump.origin.to_string(), "night");
    assert_eq!((owner.source, owner.has_resumable_rows), (OwnerSource::Dispatched, true));
    assert_eq!(data.owner_load.unwrap().1, Some(ObjectId(1)));
    assert_eq!((data.dumps.len(), data.hc_holders.len()), (1, 1));
}

#[tokio::test]
async fn the_owners_object_says_whether_anybody_still_works_on_it() {
    let (stage, sha256) = stored().await;
    let states = [
        ("dispatched", OwnerSource::Dispatched),
        ("failed", OwnerSource::Lost),
        ("quarantined", OwnerSource::Lost),
        ("gone", OwnerSource::Lost),
        ("superseded", OwnerSource::Lost),
        ("done", OwnerSource::Settled),
        ("rejected", OwnerSource::Settled),
    ];
    for (state, expected) in states {
        sqlx::query("update ingest.object set state = $1").bind(state).execute(stage.pool()).await.unwrap();
        assert_eq!(read(&stage, &upload(), &sha256, 2).await.owner.unwrap().source, expected, "{state}");
    }
    let own = read(&stage, &upload(), &sha256, 1).await.owner.unwrap();
    assert_eq!(own.source, OwnerSource::Lost, "an object that is judged again works on nothing any more");
    stage.execute("update dump.load set object_id = null").await;
    assert_eq!(
        read(&stage, &upload(), &sha256, 2).await.owner.unwrap().source,
        OwnerSource::Settled,
        "adopted"
    );
}

#[tokio::test]
async fn rows_are_resumable_while_open_or_when_they_lost_their_source() {
    let (stage, sha256) = stored().await;
    let cases = [
        ("update dump.plugin_ledger set state = 'DONE', attempts = 1", false),
        ("update dump.plugin_ledger set state = 'FAILED', attempts = 3, error_code = 'E_NO_HEADER'", false),
        ("update dump.plugin_ledger set error_code = 'E_SOURCE_CHANGED' where plan_ne = 'HEL-CORE-01'", true),
        ("update dump.plugin_ledger set error_code = 'member_crc'", false),
        ("update dump.plugin_ledger set attempts = 2 where plugin = 'lsp'", true),
        ("update dump.plugin_ledger set attempts = 3, state = 'RUNNING' where plugin = 'lsp'", true),
    ];
    for (change, expected) in cases {
        stage.execute(change).await;
        let owner = read(&stage, &upload(), &sha256, 2).await.owner.unwrap();
        assert_eq!(owner.has_resumable_rows, expected, "{change}");
    }
}

#[tokio::test]
async fn another_content_has_no_owner_and_dumps_of_other_days_and_networks_are_not_near() {
    let (stage, _) = stored().await;
    let other = Sha256Digest::of(b"another");
    assert!(read(&stage, &upload(), &other, 2).await.owner.is_none());
    let near = async |text: &str, network: &str| {
        let capture = CaptureStamp::new(text.parse().unwrap(), Precision::Second, Source::Name);
        let upload = Upload { capture, network: network.parse().unwrap(), ..upload() };
        let data = read(&stage, &upload, &other, 2).await;
        (data.dumps.len(), data.hc_holders.len())
    };
    assert_eq!(near("2025-02-01T21:15:00Z", "core").await, (1, 1));
    assert_eq!(
        near("2025-02-08T03:15:00Z", "core").await,
        (0, 1),
        "a health check is the customer's, at any time"
    );
    assert_eq!(near("2025-02-02T03:15:00Z", "metro").await, (0, 1));
    let stranger = Upload { customer: "globex".parse().unwrap(), ..upload() };
    let data = read(&stage, &stranger, &other, 2).await;
    assert_eq!((data.dumps.len(), data.hc_holders.len()), (0, 0), "nothing of another customer");
}
