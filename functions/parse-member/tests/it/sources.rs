//! Archives that are lost or other than planned while their elements wait to be parsed (specs: dumps 7.7, "Pinned read
//! lost").

use landfall_domain::Stage;
use landfall_testkit::{TestStage, sqs_event};

use crate::scene::{KEY, LEDGER, NE, alarm_text, dump, node_text, parse, planned, whole_dump, worker};

fn two_elements() -> Vec<u8> {
    let (one, two) = (node_text(NE, 1), node_text("TMP-AGG-02", 2));
    dump(&[
        (NE, &[("CLI_Show_Node.out", one.as_bytes()), ("alarm_state.out", alarm_text())]),
        ("TMP-AGG-02", &[("CLI_Show_Node.out", two.as_bytes()), ("alarm_state.out", alarm_text())]),
    ])
}

/// Parses the first element, then lets `lose` happen, then parses the second.
async fn lost_between(stage: &TestStage, lose: impl Future<Output = ()>) -> i64 {
    let object = planned(stage, two_elements()).await;
    let event = stage.take(Stage::ParseMember).await;
    let bodies: Vec<String> = event.records.into_iter().map(|m| m.body.unwrap()).collect();
    let worker = worker(stage, "w");
    assert!(stage.handle(&worker, sqs_event(&bodies[..1])).await.is_empty());
    lose.await;
    assert!(stage.handle(&worker, sqs_event(&bodies[1..])).await.is_empty());
    object
}

#[tokio::test]
async fn a_removed_archive_ends_the_open_rows_and_keeps_what_was_committed() {
    let stage = TestStage::unversioned().await;
    let object = Box::pin(lost_between(&stage, stage.delete(KEY, None))).await;
    insta::assert_snapshot!(stage.texts(LEDGER).await.join("\n"), @"
    HEL-CORE-01 node DONE ok 1
    HEL-CORE-01 lsp DONE missing 0
    HEL-CORE-01 alarm_state DONE partial 1
    TMP-AGG-02 node FAILED failed 3 E_SOURCE_MISSING
    TMP-AGG-02 lsp DONE missing 0
    TMP-AGG-02 alarm_state FAILED failed 3 E_SOURCE_MISSING
    ");
    assert_eq!(stage.state(object).await, "gone E_SOURCE_MISSING");
    assert_eq!(
        stage.texts("select status from dump.capture_dump where load_id is not null").await,
        ["PARTIAL"]
    );
    assert!(stage.count("select count(*) from dump.alarm_state_entry_current").await > 0);
    assert!(stage.take(Stage::ParseMember).await.records.is_empty());
}

#[tokio::test]
async fn an_overwritten_archive_ends_the_open_rows_and_its_object_is_superseded() {
    let stage = TestStage::unversioned().await;
    let object = lost_between(&stage, async {
        stage.put(KEY, &[], "another").await;
    })
    .await;
    assert_eq!(stage.state(object).await, "superseded E_SOURCE_CHANGED");
    let codes = "select distinct error_code from dump.plugin_ledger where state = 'FAILED'";
    assert_eq!(stage.texts(codes).await, ["E_SOURCE_CHANGED"]);
    assert_eq!(stage.texts("select status from dump.load").await, ["PARTIAL"]);
}

#[tokio::test]
async fn in_a_versioned_bucket_the_pinned_version_is_read_on() {
    let stage = TestStage::start().await;
    let object = Box::pin(lost_between(&stage, async {
        stage.put(KEY, &[], "another").await;
        stage.delete(KEY, None).await;
    }))
    .await;
    assert_eq!(stage.state(object).await, "done complete");
}

#[tokio::test]
async fn the_same_content_under_another_key_lets_the_load_go_on_to_its_end() {
    let stage = TestStage::unversioned().await;
    let lost = planned(&stage, whole_dump()).await;
    stage.delete(KEY, None).await;
    parse(&stage, &worker(&stage, "w")).await;
    assert_eq!(stage.state(lost).await, "gone E_SOURCE_MISSING");
    assert_eq!(stage.texts("select status from dump.capture_dump").await, ["FAILED"]);

    let again =
        stage.land(&KEY.replace("GMRE", "AGAIN_GMRE"), &[("origin", "gmre_dump_core")], whole_dump()).await;
    stage.plan().await;
    assert_eq!(stage.state(again).await, "dispatched plan-archive");
    parse(&stage, &worker(&stage, "w")).await;
    assert_eq!(stage.state(again).await, "done complete");
    assert_eq!(stage.state(lost).await, "gone E_SOURCE_MISSING");
    assert_eq!(stage.count("select count(*) from dump.capture_dump where status = 'COMPLETE'").await, 1);
    assert_eq!(stage.count("select count(*) from dump.load").await, 1);
}

#[tokio::test]
async fn a_member_that_is_not_the_planned_one_ends_its_plugin_alone_and_says_so() {
    let stage = TestStage::start().await;
    let object = planned(&stage, whole_dump()).await;
    let other =
        "update dump.load set plan = jsonb_set(plan, '{nes,0,plugins,2,files,0,crc32}', '4711', false)";
    assert_eq!(stage.execute(other).await, 1);
    // What is read with it, in the same go, is tried again without it.
    for _ in 0..3 {
        parse(&stage, &worker(&stage, "w")).await;
        stage.pass(60);
    }
    insta::assert_snapshot!(stage.texts(LEDGER).await.join("\n"), @"
    HEL-CORE-01 node DONE ok 1
    HEL-CORE-01 lsp FAILED failed 3 member_crc
    HEL-CORE-01 alarm_state DONE partial 2
    ");
    let text = "select error_text from dump.plugin_ledger where plugin = 'lsp'";
    insta::assert_snapshot!(stage.texts(text).await.join("\n"), @"the archive does not hold what was planned: crc of HEL-CORE-01_20250118-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250118.tgz!/EC1830-81-1-ACT/cli/CLI_Show_LSP.out is bbfd1ccb, expected 00001267");
    assert_eq!(stage.state(object).await, "done partial");
    insta::assert_snapshot!(stage.reason_text(object).await, @"failed: HEL-CORE-01 lsp member_crc");
    assert_eq!(stage.count("select count(*) from dump.lsp_entry").await, 0);
    assert!(stage.take(Stage::ParseMember).await.records.is_empty());
}
