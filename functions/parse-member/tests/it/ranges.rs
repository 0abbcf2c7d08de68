//! Members are read by position, and the archive is streamed again only where nobody knows where they stand.

use landfall_archive::index_key;
use landfall_domain::{Sha256Digest, Stage};
use landfall_objects::PutOptions;
use landfall_runtime::WORK_BUCKET;
use landfall_testkit::{TestStage, sqs_event};
use parse_member::ParseMember;
use serde_json::Value;

use crate::scene::{KEY, LEDGER, NE, alarm_text, dump, lsp_text, node_text, noise, planned, worker};

/// A dump of 4 MB of which three files of some KB are wanted.
fn large_dump() -> Vec<u8> {
    let (node, lsp, core) = (node_text(NE, 1), lsp_text(5), noise(2_000_000));
    dump(&[(
        NE,
        &[
            ("core.1", &core),
            ("CLI_Show_Node.out", node.as_bytes()),
            ("CLI_Show_LSP.out", lsp.as_bytes()),
            ("alarm_state.out", alarm_text()),
            ("core.2", &core),
        ],
    )])
}

/// The messages to the workers, each changed.
async fn messages(stage: &TestStage, change: impl Fn(&mut Value)) -> Vec<String> {
    let event = stage.take(Stage::ParseMember).await;
    let bodies = event.records.into_iter().map(|message| {
        let mut body = serde_json::from_str(message.body.as_deref().unwrap()).unwrap();
        change(&mut body);
        body.to_string()
    });
    bodies.collect()
}

fn without_recipe(message: &mut Value) {
    assert!(message["body"].as_object_mut().unwrap().remove("resume").is_some(), "the planner gave one");
}

/// Parses, and gives the bytes that were fetched for it. All three files must have been read.
async fn parse(stage: &TestStage, worker: &ParseMember, messages: &[String]) -> i64 {
    assert!(stage.handle(worker, sqs_event(messages)).await.is_empty());
    assert_eq!(
        stage.texts(LEDGER).await,
        ["HEL-CORE-01 node DONE ok 1", "HEL-CORE-01 lsp DONE ok 1", "HEL-CORE-01 alarm_state DONE partial 1"]
    );
    stage.count("select sum(bytes_read)::bigint from ingest.attempt where stage = 'parse-member'").await
}

#[tokio::test]
async fn with_the_planners_recipe_a_small_part_of_the_archive_is_fetched() {
    let stage = TestStage::start().await;
    let archive = large_dump();
    let size = i64::try_from(archive.len()).unwrap();
    planned(&stage, archive).await;
    let messages = messages(&stage, |_| ()).await;
    let fetched = parse(&stage, &worker(&stage, "w"), &messages).await;
    assert!(fetched * 4 < size, "{fetched} bytes of {size}");
}

#[tokio::test]
async fn without_a_recipe_the_index_is_asked() {
    let stage = TestStage::start().await;
    let archive = large_dump();
    let (size, key) = (archive.len(), index_key(Sha256Digest::of(&archive).as_bytes()));
    planned(&stage, archive).await;
    let objects = stage.clients().objects;
    let (_, index) = objects.read_whole(WORK_BUCKET, &key, 1 << 20).await.unwrap().unwrap();
    let messages = messages(&stage, without_recipe).await;
    let fetched = usize::try_from(parse(&stage, &worker(&stage, "w"), &messages).await).unwrap();
    assert!(index.len() < fetched && (fetched - index.len()) * 4 < size, "{fetched} bytes of {size}");
}

#[tokio::test]
async fn a_recipe_for_other_files_is_not_followed() {
    let foreign = TestStage::start().await;
    let (node, lsp) = (node_text(NE, 9), lsp_text(9));
    let other = [("CLI_Show_Node.out", node.as_bytes()), ("CLI_Show_LSP.out", lsp.as_bytes())];
    planned(&foreign, dump(&[(NE, &other)])).await;
    let foreign: Value = serde_json::from_str(&messages(&foreign, |_| ()).await[0]).unwrap();
    for resume in [foreign["body"]["resume"].clone(), "no recipe at all".into(), "AAAA".into()] {
        let stage = TestStage::start().await;
        let archive = large_dump();
        let size = i64::try_from(archive.len()).unwrap();
        planned(&stage, archive).await;
        let messages = messages(&stage, |message| message["body"]["resume"] = resume.clone()).await;
        let fetched = parse(&stage, &worker(&stage, "w"), &messages).await;
        assert!(fetched * 4 < size, "{fetched} bytes of {size}: the index is asked");
    }
}

#[tokio::test]
async fn where_no_index_serves_the_archive_is_streamed_again() {
    for broken in [None, Some("no index"), Some("LFINDX\u{1}\0 cut short")] {
        let stage = TestStage::start().await;
        let archive = large_dump();
        let (size, key) = (archive.len(), index_key(Sha256Digest::of(&archive).as_bytes()));
        planned(&stage, archive).await;
        let objects = stage.clients().objects;
        objects.delete(WORK_BUCKET, &key, None).await.unwrap();
        if let Some(broken) = broken {
            objects.put(WORK_BUCKET, &key, broken.into(), PutOptions::default()).await.unwrap();
        }
        let messages = messages(&stage, without_recipe).await;
        let fetched = usize::try_from(parse(&stage, &worker(&stage, "w"), &messages).await).unwrap();
        assert!(fetched > size / 2, "{fetched} bytes of {size}");
    }
}

#[tokio::test]
async fn an_index_of_another_content_under_our_key_is_not_believed() {
    let stage = TestStage::start().await;
    let archive = large_dump();
    let key = index_key(Sha256Digest::of(&archive).as_bytes());
    let object = planned(&stage, archive).await;
    let other = dump(&[(NE, &[("CLI_Show_Node.out", node_text(NE, 1).as_bytes())])]);
    let other_key = index_key(Sha256Digest::of(&other).as_bytes());
    stage.land(&KEY.replace("CHG-1001", "CHG-1002"), &[], other).await;
    stage.plan().await;
    let objects = stage.clients().objects;
    let (_, index) = objects.read_whole(WORK_BUCKET, &other_key, 1 << 20).await.unwrap().unwrap();
    objects.put(WORK_BUCKET, &key, index.into(), PutOptions::default()).await.unwrap();
    let messages = messages(&stage, |message| {
        message["body"].as_object_mut().unwrap().remove("resume");
    })
    .await;
    assert!(stage.handle(&worker(&stage, "w"), sqs_event(&messages)).await.is_empty());
    assert_eq!(stage.count("select count(*) from dump.plugin_ledger where state <> 'DONE'").await, 0);
    assert_eq!(stage.state(object).await, "done complete");
}
