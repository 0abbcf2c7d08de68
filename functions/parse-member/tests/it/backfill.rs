//! Backfill: one plugin over dumps that readers see already (specs: dumps 7.8).

use std::sync::Arc;

use landfall_archive::{Limits, index_key};
use landfall_domain::Stage;
use landfall_dumps::plugins::{AlarmState, FileEnd, LspPlugin, NodePlugin, Plugin, Reading, Registry};
use landfall_runtime::WORK_BUCKET;
use landfall_store::dump::{BackfillFilter, backfill_candidates};
use landfall_testkit::{Backfilled, TestStage, production};
use parse_member::ParseMember;

use crate::scene::{
    GARBAGE, KEY, NE, alarm_text, dump, hand_on, lsp_text, node_text, noise, parse, planned, whole_dump,
    worker,
};

const LEDGER: &str = "select concat_ws(' ', l.dump_id, p.plan_ne, p.plugin, p.state, p.outcome, p.attempts, p.error_code, p.record_count)
     from dump.plugin_ledger p join dump.load l using (load_id)
     where p.plugin in ('node', 'lsp', 'alarm_state') order by l.dump_id, p.plan_ne, p.priority";
/// All that a backfill of `lsp` must not change.
const OTHERS: &str = "select 'alarm ' || row_to_json(r)::text from dump.alarm_state_entry r
     union all select 'node ' || row_to_json(r)::text from dump.dump_node r
     union all select 'ne ' || row_to_json(r)::text from dump.network_element r
     union all select 'ledger ' || row_to_json(r)::text from dump.plugin_ledger r where plugin <> 'lsp'
     union all select 'warning ' || row_to_json(r)::text from dump.parse_warning r where plugin <> 'lsp'
     union all select 'link ' || row_to_json(r)::text from dump.dump_link r
     order by 1";

/// A system from before the plugin `lsp` was there.
fn without_lsp() -> Arc<Registry> {
    let registry =
        Registry::builder().register(NodePlugin::default()).register(AlarmState::default()).build();
    Arc::new(registry.unwrap())
}

/// Ingests a dump on a system without `lsp`.
async fn ingest_without_lsp(stage: &TestStage, body: Vec<u8>) -> i64 {
    let object = stage.land(KEY, &[], body).await;
    stage.plan_for(without_lsp()).await;
    let worker = ParseMember::new(stage.clients(), without_lsp(), "old", Limits::default());
    parse(stage, &worker).await;
    assert_eq!(stage.state(object).await, "done complete");
    object
}

async fn backfill(stage: &TestStage, plugin: &str, force: bool) -> Vec<Backfilled> {
    stage.backfill(production(), (plugin, force), false).await
}

/// Removes the index of the only archive; gives its key.
async fn delete_index(stage: &TestStage) -> String {
    let sha256: Vec<u8> =
        sqlx::query_scalar("select sha256 from dump.load").fetch_one(stage.pool()).await.unwrap();
    let key = index_key(&sha256.try_into().unwrap());
    stage.clients().objects.delete(WORK_BUCKET, &key, None).await.unwrap();
    key
}

fn queued(done: &[Backfilled]) -> Vec<&str> {
    done.iter().flat_map(|one| &one.queued).map(String::as_str).collect()
}

#[tokio::test]
async fn test_backfill_plugins_integration_a_new_plugin_fills_old_dumps_and_changes_nothing_else() {
    let stage = TestStage::start().await;
    let object = ingest_without_lsp(&stage, whole_dump()).await;
    let (others, before) = (stage.texts(OTHERS).await, stage.fingerprint().await);
    assert_eq!(queued(&stage.backfill(production(), ("lsp", false), true).await), [NE]);
    assert_eq!(stage.fingerprint().await, before, "a dry run writes nothing");
    assert_eq!(queued(&backfill(&stage, "lsp", false).await), [NE]);
    let shown = "select status || ' ' || (load_id is not null) from dump.capture_dump";
    assert_eq!(stage.texts(shown).await, ["COMPLETE true"], "readers go on seeing it");
    parse(&stage, &worker(&stage, "new")).await;
    assert_eq!(stage.count("select count(*) from dump.lsp_entry_current").await, 5);
    assert_eq!(stage.texts(OTHERS).await, others);
    assert_eq!(stage.state(object).await, "done complete");
    let after = stage.fingerprint().await;
    assert!(
        backfill(&stage, "lsp", false).await.iter().all(Backfilled::is_empty),
        "a second run does nothing"
    );
    assert_eq!(stage.fingerprint().await, after);
}

#[tokio::test]
async fn a_small_part_of_the_archive_is_read() {
    let stage = TestStage::start().await;
    let (node, lsp) = (node_text(NE, 1), lsp_text(5));
    let noise = noise(9_000_000);
    let files: [(&str, &[u8]); 4] = [
        ("CLI_Show_Node.out", node.as_bytes()),
        ("core.1", &noise),
        ("CLI_Show_LSP.out", lsp.as_bytes()),
        ("core.2", &noise),
    ];
    ingest_without_lsp(&stage, dump(&[(NE, &files)])).await;
    let done = backfill(&stage, "lsp", false).await;
    let size = stage.count("select source_size from dump.load").await;
    parse(&stage, &worker(&stage, "new")).await;
    let read = stage
        .count("select coalesce(sum(bytes_read), 0)::bigint from ingest.attempt where unit like '% lsp'")
        .await;
    let fetched = read + i64::try_from(done[0].bytes_fetched).unwrap();
    assert!(read > 0 && fetched * 3 < size, "{fetched} of {size} bytes");
    assert_eq!(stage.count("select count(*) from dump.lsp_entry_current").await, 5);
}

#[tokio::test]
async fn test_backfill_plugins_rows_that_are_done_or_open_stay_and_failed_ones_run_again() {
    let stage = TestStage::start().await;
    let broken = node_text("TMP-AGG-02", 2);
    let (node, lsp) = (node_text(NE, 1), lsp_text(5));
    let body = dump(&[
        (NE, &[("CLI_Show_Node.out", node.as_bytes()), ("CLI_Show_LSP.out", lsp.as_bytes())]),
        ("TMP-AGG-02", &[("CLI_Show_Node.out", broken.as_bytes()), ("CLI_Show_LSP.out", GARBAGE.as_bytes())]),
    ]);
    let object = planned(&stage, body).await;
    parse(&stage, &worker(&stage, "w")).await;
    assert_eq!(stage.state(object).await, "done partial");
    assert_eq!(queued(&backfill(&stage, "lsp", false).await), ["TMP-AGG-02"]);
    assert!(queued(&backfill(&stage, "lsp", false).await).is_empty(), "an open row stays as it is");
    parse(&stage, &worker(&stage, "w")).await;
    insta::assert_snapshot!(stage.texts(LEDGER).await.join("\n"), @"
    1 HEL-CORE-01 node DONE ok 1 1
    1 HEL-CORE-01 lsp DONE ok 1 5
    1 HEL-CORE-01 alarm_state DONE missing 0 0
    1 TMP-AGG-02 node DONE ok 1 1
    1 TMP-AGG-02 lsp FAILED failed 3 E_NO_HEADER 0
    1 TMP-AGG-02 alarm_state DONE missing 0 0
    ");
    assert_eq!(stage.state(object).await, "done partial");
}

/// The plugin `lsp` in a later version.
struct NewerLsp(LspPlugin);

impl Plugin for NewerLsp {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn version(&self) -> u32 {
        self.0.version() + 1
    }

    fn priority(&self) -> u32 {
        self.0.priority()
    }

    fn targets(&self) -> &[&'static str] {
        self.0.targets()
    }

    fn requires(&self) -> &[&'static str] {
        self.0.requires()
    }

    fn read(&self, input: &[u8], reading: Reading<'_>) -> FileEnd {
        let mut parsed = self.0.parse(input, reading.context);
        parsed.records.truncate(3);
        hand_on(parsed, reading)
    }
}

#[tokio::test]
async fn test_backfill_plugins_with_force_a_newer_version_replaces_what_the_older_stored() {
    let stage = TestStage::start().await;
    planned(&stage, whole_dump()).await;
    parse(&stage, &worker(&stage, "w")).await;
    let newer = || {
        let builder = Registry::builder().register(NodePlugin::default()).register(AlarmState::default());
        Arc::new(builder.register(NewerLsp(LspPlugin::default())).build().unwrap())
    };
    let others = stage.texts(OTHERS).await;
    assert!(
        queued(&stage.backfill(newer(), ("lsp", false), false).await).is_empty(),
        "without force it is DONE"
    );
    assert_eq!(queued(&stage.backfill(newer(), ("lsp", true), false).await), [NE]);
    let lsps = "select count(*) from dump.lsp_entry_current";
    assert_eq!(stage.count(lsps).await, 5, "until the new commit the old records are there");
    parse(&stage, &ParseMember::new(stage.clients(), newer(), "new", Limits::default())).await;
    assert_eq!(stage.count(lsps).await, 3);
    let version = "select plugin_version::text from dump.plugin_ledger where plugin = 'lsp'";
    assert_eq!(stage.texts(version).await, ["2"]);
    assert_eq!(stage.texts(OTHERS).await, others);
    assert!(queued(&stage.backfill(newer(), ("lsp", true), false).await).is_empty());
}

#[tokio::test]
async fn a_lost_archive_ends_its_row_and_leaves_the_object_what_it_is() {
    let stage = TestStage::unversioned().await;
    let object = ingest_without_lsp(&stage, whole_dump()).await;
    stage.delete(KEY, None).await;
    assert_eq!(backfill(&stage, "lsp", false).await[0].failed, [NE]);
    assert!(stage.take(Stage::ParseMember).await.records.is_empty());
    let row =
        "select concat_ws(' ', state, attempts, error_code) from dump.plugin_ledger where plugin = 'lsp'";
    assert_eq!(stage.texts(row).await, ["FAILED 3 E_SOURCE_MISSING"]);
    assert_eq!(stage.state(object).await, "done partial");
    stage.put(KEY, &[], "another content").await;
    assert_eq!(backfill(&stage, "lsp", false).await[0].failed, [NE]);
    assert_eq!(stage.texts(row).await, ["FAILED 3 E_SOURCE_CHANGED"]);
    assert_eq!(
        stage.count("select count(*) from dump.alarm_state_entry_current where plugin = 'alarm_state'").await,
        5
    );
}

#[tokio::test]
async fn a_lost_archive_without_an_index_is_not_told_to_lack_the_file() {
    let stage = TestStage::unversioned().await;
    ingest_without_lsp(&stage, whole_dump()).await;
    delete_index(&stage).await;
    stage.delete(KEY, None).await;
    let planned = stage.backfill(production(), ("lsp", false), true).await;
    assert_eq!(planned[0].failed, [NE]);
    assert_eq!(backfill(&stage, "lsp", false).await[0].failed, [NE]);
    let row =
        "select concat_ws(' ', state, attempts, error_code) from dump.plugin_ledger where plugin = 'lsp'";
    assert_eq!(stage.texts(row).await, ["FAILED 3 E_SOURCE_MISSING"]);
}

#[tokio::test]
async fn the_same_content_put_again_is_pinned_anew() {
    let stage = TestStage::start().await;
    ingest_without_lsp(&stage, whole_dump()).await;
    let version: String = stage.texts("select source_version_id from dump.load").await.remove(0);
    stage.delete(KEY, Some(&version)).await;
    stage.put(KEY, &[], whole_dump()).await;
    assert_eq!(queued(&backfill(&stage, "lsp", false).await), [NE]);
    assert_ne!(stage.texts("select source_version_id from dump.load").await, [version]);
    parse(&stage, &worker(&stage, "new")).await;
    assert_eq!(stage.count("select count(*) from dump.lsp_entry_current").await, 5);
}

#[tokio::test]
async fn without_an_index_the_archive_is_walked_once_and_leaves_one_behind() {
    let stage = TestStage::start().await;
    ingest_without_lsp(&stage, whole_dump()).await;
    let (objects, key) = (stage.clients().objects, delete_index(&stage).await);
    assert_eq!(queued(&backfill(&stage, "lsp", false).await), [NE]);
    assert!(objects.read_whole(WORK_BUCKET, &key, 1 << 20).await.unwrap().is_some());
    parse(&stage, &worker(&stage, "new")).await;
    assert_eq!(stage.count("select count(*) from dump.lsp_entry_current").await, 5);
}

#[tokio::test]
async fn test_backfill_run_calls_pipeline_once_for_each_dump_of_the_filter_with_the_chosen_plugin_only() {
    let stage = TestStage::start().await;
    for (place, hour) in [("acme/core", 1), ("acme/metro", 2), ("globex/core", 3)] {
        let (node, lsp) = (node_text(NE, 1), lsp_text(hour));
        let body = dump(&[(
            NE,
            &[
                ("CLI_Show_Node.out", node.as_bytes()),
                ("CLI_Show_LSP.out", lsp.as_bytes()),
                ("alarm_state.out", alarm_text()),
            ],
        )]);
        stage.land(&format!("dumps/{place}/CHG-1/GMRE_DUMP_2025011{hour}-031500.tgz"), &[], body).await;
        stage.plan_for(without_lsp()).await;
        parse(&stage, &ParseMember::new(stage.clients(), without_lsp(), "old", Limits::default())).await;
    }
    let filters = [
        (BackfillFilter { customer: Some("acme".into()), ..BackfillFilter::default() }, 2),
        (BackfillFilter { network: Some("core".into()), ..BackfillFilter::default() }, 2),
        (
            BackfillFilter {
                from: Some("2025-01-12T03:15:00Z".parse().unwrap()),
                ..BackfillFilter::default()
            },
            2,
        ),
        (
            BackfillFilter { to: Some("2025-01-12T03:15:00Z".parse().unwrap()), ..BackfillFilter::default() },
            1,
        ),
        (BackfillFilter::default(), 3),
    ];
    for (filter, expected) in filters {
        assert_eq!(backfill_candidates(stage.pool(), &filter).await.unwrap().len(), expected, "{filter:?}");
    }
    backfill(&stage, "lsp", false).await;
    let messages = stage.take(Stage::ParseMember).await;
    let plugins: Vec<serde_json::Value> = messages
        .records
        .iter()
        .map(|m| {
            serde_json::from_str::<serde_json::Value>(m.body.as_ref().unwrap()).unwrap()["body"]["plugins"]
                .clone()
        })
        .collect();
    assert_eq!(plugins, vec![serde_json::json!(["lsp"]); 3]);
    assert!(stage.handle(&worker(&stage, "new"), messages).await.is_empty());
    assert_eq!(stage.count("select count(*) from dump.lsp_entry_current").await, 6);
    let adopted = "update dump.load set adopted = true";
    assert_eq!(stage.execute(adopted).await, 3);
    stage.execute("update dump.plugin_ledger set state = 'FAILED', attempts = 3 where plugin = 'lsp'").await;
    assert!(queued(&backfill(&stage, "lsp", false).await).is_empty(), "adopted dumps are skipped");
}
