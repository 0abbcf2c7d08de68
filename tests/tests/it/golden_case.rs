//! Uploads whose rows are written down in files (specs: dumps 9.2).
//!
//! A test that finds other rows writes them beside its target folder and names the file: whoever has looked at the
//! difference and means it copies that file over the golden one.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use landfall_local::sample::fixtures::{Fixture, example_small, golden_case};
use landfall_testkit::TestPlatform;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

/// The views that readers see.
const VIEWS: [&str; 12] = [
    "alarm_state_entry_current",
    "dpr_entry_current",
    "dpr_link_current",
    "dpr_router_map_current",
    "dump_node_current",
    "lsp_entry_current",
    "ma_notif_bucket_count_current",
    "nea_bucket_count_current",
    "nea_trace_current",
    "parse_warning_current",
    "three_r_group_current",
    "three_r_link_current",
];

/// A platform that has read one upload of ACME and has nothing left to do.
async fn uploaded(fixture: Fixture) -> TestPlatform {
    let platform = TestPlatform::start().await;
    platform.put(&format!("dumps/acme/core/CHG-1001/{}", fixture.file_name), &[], fixture.bytes).await;
    platform.settle().await;
    let books = platform.verify().await;
    assert!(books.closed, "{books:?}");
    platform
}

async fn texts(platform: &TestPlatform, sql: String) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(platform.pool()).await.unwrap()
}

/// The rows of a view: surrogate keys left out, the network element by its key, in the order of their texts.
async fn rows(platform: &TestPlatform, view: &str) -> Vec<String> {
    let numbers = "array['dump_id', 'load_id', 'ne_id']";
    let select = if view == "parse_warning_current" {
        format!("select (to_jsonb(r) - {numbers})::text as row from dump.{view} r")
    } else {
        format!(
            "select (to_jsonb(r) - {numbers} || jsonb_build_object('ne', e.ne_key))::text as row
             from dump.{view} r left join dump.network_element e using (ne_id)"
        )
    };
    texts(platform, format!("select row from ({select}) as t order by row collate \"C\"")).await
}

/// All views as one JSON document with a row on each line.
async fn document(platform: &TestPlatform) -> String {
    let mut document = String::from("{\n");
    for (index, view) in VIEWS.iter().enumerate() {
        let rows = rows(platform, view).await;
        let lines: Vec<String> =
            rows.iter().map(|row| serde_json::from_str::<Value>(row).unwrap().to_string()).collect();
        let comma = if index + 1 < VIEWS.len() { "," } else { "" };
        writeln!(document, "\"{view}\": [\n{}\n]{comma}", lines.join(",\n")).unwrap();
    }
    document.push_str("}\n");
    document
}

/// Compares a document with a golden file; where they differ, says in which lines.
fn assert_golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    if golden == actual {
        return;
    }
    let found = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&found, actual).unwrap();
    let only = |here: &str, there: &str, sign: &str| {
        let lines = here.lines().filter(|line| !there.lines().any(|other| other == *line));
        lines.take(10).map(|line| format!("{sign} {line}\n")).collect::<String>()
    };
    let (lost, new) = (only(&golden, actual, "-"), only(actual, &golden, "+"));
    panic!("{name} differs; what was found is in {}\n{lost}{new}", found.display());
}

#[tokio::test]
async fn test_pipeline_db_golden_case_the_rows_of_all_plugins_equal_the_golden_file() {
    let platform = uploaded(golden_case()).await;
    assert_golden("golden_case_acme_2025-01-18.json", &document(&platform).await);
    platform.stop().await;
}

#[tokio::test]
async fn the_golden_case_looks_at_every_view_and_finds_rows_in_each() {
    let platform = uploaded(golden_case()).await;
    let views = "select table_name::text from information_schema.views
         where table_schema = 'dump' and table_name like '%\\_current' order by table_name collate \"C\"";
    assert_eq!(texts(&platform, views.into()).await, VIEWS);
    for view in VIEWS {
        assert!(!rows(&platform, view).await.is_empty(), "{view}");
    }
    platform.stop().await;
}

#[tokio::test]
async fn test_pipeline_smoke_example_small_runs_through_and_its_counts_equal_the_golden_file() {
    let platform = uploaded(example_small()).await;
    let mut counts = BTreeMap::new();
    for view in VIEWS {
        counts.insert(view, rows(&platform, view).await.len());
    }
    let ledger = "select concat_ws(' ', plan_ne, plugin, state, outcome, record_count, warning_count)
         from dump.plugin_ledger order by priority, plan_ne";
    let tries = "select concat_ws(' ', stage, unit, outcome) from ingest.attempt order by attempt_id";
    let life = "select to_state from ingest.event_log order by event_id";
    let document = json!({
        "rows": counts,
        "ledger": texts(&platform, ledger.into()).await,
        "states": texts(&platform, life.into()).await,
        "tries": texts(&platform, tries.into()).await,
    });
    assert_golden("golden_counts_example_small.json", &format!("{document:#}\n"));
    platform.stop().await;
}
