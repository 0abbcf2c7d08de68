//! A plugin that requires another one than node (specs: dumps 7.7): the commit that ends the one lets the other begin.

use std::sync::{Arc, Mutex};

use landfall_archive::Limits;
use landfall_domain::Stage;
use landfall_dumps::plugins::{
    AlarmState, FileEnd, LspPlugin, NodePlugin, ParseContext, Plugin, Reading, Registry,
};
use landfall_runtime::Clients;
use landfall_testkit::TestStage;
use parse_member::ParseMember;

use crate::retries::WAITING;
use crate::scene::{GARBAGE, KEY, LEDGER, NE, alarm_text, dump, lsp_text, node_text, parse};

/// A plugin that needs the paths, gives no records and remembers what it was told.
#[derive(Default)]
struct Census {
    told: Arc<Mutex<Vec<ParseContext>>>,
}

impl Plugin for Census {
    fn name(&self) -> &'static str {
        "census"
    }

    fn version(&self) -> u32 {
        1
    }

    fn priority(&self) -> u32 {
        40
    }

    fn targets(&self) -> &[&'static str] {
        &["census.out"]
    }

    fn requires(&self) -> &[&'static str] {
        &["lsp"]
    }

    fn read(&self, _: &[u8], reading: Reading<'_>) -> FileEnd {
        self.told.lock().unwrap().push(reading.context.clone());
        FileEnd::missing()
    }
}

fn registry() -> Arc<Registry> {
    registry_with(Census::default())
}

fn registry_with(census: Census) -> Arc<Registry> {
    let registry = Registry::builder()
        .register(NodePlugin::default())
        .register(LspPlugin::default())
        .register(census)
        .register(AlarmState::default())
        .build();
    Arc::new(registry.unwrap())
}

fn worker(clients: Clients) -> ParseMember {
    ParseMember::new(clients, registry(), "w", Limits::default())
}

/// Lands and plans a dump with a file for each plugin; gives the object's id.
async fn planned(stage: &TestStage, lsp: &str) -> i64 {
    let node = node_text(NE, 1);
    let files: [(&str, &[u8]); 4] = [
        ("CLI_Show_Node.out", node.as_bytes()),
        ("CLI_Show_LSP.out", lsp.as_bytes()),
        ("census.out", b"x"),
        ("alarm_state.out", alarm_text()),
    ];
    let object = stage.land(KEY, &[], dump(&[(NE, &files)])).await;
    stage.plan_for(registry()).await;
    object
}

#[tokio::test]
async fn it_runs_in_the_same_message_once_that_one_has_ended() {
    let stage = TestStage::start().await;
    let object = planned(&stage, &lsp_text(5)).await;
    let event = stage.take(Stage::ParseMember).await;
    assert_eq!(event.records.len(), 1);
    assert!(stage.handle(&worker(stage.clients()), event).await.is_empty());
    insta::assert_snapshot!(stage.texts(LEDGER).await.join("\n"), @"
    HEL-CORE-01 node DONE ok 1
    HEL-CORE-01 lsp DONE ok 1
    HEL-CORE-01 census DONE missing 1
    HEL-CORE-01 alarm_state DONE partial 1
    ");
    assert_eq!(stage.state(object).await, "done complete");
    assert!(stage.take(Stage::ParseMember).await.records.is_empty());
    let order =
        "select unit || ' ' || outcome from ingest.attempt where stage = 'parse-member' order by attempt_id";
    insta::assert_snapshot!(stage.texts(order).await.join("\n"), @"
    HEL-CORE-01 node ok
    HEL-CORE-01 lsp ok
    HEL-CORE-01 alarm_state ok
    HEL-CORE-01 census ok
    ");
}

#[tokio::test]
async fn it_is_told_what_node_found_in_the_same_message() {
    let stage = TestStage::start().await;
    planned(&stage, &lsp_text(5)).await;
    let census = Census::default();
    let told = Arc::clone(&census.told);
    let worker = ParseMember::new(stage.clients(), registry_with(census), "w", Limits::default());
    parse(&stage, &worker).await;
    let told = told.lock().unwrap();
    let shown: Vec<_> = told.iter().map(|c| (c.ne_name.as_deref(), c.router_id)).collect();
    assert_eq!(shown, [(Some(NE), Some([10, 20, 0, 1].into()))]);
}

#[tokio::test]
async fn it_waits_for_the_retry_of_what_it_requires_and_runs_with_it() {
    let stage = TestStage::start().await;
    let object = planned(&stage, &lsp_text(5)).await;
    let worker = worker(stage.clients_with("parse-member:read:before:fail:2"));
    parse(&stage, &worker).await;
    insta::assert_snapshot!(stage.texts(LEDGER).await.join("\n"), @"
    HEL-CORE-01 node DONE ok 1
    HEL-CORE-01 lsp FAILED failed 1 scripted_fault
    HEL-CORE-01 census PENDING 0
    HEL-CORE-01 alarm_state FAILED failed 1 scripted_fault
    ");
    assert_eq!(stage.texts(WAITING).await, [r#"30 ["lsp", "census"]"#, r#"30 ["alarm_state"]"#]);
    stage.pass(30);
    parse(&stage, &worker).await;
    assert_eq!(stage.state(object).await, "done complete");
    assert_eq!(stage.count("select open_units::bigint from dump.load").await, 0);
}

#[tokio::test]
async fn it_falls_with_what_it_requires() {
    let stage = TestStage::start().await;
    let object = planned(&stage, GARBAGE).await;
    parse(&stage, &worker(stage.clients())).await;
    insta::assert_snapshot!(stage.texts(LEDGER).await.join("\n"), @"
    HEL-CORE-01 node DONE ok 1
    HEL-CORE-01 lsp FAILED failed 3 E_NO_HEADER
    HEL-CORE-01 census FAILED failed 3 E_DEPENDENCY
    HEL-CORE-01 alarm_state DONE partial 1
    ");
    assert_eq!(stage.state(object).await, "done partial");
}
