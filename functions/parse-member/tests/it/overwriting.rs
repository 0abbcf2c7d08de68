//! OVERWRITE: a load beside the one that readers see takes its place in one transaction (specs: dumps 7.6).

use aws_lambda_events::event::sqs::SqsEvent;
use landfall_domain::Stage;
use landfall_testkit::TestStage;

use crate::scene::{GARBAGE, KEY, NE, dump, lsp_text, node_text, parse, planned, worker};

/// Dump, its number and status, and how many LSPs readers see of it.
const SHOWN: &str = "select concat_ws(' ', d.dump_id, d.snapshot_seq, d.status, to_char(d.capture_ts at time zone 'UTC', 'HH24:MI'),
        (select count(*) from dump.lsp_entry_current r where r.dump_id = d.dump_id))
     from dump.capture_dump d order by d.dump_id";
/// All that hangs on dumps, but not the queue and the history.
const STORED: &str = "select 'dump ' || row_to_json(d)::text from dump.capture_dump d
     union all select 'load ' || row_to_json(l)::text from dump.load l
     union all select 'sha ' || row_to_json(s)::text from dump.archive_sha256 s
     union all select 'link ' || row_to_json(l)::text from dump.dump_link l
     union all select 'node ' || row_to_json(n)::text from dump.dump_node n
     union all select 'ne ' || row_to_json(n)::text from dump.network_element n
     union all select 'ledger ' || row_to_json(p)::text from dump.plugin_ledger p
     union all select 'audit ' || row_to_json(a)::text from dump.audit_event a
     union all select 'lsp ' || row_to_json(r)::text from dump.lsp_entry r
     union all select 'object ' || row_to_json(o)::text from ingest.object o
     order by 1";

/// A dump of one element with so many LSPs.
fn with_lsps(count: u32) -> Vec<u8> {
    let (node, lsp) = (node_text(NE, 1), lsp_text(count));
    dump(&[(NE, &[("CLI_Show_Node.out", node.as_bytes()), ("CLI_Show_LSP.out", lsp.as_bytes())])])
}

/// A dump of 5 LSPs, whole.
async fn first(stage: &TestStage) -> i64 {
    let object = planned(stage, with_lsps(5)).await;
    parse(stage, &worker(stage, "w")).await;
    assert_eq!(stage.state(object).await, "done complete");
    object
}

/// An hour later, the same origin: it is to replace the first.
async fn second(stage: &TestStage, metadata: &[(&str, &str)], body: Vec<u8>) -> i64 {
    let metadata = [&[("overwrite", "true")], metadata].concat();
    let object = stage.land(&KEY.replace("-031500", "-041500"), &metadata, body).await;
    stage.plan().await;
    assert_eq!(stage.state(object).await, "dispatched plan-archive");
    object
}

/// Parses the replacement; gives the message that asks for the flip.
async fn parsed(stage: &TestStage) -> SqsEvent {
    parse(stage, &worker(stage, "w")).await;
    stage.take(Stage::PlanArchive).await
}

async fn flip(stage: &TestStage, event: SqsEvent) {
    assert_eq!(event.records.len(), 1, "one flip");
    assert!(stage.handle(&stage.planner_with(""), event).await.is_empty());
}

#[tokio::test]
async fn test_overwrite_purge_children_and_keep_id_number_and_links() {
    let stage = TestStage::start().await;
    let old = first(&stage).await;
    let object = second(&stage, &[("ticket", "CHG-2002")], with_lsps(9)).await;
    let event = parsed(&stage).await;
    assert_eq!(stage.texts(SHOWN).await, ["1 1 COMPLETE 03:15 5"], "readers see the old rows until the flip");
    assert_eq!(stage.count("select count(*) from dump.lsp_entry").await, 14);
    flip(&stage, event).await;
    assert_eq!(stage.texts(SHOWN).await, ["1 1 COMPLETE 04:15 9"]);
    assert_eq!(stage.state(object).await, "done complete");
    assert_eq!(stage.state(old).await, "done complete");
    let tables = "select concat_ws(' ', (select count(*) from dump.load), (select count(*) from dump.archive_sha256),
            (select count(*) from dump.lsp_entry), (select count(*) from dump.dump_node),
            (select count(distinct load_id) from dump.plugin_ledger), (select count(*) from dump.network_element))";
    assert_eq!(stage.texts(tables).await, ["1 1 9 1 1 1"], "nothing of the old load is left");
    assert_eq!(stage.texts("select ticket from dump.dump_link order by 1").await, ["CHG-1001", "CHG-2002"]);
    let audit = "select detail::jsonb - 'old_sha256' - 'new_sha256' || jsonb_build_object('differ',
            detail->>'old_sha256' <> detail->>'new_sha256') #>> '{}' from dump.audit_event where kind = 'overwritten'";
    insta::assert_snapshot!(stage.texts(audit).await.join("\n"), @r#"{"differ": true, "new_load": 2, "old_load": 1}"#);
}

#[tokio::test]
async fn the_same_flip_twice_or_after_a_lost_reply_changes_nothing() {
    let stage = TestStage::start().await;
    first(&stage).await;
    second(&stage, &[], with_lsps(9)).await;
    let event = parsed(&stage).await;
    let loses = stage.planner_with("plan-archive:commit:after:fail:1");
    assert_eq!(stage.handle(&loses, event.clone()).await, ["m0"], "it worked, and nobody was told");
    assert_eq!(stage.texts(SHOWN).await, ["1 1 COMPLETE 04:15 9"]);
    let before = stage.fingerprint().await;
    for _ in 0..2 {
        flip(&stage, event.clone()).await;
    }
    assert_eq!(stage.fingerprint().await, before);
}

#[tokio::test]
async fn test_overwrite_purge_children_a_forced_failure_at_any_table_leaves_the_old_rows() {
    let stage = TestStage::start().await;
    first(&stage).await;
    second(&stage, &[("ticket", "CHG-2002")], with_lsps(9)).await;
    let event = parsed(&stage).await;
    stage
        .execute(
            "create function refuse() returns trigger language plpgsql as
             $$ begin raise exception 'refused by the test'; end $$",
        )
        .await;
    let before = stage.texts(STORED).await;
    for (create, remove) in [
        (
            "create trigger t before update on dump.capture_dump execute function refuse()",
            "drop trigger t on dump.capture_dump",
        ),
        (
            "create trigger t before insert on dump.archive_sha256 execute function refuse()",
            "drop trigger t on dump.archive_sha256",
        ),
        (
            "create trigger t before update on dump.load execute function refuse()",
            "drop trigger t on dump.load",
        ),
        (
            "create trigger t after delete on dump.load execute function refuse()",
            "drop trigger t on dump.load",
        ),
        (
            "create trigger t after delete on dump.lsp_entry execute function refuse()",
            "drop trigger t on dump.lsp_entry",
        ),
        (
            "create trigger t before update on dump.network_element execute function refuse()",
            "drop trigger t on dump.network_element",
        ),
        (
            "create trigger t before insert on dump.dump_link execute function refuse()",
            "drop trigger t on dump.dump_link",
        ),
        (
            "create trigger t before insert on dump.audit_event execute function refuse()",
            "drop trigger t on dump.audit_event",
        ),
        (
            "create trigger t before update on ingest.object execute function refuse()",
            "drop trigger t on ingest.object",
        ),
        (
            "create trigger t before insert on ingest.attempt execute function refuse()",
            "drop trigger t on ingest.attempt",
        ),
    ] {
        stage.execute(create).await;
        assert_eq!(stage.handle(&stage.planner_with(""), event.clone()).await, ["m0"], "{create}");
        stage.execute(remove).await;
        assert_eq!(stage.texts(STORED).await, before, "{create}");
    }
    flip(&stage, event).await;
    assert_eq!(stage.texts(SHOWN).await, ["1 1 COMPLETE 04:15 9"]);
}

#[tokio::test]
async fn test_overwrite_purge_children_readers_never_see_none_or_both() {
    let stage = TestStage::start().await;
    first(&stage).await;
    second(&stage, &[], with_lsps(9)).await;
    let event = parsed(&stage).await;
    let read = async {
        let mut seen = Vec::new();
        while seen.last() != Some(&9) {
            seen.push(stage.count("select count(*) from dump.lsp_entry_current").await);
        }
        seen.dedup();
        seen
    };
    let (seen, ()) = tokio::join!(read, flip(&stage, event));
    assert!(seen == [5, 9] || seen == [9], "{seen:?}");
}

#[tokio::test]
async fn a_load_that_fails_flips_nothing_and_gives_its_digest_back() {
    let stage = TestStage::start().await;
    first(&stage).await;
    let garbage = dump(&[(NE, &[("CLI_Show_Node.out", GARBAGE.as_bytes())])]);
    let object = second(&stage, &[], garbage.clone()).await;
    assert!(parsed(&stage).await.records.is_empty(), "no flip is asked for");
    assert!(stage.state(object).await.starts_with("quarantined "), "{}", stage.state(object).await);
    assert_eq!(stage.texts(SHOWN).await, ["1 1 COMPLETE 03:15 5"]);
    assert_eq!(stage.texts("select status from dump.load order by 1").await, ["COMPLETE", "FAILED"]);
    assert_eq!(stage.count("select count(*) from dump.archive_sha256").await, 1);
    let key = KEY.replace("-031500", "-042000");
    let again = stage.land(&key, &[("overwrite", "true")], garbage).await;
    stage.plan().await;
    assert_eq!(stage.state(again).await, "dispatched plan-archive", "judged like any new content");
}

#[tokio::test]
async fn equal_bytes_are_parsed_again_and_the_digest_then_names_the_new_load() {
    let stage = TestStage::start().await;
    first(&stage).await;
    stage.execute("update dump.dump_link set hc_id = 'HC-1'").await;
    let object = second(&stage, &[("hc-id", "HC-2")], with_lsps(5)).await;
    let event = parsed(&stage).await;
    assert_eq!(stage.texts("select load_id::text from dump.archive_sha256").await, ["1"]);
    assert_eq!(stage.texts("select hc_id from dump.dump_link").await, ["HC-1"]);
    flip(&stage, event).await;
    assert_eq!(stage.texts("select load_id::text from dump.archive_sha256").await, ["2"]);
    assert_eq!(stage.texts("select hc_id from dump.dump_link").await, ["HC-2"], "the link takes the new one");
    assert_eq!(stage.texts(SHOWN).await, ["1 1 COMPLETE 04:15 5"]);
    assert_eq!(stage.state(object).await, "done complete");
}

#[tokio::test]
async fn a_dump_that_changed_meanwhile_is_judged_again_and_still_replaced_without_parsing() {
    let stage = TestStage::start().await;
    first(&stage).await;
    second(&stage, &[], with_lsps(9)).await;
    let event = parsed(&stage).await;
    let linked = stage.land(&KEY.replace("CHG-1001", "CHG-3003"), &[], with_lsps(5)).await;
    stage.plan().await;
    assert_eq!(stage.state(linked).await, "done linked");
    flip(&stage, event).await;
    assert_eq!(stage.texts(SHOWN).await, ["1 1 COMPLETE 04:15 9"]);
    assert!(stage.take(Stage::ParseMember).await.records.is_empty());
}

#[tokio::test]
async fn a_dump_that_came_under_a_health_check_meanwhile_keeps_its_rows() {
    let stage = TestStage::start().await;
    first(&stage).await;
    let object = second(&stage, &[], with_lsps(9)).await;
    let event = parsed(&stage).await;
    stage.land(&KEY.replace("CHG-1001", "CHG-3003"), &[("hc-id", "HC-9")], with_lsps(5)).await;
    stage.plan().await;
    flip(&stage, event.clone()).await;
    assert_eq!(stage.texts(SHOWN).await, ["1 1 COMPLETE 03:15 5"]);
    assert_eq!(stage.state(object).await, "rejected hc_protected");
    assert_eq!(stage.count("select count(*) from dump.load").await, 1, "the other load is dropped");
    assert_eq!(stage.count("select count(*) from dump.archive_sha256").await, 1);
    let before = stage.fingerprint().await;
    flip(&stage, event).await;
    assert_eq!(stage.fingerprint().await, before, "the message again is stale");
}

#[tokio::test]
async fn where_the_replaced_dump_went_elsewhere_the_upload_is_planned_again_and_becomes_its_own() {
    let stage = TestStage::start().await;
    first(&stage).await;
    let object = second(&stage, &[], with_lsps(9)).await;
    let event = parsed(&stage).await;
    let elsewhere = "update dump.capture_dump set capture_ts = '2024-06-01Z', row_version = row_version + 1";
    assert_eq!(stage.execute(elsewhere).await, 1);
    flip(&stage, event).await;
    assert_eq!(stage.state(object).await, "dispatched plan-archive");
    stage.plan().await;
    parse(&stage, &worker(&stage, "w")).await;
    assert_eq!(stage.state(object).await, "done complete");
    assert_eq!(stage.texts(SHOWN).await, ["1 1 COMPLETE 00:00 5", "2 1 COMPLETE 04:15 9"]);
    assert_eq!(stage.count("select count(*) from dump.load").await, 2);
}

#[tokio::test]
async fn a_dump_that_was_still_being_parsed_is_replaced_and_its_object_superseded() {
    let stage = TestStage::start().await;
    let old = planned(&stage, with_lsps(5)).await;
    let stale = stage.take(Stage::ParseMember).await;
    let object = second(&stage, &[], with_lsps(9)).await;
    let event = parsed(&stage).await;
    flip(&stage, event).await;
    assert_eq!(stage.state(old).await, "superseded overwritten");
    assert_eq!(stage.state(object).await, "done complete");
    assert_eq!(stage.texts(SHOWN).await, ["1 1 COMPLETE 04:15 9"]);
    let before = stage.texts(STORED).await;
    assert!(stage.handle(&worker(&stage, "late"), stale).await.is_empty(), "its message is stale");
    assert_eq!(stage.texts(STORED).await, before);
}

#[tokio::test]
async fn a_number_of_the_day_that_another_dump_holds_is_not_taken_twice() {
    let stage = TestStage::start().await;
    first(&stage).await;
    let other = node_text("TMP-AGG-02", 2);
    let other = dump(&[("TMP-AGG-02", &[("CLI_Show_Node.out", other.as_bytes())])]);
    let key = KEY.replace("-031500", "-041500").replace("CHG-1001", "CHG-4004");
    stage.land(&key, &[], other).await;
    stage.plan().await;
    parse(&stage, &worker(&stage, "w")).await;
    stage.execute("update dump.capture_dump set snapshot_seq = 1 where dump_id = 2").await;
    second(&stage, &[], with_lsps(9)).await;
    let event = parsed(&stage).await;
    flip(&stage, event).await;
    assert_eq!(stage.texts(SHOWN).await, ["1 2 COMPLETE 04:15 9", "2 1 COMPLETE 04:15 0"]);
}

#[tokio::test]
async fn of_two_replacements_of_one_dump_the_later_flip_replaces_the_earlier() {
    let stage = TestStage::start().await;
    first(&stage).await;
    second(&stage, &[], with_lsps(9)).await;
    let key = KEY.replace("-031500", "-051500");
    let third = stage.land(&key, &[("overwrite", "true")], with_lsps(7)).await;
    stage.plan().await;
    let event = parsed(&stage).await;
    assert_eq!(event.records.len(), 2);
    assert!(stage.handle(&stage.planner_with(""), event).await.is_empty());
    assert_eq!(stage.texts(SHOWN).await, ["1 1 COMPLETE 05:15 7"]);
    assert_eq!(stage.state(third).await, "done complete");
    assert_eq!(stage.count("select count(*) from dump.load").await, 1);
}
