//! Leases that ran out: handed out again once, or ended with the load (specs: dumps 7.7).

use landfall_domain::{Envelope, ParseMember, Stage};
use landfall_local::sample::fixtures::example_two_nodes;
use landfall_testkit::{TestStage, production};
use sweep_state::SweepState;

const LEDGER: &str =
    "select concat_ws(' ', plan_ne, plugin, state, attempts, error_code) from dump.plugin_ledger
     where plugin in ('node', 'lsp', 'alarm_state') order by plan_ne, priority";

/// A planned dump of two elements whose messages were taken by a worker that is gone.
pub async fn orphaned(stage: &TestStage) -> i64 {
    let fixture = example_two_nodes();
    let key = format!("dumps/acme/core/CHG-1/{}", fixture.file_name);
    let object = stage.land(&key, &[], fixture.bytes).await;
    stage.plan().await;
    assert_eq!(stage.take(Stage::ParseMember).await.records.len(), 2);
    object
}

/// Lets node of one element run out in this try.
pub async fn run_out(stage: &TestStage, sql: &'static str) {
    assert_eq!(stage.execute(sql).await, 1);
}

pub const FIRST_TRY: &str =
    "update dump.plugin_ledger set state = 'RUNNING', attempts = 1, lease_owner = 'dead',
     lease_until = '2025-03-01T09:00:00Z' where plan_ne = 'HEL-CORE-01' and plugin = 'node'";
const LAST_TRY: &str = "update dump.plugin_ledger set state = 'RUNNING', attempts = 3, lease_owner = 'dead',
     lease_until = '2025-03-01T09:00:00Z' where plan_ne = 'HEL-CORE-01' and plugin = 'node'";

fn sweeper(stage: &TestStage) -> SweepState {
    SweepState::new(stage.clients(), production())
}

#[tokio::test]
async fn an_expired_lease_is_handed_out_again_once() {
    let stage = TestStage::start().await;
    orphaned(&stage).await;
    run_out(&stage, FIRST_TRY).await;
    let report = sweeper(&stage).run().await.unwrap();
    assert_eq!((report.sent, report.leases_lost), (1, 0));
    let again = sweeper(&stage).run().await.unwrap();
    assert_eq!((again.sent, again.leases_lost), (0, 0), "its message is on the way");
    let body = stage.take(Stage::ParseMember).await.records[0].body.clone().unwrap();
    let message = Envelope::<ParseMember>::decode(&body).unwrap().body;
    assert_eq!(
        (message.ne.as_str(), message.plugins),
        ("HEL-CORE-01", vec!["node".to_owned(), "lsp".to_owned(), "alarm_state".to_owned()])
    );
}

#[tokio::test]
async fn a_lease_whose_message_left_the_outbox_is_handed_out_again_only_when_that_cannot_come_back() {
    let stage = TestStage::start().await;
    orphaned(&stage).await;
    run_out(&stage, FIRST_TRY).await;
    assert_eq!(sweeper(&stage).run().await.unwrap().sent, 1);
    assert_eq!(stage.take(Stage::ParseMember).await.records.len(), 1, "as if it were in another queue");
    stage.pass(5399);
    assert_eq!(sweeper(&stage).run().await.unwrap().sent, 0, "a worker that died with it may still hold it");
    stage.pass(1);
    assert_eq!(sweeper(&stage).run().await.unwrap().sent, 1);
}

#[tokio::test]
async fn a_lease_that_was_handed_out_and_is_lost_again_is_seen_at_once() {
    let stage = TestStage::start().await;
    orphaned(&stage).await;
    run_out(&stage, FIRST_TRY).await;
    assert_eq!(sweeper(&stage).run().await.unwrap().sent, 1);
    stage.take(Stage::ParseMember).await;
    // A worker took it, and is gone as well.
    run_out(&stage, FIRST_TRY).await;
    assert_eq!(sweeper(&stage).run().await.unwrap().sent, 1);
}

#[tokio::test]
async fn a_lease_that_still_runs_is_left_alone() {
    let stage = TestStage::start().await;
    orphaned(&stage).await;
    run_out(&stage, FIRST_TRY).await;
    stage
        .execute("update dump.plugin_ledger set lease_until = '2025-03-01T09:00:01Z' where state = 'RUNNING'")
        .await;
    let before = stage.fingerprint().await;
    assert_eq!(sweeper(&stage).run().await.unwrap().sent, 0);
    assert_eq!(stage.fingerprint().await, before);
}

#[tokio::test]
async fn used_up_tries_end_the_row_and_what_needs_it_but_not_its_neighbours() {
    let stage = TestStage::start().await;
    let object = orphaned(&stage).await;
    run_out(&stage, LAST_TRY).await;
    let report = sweeper(&stage).run().await.unwrap();
    assert_eq!((report.sent, report.leases_lost), (0, 1));
    insta::assert_snapshot!(stage.texts(LEDGER).await.join("\n"), @"
    HEL-CORE-01 node FAILED 3 E_LEASE_LOST
    HEL-CORE-01 lsp FAILED 3 E_DEPENDENCY
    HEL-CORE-01 alarm_state FAILED 3 E_DEPENDENCY
    TMP-AGG-02 node PENDING 0
    TMP-AGG-02 lsp PENDING 0
    TMP-AGG-02 alarm_state PENDING 0
    ");
    assert_eq!(stage.state(object).await, "dispatched plan-archive");
    assert_eq!(stage.count("select open_units::bigint from dump.load").await, 3);
}

#[tokio::test]
async fn the_last_lost_lease_ends_the_load_and_its_object() {
    let stage = TestStage::start().await;
    let object = orphaned(&stage).await;
    stage
        .execute("update dump.plugin_ledger set state = 'DONE', outcome = 'ok' where plan_ne = 'TMP-AGG-02'")
        .await;
    stage.execute("update dump.load set open_units = 3").await;
    run_out(&stage, LAST_TRY).await;
    sweeper(&stage).run().await.unwrap();
    assert_eq!(stage.state(object).await, "done partial");
    assert!(stage.reason_text(object).await.contains("HEL-CORE-01 node E_LEASE_LOST"));
    assert_eq!(stage.texts("select status from dump.load where open_units = 0").await, ["PARTIAL"]);
}

#[tokio::test]
async fn two_sweepers_at_the_same_time_end_a_row_once() {
    let stage = TestStage::start().await;
    orphaned(&stage).await;
    run_out(&stage, LAST_TRY).await;
    let (one, two) = (sweeper(&stage), sweeper(&stage));
    let (a, b) = tokio::join!(one.run(), two.run());
    assert_eq!(a.unwrap().leases_lost + b.unwrap().leases_lost, 1);
    assert_eq!(stage.count("select open_units::bigint from dump.load").await, 3);
}
