//! A worker that lost its rows cannot write (specs: dumps 9.3, test_plugin_db_write_guards).

use std::sync::{Arc, Barrier};

use landfall_domain::Stage;
use landfall_testkit::TestStage;

use crate::scene::{LEDGER, planned, watched, whole_dump};

/// Runs a worker that stops before it gives its LSPs; `meanwhile` happens then. Gives the LSP's ledger row before
/// and after the worker tried to commit.
async fn interrupted(meanwhile: &'static str, seconds: i64) -> (Vec<String>, Vec<String>, TestStage) {
    let stage = TestStage::start().await;
    planned(&stage, whole_dump()).await;
    let (reached, go_on) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (theirs, ours) = ((reached.clone(), go_on.clone()), (reached, go_on));
    let worker = watched(&stage, move |_| {
        theirs.0.wait();
        theirs.1.wait();
    });
    let event = stage.take(Stage::ParseMember).await;
    let row = "select row_to_json(p)::text from dump.plugin_ledger p where plugin = 'lsp'";
    let run = stage.handle(&worker, event);
    let interrupt = async {
        let (reached, go_on) = ours;
        tokio::task::spawn_blocking(move || reached.wait()).await.unwrap();
        assert_eq!(stage.execute(meanwhile).await, 1);
        stage.pass(seconds);
        let before = stage.texts(row).await;
        tokio::task::spawn_blocking(move || go_on.wait()).await.unwrap();
        before
    };
    let (failed, before) = tokio::join!(run, interrupt);
    assert!(failed.is_empty(), "whoever took the row over ends it");
    let after = stage.texts(row).await;
    (before, after, stage)
}

async fn cannot_write(meanwhile: &'static str, seconds: i64) {
    let (before, after, stage) = interrupted(meanwhile, seconds).await;
    assert_eq!(before, after, "{meanwhile}");
    assert_eq!(stage.count("select count(*) from dump.lsp_entry").await, 0, "{meanwhile}");
    let tried = "select count(*) from ingest.attempt where unit = 'HEL-CORE-01 lsp'";
    assert_eq!(stage.count(tried).await, 0, "{meanwhile}");
}

#[tokio::test]
async fn a_worker_that_kept_its_row_writes() {
    let nothing = "update dump.plugin_ledger set lease_until = lease_until where plugin = 'lsp'";
    let (_, after, stage) = interrupted(nothing, 0).await;
    assert!(after[0].contains("DONE"), "{after:?}");
    assert_eq!(stage.count("select count(*) from dump.lsp_entry").await, 5);
}

#[tokio::test]
async fn test_plugin_db_write_guards_without_the_lease() {
    cannot_write("update dump.plugin_ledger set lease_owner = 'thief' where plugin = 'lsp'", 0).await;
}

#[tokio::test]
async fn test_plugin_db_write_guards_with_a_stale_attempt() {
    cannot_write("update dump.plugin_ledger set attempts = 2 where plugin = 'lsp'", 0).await;
}

#[tokio::test]
async fn test_plugin_db_write_guards_with_a_stale_plan() {
    cannot_write("update dump.plugin_ledger set plan_id = gen_random_uuid() where plugin = 'lsp'", 0).await;
}

#[tokio::test]
async fn test_plugin_db_write_guards_with_a_lease_that_ran_out() {
    cannot_write("update dump.plugin_ledger set lease_until = lease_until where plugin = 'lsp'", 300).await;
}

#[tokio::test]
async fn test_plugin_db_write_guards_after_the_row_was_ended_by_others() {
    let ended = "update dump.plugin_ledger set state = 'FAILED', outcome = 'failed', attempts = 3,
         error_code = 'E_LEASE_LOST', lease_owner = null, lease_until = null where plugin = 'lsp'";
    cannot_write(ended, 0).await;
}

#[tokio::test]
async fn a_worker_whose_load_was_deleted_writes_nothing() {
    let (before, after, stage) = interrupted("delete from dump.capture_dump", 0).await;
    assert!(before.is_empty() && after.is_empty());
    assert_eq!(stage.count("select count(*) from dump.lsp_entry").await, 0);
    assert!(stage.texts(LEDGER).await.is_empty());
}
