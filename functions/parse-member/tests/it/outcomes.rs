//! What the files of an element come to in the ledger, the load, the dump and the object.

use landfall_local::sample::SampleText;
use landfall_local::sample::fixtures::example_all_plugins;
use landfall_testkit::TestStage;

use crate::scene::{
    GARBAGE, LEDGER, NE, alarm_text, dump, lsp_text, node_text, parse, planned, watched, whole_dump, worker,
};

#[tokio::test]
async fn a_whole_dump_becomes_rows_and_its_object_is_done() {
    let stage = TestStage::start().await;
    let object = planned(&stage, whole_dump()).await;
    parse(&stage, &worker(&stage, "w")).await;
    assert_eq!(stage.state(object).await, "done complete");
    insta::assert_snapshot!(stage.texts(LEDGER).await.join("\n"), @"
    HEL-CORE-01 node DONE ok 1
    HEL-CORE-01 lsp DONE ok 1
    HEL-CORE-01 alarm_state DONE partial 1
    ");
    let counted = "select sum(record_count)::bigint from dump.plugin_ledger where plugin <> 'node'";
    let stored = "select (select count(*) from dump.lsp_entry_current) + (select count(*) from dump.alarm_state_entry_current)";
    assert_eq!(stage.count(counted).await, stage.count(stored).await);
    let shown = "select concat_ws(' ', ne_key, ne_name, router_id, mgmt_ip, mgmt_ip_source) from dump.network_element";
    assert_eq!(stage.texts(shown).await, ["name:HEL-CORE-01 HEL-CORE-01 10.20.0.1 172.20.0.1 reported"]);
    let tries =
        "select concat_ws(' ', unit, attempt, outcome) from ingest.attempt where stage = 'parse-member'
         order by attempt_id";
    insta::assert_snapshot!(stage.texts(tries).await.join("\n"), @"
    HEL-CORE-01 node 1 ok
    HEL-CORE-01 lsp 1 ok
    HEL-CORE-01 alarm_state 1 ok
    ");
}

#[tokio::test]
async fn the_records_of_every_plugin_reach_their_tables_with_their_values() {
    let stage = TestStage::start().await;
    let object = planned(&stage, example_all_plugins().bytes).await;
    parse(&stage, &worker(&stage, "w")).await;
    assert_eq!(stage.state(object).await, "done complete");
    let counts = "select 'dpr_entry ' || count(*) from dump.dpr_entry_current
            union all select 'nea_trace ' || count(*) from dump.nea_trace_current
            union all select 'nea_bucket_count ' || count(*) from dump.nea_bucket_count_current
            union all select 'ma_notif_bucket_count ' || count(*) from dump.ma_notif_bucket_count_current
            union all select 'three_r_group ' || count(*) from dump.three_r_group_current
            union all select 'three_r_link ' || count(*) from dump.three_r_link_current
            union all select 'dpr_link ' || count(*) from dump.dpr_link_current
            union all select 'dpr_router_map ' || count(*) from dump.dpr_router_map_current order by 1";
    assert_eq!(
        stage.texts(counts).await,
        [
            "dpr_entry 7",
            "dpr_link 10",
            "dpr_router_map 11",
            "ma_notif_bucket_count 9",
            "nea_bucket_count 8",
            "nea_trace 11",
            "three_r_group 5",
            "three_r_link 7"
        ]
    );
    let alarms = "select concat_ws(' ', plugin, count(*)) from dump.alarm_state_entry_current group by plugin order by 1";
    assert_eq!(stage.texts(alarms).await, ["alarm_state 5", "alarm_state_legacy 8"]);
    for (query, value) in [
        (
            "select concat_ws(' ', srlg, age_s) from dump.dpr_entry_current where dpr_id = 2",
            "{103,104,105} 7200",
        ),
        (
            "select attrs ->> 'owner' from dump.nea_trace_current where event = 'BUCKET_ALLOC' and seq = 1001",
            "rsvp main",
        ),
        (
            "select utilization_pct::text from dump.nea_bucket_count_current where bucket_name = 'MEDIUM'",
            "99.98",
        ),
        (
            "select last_at::text from dump.ma_notif_bucket_count_current where bucket = 'ALM' and sent = 1200",
            "2025-01-18 03:10:00+00",
        ),
        (
            "select concat_ws(' ', aid, role, state) from dump.three_r_link_current where group_id = 1 and member_id = 3",
            "130SCX10-3-6-L1 SPARE UP",
        ),
        (
            "select concat_ws(' ', dst_node, link_type, bidirectional) from dump.dpr_link_current where src_if = '' and bidirectional",
            "VAA_OLA_09 VIRTUAL t",
        ),
        ("select ne_name from dump.dpr_router_map_current where router_id = '10.20.0.12'", "JYV.EDGE-12"),
    ] {
        assert_eq!(stage.texts(query).await, [value], "{query}");
    }
}

#[tokio::test]
async fn a_node_that_cannot_be_read_ends_what_needs_it_and_no_other_element() {
    let stage = TestStage::start().await;
    let (lsp, node) = (lsp_text(3), node_text("TMP-AGG-02", 2));
    let bad = [("CLI_Show_Node.out", GARBAGE.as_bytes()), ("CLI_Show_LSP.out", lsp.as_bytes())];
    let good = [("CLI_Show_Node.out", node.as_bytes()), ("alarm_state.out", alarm_text())];
    let object = planned(&stage, dump(&[(NE, &bad), ("TMP-AGG-02", &good)])).await;
    parse(&stage, &worker(&stage, "w")).await;
    insta::assert_snapshot!(stage.texts(LEDGER).await.join("\n"), @"
    HEL-CORE-01 node FAILED failed 3 E_NO_HEADER
    HEL-CORE-01 lsp FAILED failed 3 E_DEPENDENCY
    HEL-CORE-01 alarm_state DONE missing 0
    TMP-AGG-02 node DONE ok 1
    TMP-AGG-02 lsp DONE missing 0
    TMP-AGG-02 alarm_state DONE partial 1
    ");
    assert_eq!(stage.state(object).await, "done partial");
    insta::assert_snapshot!(stage.reason_text(object).await, @"failed: HEL-CORE-01 node E_NO_HEADER, HEL-CORE-01 lsp E_DEPENDENCY");
    assert_eq!(stage.texts("select ne_key from dump.network_element").await, ["name:TMP-AGG-02"]);
    let failed =
        "select concat_ws(' ', unit, attempt, outcome, error_code) from ingest.attempt where outcome <> 'ok'";
    assert_eq!(stage.texts(failed).await, [format!("{NE} node 1 failed E_NO_HEADER")]);
}

#[tokio::test]
async fn where_nothing_can_be_read_the_object_is_quarantined_with_the_first_code() {
    let stage = TestStage::start().await;
    let garbage = GARBAGE.as_bytes();
    let files = [("CLI_Show_Node.out", garbage), ("CLI_Show_LSP.out", garbage), ("alarm_state.out", garbage)];
    let object = planned(&stage, dump(&[(NE, &files), ("TMP-AGG-02", &files)])).await;
    parse(&stage, &worker(&stage, "w")).await;
    assert_eq!(stage.state(object).await, "quarantined E_NO_HEADER");
    assert!(stage.reason_text(object).await.starts_with("HEL-CORE-01 node: "));
    assert_eq!(stage.texts("select status from dump.load").await, ["FAILED"]);
    assert_eq!(stage.texts("select status from dump.capture_dump where load_id is null").await, ["FAILED"]);
    assert_eq!(stage.count("select count(*) from dump.lsp_entry").await, 0);
}

#[tokio::test]
async fn test_reader_missing_target_is_no_failure() {
    let stage = TestStage::start().await;
    let node = node_text(NE, 1);
    let object = planned(&stage, dump(&[(NE, &[("CLI_Show_Node.out", node.as_bytes())])])).await;
    parse(&stage, &worker(&stage, "w")).await;
    assert_eq!(stage.state(object).await, "done complete");
    insta::assert_snapshot!(stage.texts(LEDGER).await.join("\n"), @"
    HEL-CORE-01 node DONE ok 1
    HEL-CORE-01 lsp DONE missing 0
    HEL-CORE-01 alarm_state DONE missing 0
    ");
}

#[tokio::test]
async fn test_multi_plugin_same_file_order_required_node_then_dpr_db_then_dpr_3r() {
    let stage = TestStage::start().await;
    let node = node_text("TMP-AGG-02", 2);
    let both = SampleText::TMP_AGG_02.iter().find(|sample| sample.plugin == "dpr_db").unwrap().bytes;
    let files = [("CLI_Show_DPR_DB.out", both), ("CLI_Show_Node.out", node.as_bytes())];
    planned(&stage, dump(&[("TMP-AGG-02", &files)])).await;
    parse(&stage, &worker(&stage, "w")).await;
    let order =
        "select unit || ' ' || outcome from ingest.attempt where stage = 'parse-member' order by attempt_id";
    insta::assert_snapshot!(stage.texts(order).await.join("\n"), @"
    TMP-AGG-02 node ok
    TMP-AGG-02 dpr_db ok
    TMP-AGG-02 dpr_3r ok
    ");
    let paths = "select distinct chain_path from (select chain_path from dump.dpr_entry_current
         union all select chain_path from dump.three_r_group_current) as t";
    assert_eq!(stage.texts(paths).await.len(), 1, "both read the one file");
}

#[tokio::test]
async fn a_file_that_is_too_large_costs_its_plugin_only() {
    let stage = TestStage::start().await;
    let (node, lsp) = (node_text(NE, 1), lsp_text(200));
    let files = [("CLI_Show_Node.out", node.as_bytes()), ("CLI_Show_LSP.out", lsp.as_bytes())];
    let object = stage.land(crate::scene::KEY, &[], dump(&[(NE, &files)])).await;
    stage.plan_up_to(2_000).await;
    parse(&stage, &worker(&stage, "w")).await;
    assert_eq!(stage.state(object).await, "done partial");
    assert_eq!(stage.reason_text(object).await, "failed: HEL-CORE-01 lsp E_SPOOL_LIMIT");
}

#[tokio::test]
async fn where_the_nodes_own_file_is_too_large_all_that_needs_node_falls_and_the_load_ends() {
    let stage = TestStage::start().await;
    let (node, lsp) = (format!("{}{}", node_text(NE, 1), " \n".repeat(2_000)), lsp_text(5));
    let files = [("CLI_Show_Node.out", node.as_bytes()), ("CLI_Show_LSP.out", lsp.as_bytes())];
    let object = stage.land(crate::scene::KEY, &[], dump(&[(NE, &files)])).await;
    stage.plan_up_to(2_000).await;
    parse(&stage, &worker(&stage, "w")).await;
    insta::assert_snapshot!(stage.texts(LEDGER).await.join("\n"), @"
    HEL-CORE-01 node FAILED failed 3 E_SPOOL_LIMIT
    HEL-CORE-01 lsp FAILED failed 3 E_DEPENDENCY
    HEL-CORE-01 alarm_state DONE missing 0
    ");
    assert_eq!(stage.state(object).await, "quarantined E_SPOOL_LIMIT");
}

#[tokio::test]
async fn records_that_the_database_refuses_fail_their_plugin_for_good_and_leave_no_row() {
    let stage = TestStage::start().await;
    let object = planned(&stage, whole_dump()).await;
    // A parser that lost its de-duplication.
    let worker = watched(&stage, |parsed| parsed.records.extend(parsed.records.clone()));
    parse(&stage, &worker).await;
    insta::assert_snapshot!(stage.texts(LEDGER).await.join("\n"), @"
    HEL-CORE-01 node DONE ok 1
    HEL-CORE-01 lsp FAILED failed 3 E_CONSTRAINT
    HEL-CORE-01 alarm_state DONE partial 1
    ");
    assert_eq!(stage.count("select count(*) from dump.lsp_entry").await, 0);
    assert_eq!(stage.state(object).await, "done partial");
    let why = stage.texts("select error_text from dump.plugin_ledger where plugin = 'lsp'").await;
    assert!(why[0].contains("lsp_entry_pkey"), "{why:?}");
}

#[tokio::test]
async fn more_records_than_are_kept_in_memory_are_stored_all_and_once() {
    let stage = TestStage::start().await;
    let (node, lsp) = (node_text(NE, 1), lsp_text(23_000));
    // A second file repeats some of them: the first in the order of the paths has them.
    let again = lsp_text(40);
    let files = [
        ("CLI_Show_Node.out", node.as_bytes()),
        ("CLI_Show_LSP.out", lsp.as_bytes()),
        ("old/CLI_Show_LSP.out", again.as_bytes()),
    ];
    let object = planned(&stage, dump(&[(NE, &files)])).await;
    let event = stage.take(landfall_domain::Stage::ParseMember).await;
    for _ in 0..2 {
        assert!(stage.handle(&worker(&stage, "w"), event.clone()).await.is_empty());
        let rows = "select concat_ws(' ', count(*), count(distinct lsp_name), count(distinct chain_path))
             from dump.lsp_entry";
        assert_eq!(stage.texts(rows).await, ["23000 23000 1"]);
        let counted = "select record_count from dump.plugin_ledger where plugin = 'lsp'";
        assert_eq!(stage.count(counted).await, 23_000);
    }
    assert_eq!(stage.state(object).await, "done complete");
}

#[tokio::test]
async fn where_the_last_of_very_many_records_is_refused_none_is_stored() {
    let stage = TestStage::start().await;
    let (node, lsp) = (node_text(NE, 1), lsp_text(21_000));
    let files = [("CLI_Show_Node.out", node.as_bytes()), ("CLI_Show_LSP.out", lsp.as_bytes())];
    let object = planned(&stage, dump(&[(NE, &files)])).await;
    let worker = watched(&stage, |parsed| {
        let last = parsed.records.last().cloned();
        parsed.records.extend(last);
    });
    parse(&stage, &worker).await;
    insta::assert_snapshot!(stage.texts(LEDGER).await.join("\n"), @"
    HEL-CORE-01 node DONE ok 1
    HEL-CORE-01 lsp FAILED failed 3 E_CONSTRAINT
    HEL-CORE-01 alarm_state DONE missing 0
    ");
    assert_eq!(stage.count("select count(*) from dump.lsp_entry").await, 0);
    assert_eq!(stage.state(object).await, "done partial");
}

#[tokio::test]
async fn a_panic_of_a_parser_gives_the_message_again_and_the_leases_up() {
    let stage = TestStage::start().await;
    let object = planned(&stage, whole_dump()).await;
    let broken = watched(&stage, |_| panic!("a fault of ours"));
    let event = stage.take(landfall_domain::Stage::ParseMember).await;
    assert_eq!(stage.handle(&broken, event.clone()).await, ["m0"]);
    assert_eq!(stage.state(object).await, "dispatched plan-archive");
    assert!(stage.handle(&worker(&stage, "w"), event).await.is_empty());
    assert_eq!(stage.state(object).await, "done complete");
}
