//! What the pass finds: limits, damage, nothing to read, lost versions.

use landfall_archive::Limits;
use landfall_domain::Stage;
use landfall_dumps::plan::PlanOptions;
use landfall_local::sample::fixtures::{example_no_targets, example_truncated_outer, example_two_nodes};
use landfall_testkit::TestStage;
use plan_archive::Rules;

use crate::scene::{FOLDER, land, lenient, plan, planner};

fn limited(limits: Limits) -> Rules {
    Rules { limits, ..lenient() }
}

#[tokio::test]
async fn archives_beyond_a_limit_are_quarantined_without_a_digest() {
    let stage = TestStage::start().await;
    let all = Limits::default;
    let limits = [
        Limits { entries: 3, ..all() },
        Limits { total_bytes: 4_096, ..all() },
        Limits { ratio: 1, ratio_floor_bytes: 1, ..all() },
    ];
    for (number, limits) in limits.into_iter().enumerate() {
        land(&stage, &format!("dumps/acme/core/CHG-{number}00"), &[], &example_two_nodes()).await;
        plan(&stage, limited(limits)).await;
    }
    let ends = "select concat_ws(' ', state, reason, encode(content_sha256, 'hex')) from ingest.object order by object_id";
    assert_eq!(
        stage.texts(ends).await,
        ["quarantined E_MEMBER_LIMIT", "quarantined E_TOTAL_LIMIT", "quarantined E_BOMB"]
    );
    assert_eq!(stage.count("select count(*) from dump.capture_dump").await, 0);
    assert_eq!(
        stage.texts("select distinct outcome from ingest.attempt where stage = 'plan-archive'").await,
        ["quarantine"]
    );
}

#[tokio::test]
async fn what_is_no_archive_is_quarantined() {
    let stage = TestStage::start().await;
    for (name, body) in [("empty", ""), ("text", "hello"), ("zip", "PK\u{3}\u{4}zipzip")] {
        let object = stage.land(&format!("{FOLDER}/{name}.tgz"), &[], body).await;
        plan(&stage, lenient()).await;
        assert_eq!(stage.state(object).await, "quarantined E_NOT_ARCHIVE", "{name}");
    }
    assert_eq!(stage.count("select count(content_sha256) from ingest.object").await, 0);
}

#[tokio::test]
async fn an_archive_without_targets_was_read_whole_and_has_its_digest() {
    let stage = TestStage::start().await;
    let object = land(&stage, FOLDER, &[], &example_no_targets()).await;
    plan(&stage, lenient()).await;
    assert_eq!(stage.state(object).await, "quarantined E_NO_TARGETS");
    assert_eq!(stage.count("select count(content_sha256) from ingest.object").await, 1);
    assert_eq!(stage.count("select count(*) from dump.capture_dump").await, 0);
}

#[tokio::test]
async fn test_reader_early_exit_is_not_for_the_planning_pass_which_reads_to_the_end() {
    let stage = TestStage::start().await;
    let fixture = example_two_nodes();
    land(&stage, FOLDER, &[], &fixture).await;
    plan(&stage, lenient()).await;
    let read = stage.count("select bytes_read from ingest.attempt where stage = 'plan-archive'").await;
    assert_eq!(usize::try_from(read).unwrap(), fixture.bytes.len());
}

#[tokio::test]
async fn a_damaged_outer_object_is_planned_as_far_as_it_is_whole() {
    let stage = TestStage::start().await;
    let object = land(&stage, FOLDER, &[], &example_truncated_outer()).await;
    plan(&stage, lenient()).await;
    assert_eq!(stage.state(object).await, "dispatched plan-archive");
    assert_eq!(stage.count("select count(*) from dump.load where not outer_whole").await, 1);
    let broken = "select plan->'outer_end'->'broken'->>'text' from dump.load";
    assert!(stage.texts(broken).await.concat().contains("byte"), "the break names its place");
}

#[tokio::test]
async fn a_file_over_the_spool_limit_is_born_failed_and_says_so() {
    let stage = TestStage::start().await;
    land(&stage, FOLDER, &[], &example_two_nodes()).await;
    let options = PlanOptions { spool_limit: 1_000, ..PlanOptions::default() };
    plan(&stage, Rules { options, ..lenient() }).await;
    let rows = "select concat_ws(' ', plan_ne, plugin, state, attempts, error_code) from dump.plugin_ledger
         where plugin in ('node', 'lsp', 'alarm_state') order by plan_ne, priority";
    insta::assert_snapshot!(stage.texts(rows).await.join("\n"), @"
    HEL-CORE-01 node PENDING 0
    HEL-CORE-01 lsp PENDING 0
    HEL-CORE-01 alarm_state FAILED 3 E_SPOOL_LIMIT
    TMP-AGG-02 node PENDING 0
    TMP-AGG-02 lsp PENDING 0
    TMP-AGG-02 alarm_state PENDING 0
    ");
    let open = "select l.open_units - (select count(*) from dump.plugin_ledger where state = 'PENDING') from dump.load l";
    assert_eq!(stage.count(open).await, 0);
}

#[tokio::test]
async fn a_load_that_is_born_without_open_rows_ends_in_the_plans_own_commit() {
    let stage = TestStage::start().await;
    let object = land(&stage, FOLDER, &[], &example_two_nodes()).await;
    let options = PlanOptions { spool_limit: 1, ..PlanOptions::default() };
    plan(&stage, Rules { options, ..lenient() }).await;
    assert_eq!(stage.state(object).await, "quarantined E_SPOOL_LIMIT");
    assert_eq!(stage.texts("select status from dump.load").await, ["FAILED"]);
    assert_eq!(stage.texts("select status from dump.capture_dump where load_id is null").await, ["FAILED"]);
    assert!(stage.take(Stage::ParseMember).await.records.is_empty());
}

#[tokio::test]
async fn one_message_goes_to_each_element_with_its_open_plugins_in_order() {
    let stage = TestStage::start().await;
    land(&stage, FOLDER, &[], &example_two_nodes()).await;
    plan(&stage, lenient()).await;
    let asked = "select concat_ws(' ', subject, body::jsonb->'body'->>'plugins') from ops.outbox
         where stage = 'parse-member' order by id";
    insta::assert_snapshot!(stage.texts(asked).await.join("\n"), @r#"
    load 1 ne HEL-CORE-01 ["node", "lsp", "alarm_state"]
    load 1 ne TMP-AGG-02 ["node", "lsp", "alarm_state"]
    "#);
}

#[tokio::test]
async fn a_version_that_was_overwritten_or_removed_before_it_was_read_is_told_apart() {
    let stage = TestStage::unversioned().await;
    let replaced = stage.land(&format!("{FOLDER}/a.tgz"), &[], "a").await;
    let event = stage.take(Stage::PlanArchive).await;
    stage.put(&format!("{FOLDER}/a.tgz"), &[], "b").await;
    assert!(stage.handle(&planner(&stage, lenient()), event).await.is_empty());
    assert_eq!(stage.state(replaced).await, "superseded replaced");

    let removed = stage.land(&format!("{FOLDER}/b.tgz"), &[], "a").await;
    stage.delete(&format!("{FOLDER}/b.tgz"), None).await;
    plan(&stage, lenient()).await;
    assert_eq!(stage.state(removed).await, "gone gone");
    assert_eq!(
        stage.texts("select key from ingest.object where not present").await,
        [format!("{FOLDER}/b.tgz")]
    );
}

#[tokio::test]
async fn in_a_versioned_bucket_the_version_is_read_on_though_the_key_has_another_one() {
    let stage = TestStage::start().await;
    let fixture = example_two_nodes();
    let object = land(&stage, FOLDER, &[], &fixture).await;
    stage.put(&format!("{FOLDER}/{}", fixture.file_name), &[], "another").await;
    plan(&stage, lenient()).await;
    assert_eq!(stage.state(object).await, "dispatched plan-archive");
}

#[tokio::test]
async fn messages_to_parse_member_are_of_the_tenant_that_is_their_load() {
    let stage = TestStage::start().await;
    land(&stage, FOLDER, &[], &example_two_nodes()).await;
    plan(&stage, lenient()).await;
    let tenants = "select stage || ' ' || tenant || ' ' || count(*) from ops.outbox group by stage, tenant";
    let load = stage.count("select load_id from dump.load").await;
    assert_eq!(stage.texts(tenants).await, [format!("parse-member load-{load} 2")]);
}
