//! Verdicts end to end: link, skip, resume, overwrite, replay (specs: dumps 7.2 to 7.5).

use landfall_domain::{ObjectId, Reason, Run, Stage, State};
use landfall_local::sample::fixtures::{example_two_nodes, origin_a};
use landfall_store::object::{self, Move};
use landfall_testkit::{TestStage, sqs_event};

use crate::scene::{FOLDER, first_dump, land, lenient, plan, planner};

/// Ends the load of the first dump as if its workers had done all.
async fn complete(stage: &TestStage) {
    stage.take(Stage::ParseMember).await;
    stage
        .execute("update dump.plugin_ledger set state = 'DONE', outcome = 'ok' where state = 'PENDING'")
        .await;
    stage.execute("update dump.load set open_units = 0, status = 'COMPLETE'").await;
    stage
        .execute(
            "update dump.capture_dump set load_id = (select load_id from dump.load), status = 'COMPLETE'",
        )
        .await;
    stage
        .execute("update ingest.object set state = 'done', reason = 'complete' where state = 'dispatched'")
        .await;
    stage
        .execute(
            "update ingest.event_log set to_state = 'done', reason = 'complete' where from_state is null",
        )
        .await;
}

/// What `landfall replay` does to an object.
pub async fn replay(stage: &TestStage, object_id: i64) {
    let mut conn = stage.pool().acquire().await.unwrap();
    let object = object::lock(&mut conn, ObjectId(object_id)).await.unwrap().unwrap();
    let run = Run(object.run.0 + 1);
    let to = Move { to: State::Dispatched, reason: Reason::new("replay"), run };
    object::transition(&mut conn, &object, &to, stage.now()).await.unwrap();
    let body = landfall_domain::PlanArchive::of(ObjectId(object_id), run);
    let event = sqs_event(&[landfall_domain::Envelope::new(body).encode().unwrap()]);
    assert!(stage.handle(&planner(stage, lenient()), event).await.is_empty());
}

#[tokio::test]
async fn equal_bytes_under_another_ticket_are_linked_and_not_parsed() {
    let stage = TestStage::start().await;
    first_dump(&stage).await;
    complete(&stage).await;
    let object =
        land(&stage, "dumps/acme/core/CHG-2002", &[("hc-id", "HC-0042")], &example_two_nodes()).await;
    plan(&stage, lenient()).await;
    assert_eq!(stage.state(object).await, "done linked");
    let links = "select ticket || ' ' || hc_id from dump.dump_link order by ticket";
    assert_eq!(stage.texts(links).await, ["CHG-1001 ", "CHG-2002 HC-42"]);
    assert!(stage.take(Stage::ParseMember).await.records.is_empty());
    assert_eq!(stage.count("select row_version from dump.capture_dump").await, 3, "each link is a change");
}

#[tokio::test]
async fn test_sha_duplicate_behaviour_equal_bytes_under_another_name_are_skipped_and_not_parsed() {
    let stage = TestStage::start().await;
    let first = first_dump(&stage).await;
    complete(&stage).await;
    let fixture = example_two_nodes();
    let again = stage.land(&format!("{FOLDER}/copy_{}", fixture.file_name), &[], fixture.bytes).await;
    plan(&stage, lenient()).await;
    assert_eq!(stage.state(again).await, "duplicate duplicate");
    let text = stage.reason_text(again).await;
    assert!(text.ends_with(&format!("first seen as object {first}")), "{text}");
    assert_eq!(stage.count("select count(*) from dump.load").await, 1);
    assert_eq!(stage.count("select count(content_sha256) from ingest.object").await, 2);
    assert!(stage.take(Stage::ParseMember).await.records.is_empty(), "nothing is parsed");
}

#[tokio::test]
async fn test_sha_different_creates_new_dump_where_one_byte_differs_outside_all_guards() {
    let stage = TestStage::start().await;
    let mut fixture = example_two_nodes();
    let state = "select state || ' ' || outcome from ingest.object join ingest.step using (object_id)
         order by object_id";
    for time in ["2025-01-18T03:00:00Z", "2025-01-19T03:00:00Z"] {
        land(&stage, FOLDER, &[("capture-ts", time)], &fixture).await;
        plan(&stage, lenient()).await;
        // The operating system in the gzip header: the tar inside stays the same.
        *fixture.bytes.get_mut(9).unwrap() ^= 1;
    }
    assert_eq!(stage.texts(state).await, ["dispatched CREATE"; 2]);
    assert_eq!(stage.count("select count(*) from dump.archive_sha256").await, 2);
    assert_eq!(stage.count("select count(*) from dump.capture_dump").await, 2);
}

#[tokio::test]
async fn test_sha_duplicate_policy_of_two_ingests_at_the_same_time_one_creates_and_one_is_skipped() {
    let stage = TestStage::start().await;
    let fixture = origin_a();
    stage.land(&format!("{FOLDER}/{}", fixture.file_name), &[], fixture.bytes.clone()).await;
    let first = stage.take(Stage::PlanArchive).await;
    stage.land(&format!("{FOLDER}/copy_{}", fixture.file_name), &[], fixture.bytes).await;
    let second = stage.take(Stage::PlanArchive).await;
    let (left, right) = (planner(&stage, lenient()), planner(&stage, lenient()));
    let (a, b) = tokio::join!(stage.handle(&left, first), stage.handle(&right, second));
    assert!(a.is_empty() && b.is_empty());
    let verdicts = "select outcome from ingest.step where stage = 'plan-archive' order by outcome";
    assert_eq!(stage.texts(verdicts).await, ["CREATE", "SKIP"]);
    assert_eq!(stage.count("select count(*) from dump.archive_sha256").await, 1);
    assert_eq!(stage.count("select count(*) from dump.capture_dump").await, 1);
}

#[tokio::test]
async fn a_replay_that_changes_nothing_gives_the_object_its_state_back() {
    let stage = TestStage::start().await;
    let first = first_dump(&stage).await;
    complete(&stage).await;
    replay(&stage, first).await;
    assert_eq!(stage.state(first).await, "done complete");
    assert_eq!(stage.texts("select run::text from ingest.object").await, ["2"]);
    assert_eq!(stage.count("select count(*) from dump.load").await, 1);
    assert!(stage.take(Stage::ParseMember).await.records.is_empty());
}

#[tokio::test]
async fn a_replay_of_work_that_was_given_up_goes_on_under_a_new_plan() {
    let stage = TestStage::start().await;
    let first = first_dump(&stage).await;
    let old: Vec<String> =
        stage.texts("select distinct plan_id::text from dump.plugin_ledger where state = 'PENDING'").await;
    stage.take(Stage::ParseMember).await;
    stage.execute("update ingest.object set state = 'failed', reason = 'receives_used_up'").await;
    replay(&stage, first).await;
    assert_eq!(stage.state(first).await, "dispatched replay");
    let new =
        stage.texts("select distinct plan_id::text from dump.plugin_ledger where state = 'PENDING'").await;
    assert_eq!((old.len(), new.len()), (1, 1));
    assert_ne!(old, new);
    assert_eq!(stage.take(Stage::ParseMember).await.records.len(), 2);
    assert_eq!(stage.count("select count(*) from dump.load where run = 2").await, 1);
}

#[tokio::test]
async fn a_load_whose_source_was_lost_goes_on_from_the_same_content_under_another_key() {
    let stage = TestStage::start().await;
    let first = first_dump(&stage).await;
    stage.take(Stage::ParseMember).await;
    stage
        .execute(
            "update dump.plugin_ledger set state = 'FAILED', outcome = 'failed', attempts = 3,
                error_code = 'E_SOURCE_MISSING' where state = 'PENDING' and plan_ne like 'HEL%'",
        )
        .await;
    stage
        .execute("update dump.plugin_ledger set state = 'DONE', outcome = 'ok' where state = 'PENDING'")
        .await;
    stage.execute("update dump.load set open_units = 0, status = 'PARTIAL'").await;
    stage
        .execute("update dump.capture_dump set load_id = (select load_id from dump.load), status = 'PARTIAL'")
        .await;
    stage.execute("update ingest.object set state = 'gone', reason = 'E_SOURCE_MISSING'").await;

    let fixture = example_two_nodes();
    let again = stage.land(&format!("{FOLDER}/again_{}", fixture.file_name), &[], fixture.bytes).await;
    plan(&stage, lenient()).await;
    assert_eq!(stage.state(again).await, "dispatched plan-archive");
    assert_eq!(stage.state(first).await, "gone E_SOURCE_MISSING");
    let open = "select concat_ws(' ', plan_ne, plugin, state, attempts, error_code) from dump.plugin_ledger
         where plugin in ('node', 'lsp', 'alarm_state') order by plan_ne, priority";
    insta::assert_snapshot!(stage.texts(open).await.join("\n"), @"
    HEL-CORE-01 node PENDING 0
    HEL-CORE-01 lsp PENDING 0
    HEL-CORE-01 alarm_state PENDING 0
    TMP-AGG-02 node DONE 0
    TMP-AGG-02 lsp DONE 0
    TMP-AGG-02 alarm_state DONE 0
    ");
    let source = "select split_part(source_key, '/', 5) || ' ' || open_units from dump.load";
    assert_eq!(stage.texts(source).await, [format!("again_{} 3", example_two_nodes().file_name)]);
    assert_eq!(stage.take(Stage::ParseMember).await.records.len(), 1, "only what lost its source");
    assert_eq!(stage.texts("select status from dump.capture_dump").await, ["PARTIAL"], "it stays visible");
}

#[tokio::test]
async fn overwriting_with_equal_bytes_fills_a_load_beside_the_one_that_is_shown() {
    let stage = TestStage::start().await;
    first_dump(&stage).await;
    complete(&stage).await;
    let shown = "select load_id || ' ' || row_version from dump.capture_dump";
    let before = stage.texts(shown).await;
    let object = land(&stage, FOLDER, &[("overwrite", "true")], &example_two_nodes()).await;
    plan(&stage, lenient()).await;
    assert_eq!(stage.state(object).await, "dispatched plan-archive");
    assert_eq!(stage.texts(shown).await, before, "what readers see stays");
    let loads = "select concat_ws(' ', status, replaces = 1, base_version) from dump.load order by load_id";
    assert_eq!(stage.texts(loads).await, ["COMPLETE", "RUNNING t 2"]);
    assert_eq!(stage.count("select load_id from dump.archive_sha256").await, 1, "until the flip");
    assert_eq!(stage.take(Stage::ParseMember).await.records.len(), 2);
}

#[tokio::test]
async fn equal_bytes_of_another_customer_are_refused_without_naming_anybody() {
    let stage = TestStage::start().await;
    first_dump(&stage).await;
    let object = land(&stage, "dumps/globex/metro/CHG-3003", &[], &example_two_nodes()).await;
    plan(&stage, lenient()).await;
    assert_eq!(stage.state(object).await, "rejected sha_customer_conflict");
    let told = stage.reason_text(object).await.to_lowercase();
    assert!(!["acme", "core", "chg-1001"].iter().any(|secret| told.contains(secret)), "{told}");
    let customers = stage.texts("select customer_key from dump.customer").await;
    assert_eq!(customers, ["acme"], "a refused upload makes no customer");
}

#[tokio::test]
async fn of_two_uploads_of_one_content_at_two_networks_at_the_same_time_one_is_created() {
    let stage = TestStage::start().await;
    let one = land(&stage, "dumps/acme/core/CHG-1", &[], &origin_a()).await;
    let event_one = stage.take(Stage::PlanArchive).await;
    let two = land(&stage, "dumps/acme/metro/CHG-1", &[], &origin_a()).await;
    let event_two = stage.take(Stage::PlanArchive).await;
    let (left, right) = (planner(&stage, lenient()), planner(&stage, lenient()));
    let (a, b) = tokio::join!(stage.handle(&left, event_one), stage.handle(&right, event_two));
    assert!(a.is_empty() && b.is_empty());
    let mut states = vec![stage.state(one).await, stage.state(two).await];
    states.sort();
    assert_eq!(states, ["dispatched plan-archive", "rejected sha_network_conflict"]);
    assert_eq!(stage.count("select count(*) from dump.archive_sha256").await, 1);
}
