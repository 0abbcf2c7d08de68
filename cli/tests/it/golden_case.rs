//! What the commands tell of an upload is what a real run stores (specs: dumps 9.5).

use std::collections::BTreeMap;

use chrono::DateTime;
use landfall_local::sample::fixtures::{Fixture, example_small, golden_case};
use landfall_testkit::TestPlatform;
use serde_json::{Map, Value, json};
use sqlx::AssertSqlSafe;

use super::command::landfall;

/// The view of each kind of record.
const VIEWS: [(&str, &str); 11] = [
    ("alarm", "alarm_state_entry"),
    ("dpr", "dpr_entry"),
    ("dpr_link", "dpr_link"),
    ("lsp", "lsp_entry"),
    ("ma_notif", "ma_notif_bucket_count"),
    ("nea_bucket", "nea_bucket_count"),
    ("nea_trace", "nea_trace"),
    ("node", "dump_node"),
    ("router_map", "dpr_router_map"),
    ("three_r_group", "three_r_group"),
    ("three_r_member", "three_r_link"),
];

/// Records or rows by their kind, as texts that are equal where they say the same.
type Said = BTreeMap<String, Vec<String>>;

/// One form for values that mean the same: times by their milliseconds, numbers by their value.
fn plain(value: Value) -> Value {
    match value {
        Value::String(text) => match DateTime::parse_from_rfc3339(&text) {
            Ok(time) => json!(format!("at {}", time.timestamp_millis())),
            Err(_) => Value::String(text),
        },
        Value::Number(number) => json!(number.as_u64().map_or_else(
            || number.as_f64().map(|float| float.to_string()).unwrap(),
            |whole| whole.to_string()
        )),
        Value::Array(values) => values.into_iter().map(plain).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, plain(value))).collect(),
        other => other,
    }
}

fn say(said: &mut Said, kind: &str, fields: Map<String, Value>) {
    said.entry(kind.to_owned()).or_default().push(plain(Value::Object(fields)).to_string());
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(fields) = value else { panic!("{value} is no object") };
    fields
}

/// A printed record as the row that it is to become.
fn say_record(said: &mut Said, line: Value) {
    let mut line = object(line);
    let mut record = object(line.remove("record").unwrap());
    let kind = record.remove("kind").unwrap().as_str().unwrap().to_owned();
    if let Some(Value::Array(members)) = record.remove("members") {
        for member in members {
            let mut fields = object(member);
            fields.extend([
                ("ne".to_owned(), line["ne"].clone()),
                ("group_id".to_owned(), record["group_id"].clone()),
            ]);
            say(said, "three_r_member", fields);
        }
    }
    if kind == "alarm" {
        // The source is the plugin; a time that is not known is stored as 1970-01-01, because it is in the key.
        assert_eq!(record.remove("source"), line.get("plugin").cloned());
        let raised = record.get_mut("raised_at").unwrap();
        if raised.is_null() {
            *raised = json!("1970-01-01T00:00:00Z");
        }
    }
    if kind == "node" {
        line.remove("plugin");
    }
    record.extend(line);
    say(said, &kind, record);
}

/// What the dry run of an archive prints: its records, and the warnings of its summary.
fn dry_run(fixture: &Fixture) -> Said {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(&fixture.file_name), &fixture.bytes).unwrap();
    let args = ["dumps", "dry-run", &fixture.file_name, "--json"];
    let output = landfall(dir.path()).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut summary = lines.pop().unwrap();
    let mut said = Said::new();
    for line in lines {
        say_record(&mut said, line);
    }
    let Value::Array(warnings) = summary["warnings"]["parse"]["kept"].take() else { panic!("no warnings") };
    for warning in warnings {
        say(&mut said, "warning", object(warning));
    }
    sorted(said)
}

fn sorted(mut said: Said) -> Said {
    said.values_mut().for_each(|texts| texts.sort());
    said
}

async fn select(platform: &TestPlatform, sql: String) -> Vec<Value> {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(platform.pool()).await.unwrap()
}

/// What the same upload stores.
async fn real_run(fixture: &Fixture) -> Said {
    let platform = TestPlatform::start().await;
    let key = format!("dumps/acme/core/CHG-1001/{}", fixture.file_name);
    platform.put(&key, &[], fixture.bytes.clone()).await;
    platform.settle().await;
    let mut said = Said::new();
    let names = "array['dump_id', 'load_id', 'ne_id', 'plan_ne']";
    for (kind, table) in VIEWS {
        let rows = format!(
            "select to_jsonb(r) - {names} || jsonb_build_object('ne', n.plan_ne)
             from dump.{table}_current r join dump.dump_node n using (load_id, ne_id)"
        );
        for row in select(&platform, rows).await {
            say(&mut said, kind, object(row));
        }
    }
    let warnings = "select jsonb_build_object('ne', plan_ne, 'plugin', plugin, 'chain_path', chain_path,
            'code', code, 'line', line)
         from dump.parse_warning_current where plugin <> 'plan'";
    for row in select(&platform, warnings.into()).await {
        say(&mut said, "warning", object(row));
    }
    platform.stop().await;
    sorted(said)
}

#[tokio::test]
async fn golden_case_a_dry_run_prints_the_records_and_warnings_that_a_real_run_stores() {
    let fixture = golden_case();
    let stored = real_run(&fixture).await;
    let printed = tokio::task::spawn_blocking(move || dry_run(&fixture)).await.unwrap();
    let kinds: Vec<&str> = VIEWS.iter().map(|(kind, _)| *kind).chain(["warning"]).collect();
    assert_eq!(printed.keys().map(String::as_str).collect::<Vec<_>>(), kinds);
    for kind in kinds {
        assert_eq!(printed[kind], stored[kind], "{kind}");
    }
}

#[tokio::test]
async fn a_warning_is_explained_with_object_place_line_code_and_what_was_expected() {
    let fixture = example_small();
    let (dir, platform) = (tempfile::tempdir().unwrap(), TestPlatform::start().await);
    let key = format!("dumps/acme/core/CHG-1001/{}", fixture.file_name);
    platform.put(&key, &[], fixture.bytes).await;
    platform.settle().await;
    let mut command = landfall(dir.path());
    command.env("DATABASE_URL", platform.database_url()).args(["explain", &key]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("object 1 ") && text.lines().next().unwrap().ends_with(&key), "{text}");
    let told: Vec<&str> = text.lines().filter(|line| line.starts_with(" W_UNPARSED_LINE ")).collect();
    insta::assert_snapshot!(told.join("\n"), @" W_UNPARSED_LINE  HEL-CORE-01  node      19  GMRE_DUMP_CORE_20250118-031500.tgz!/HEL-CORE-01_ECS81-1_ACT/cli/CLI_Show_Node.out    expected a key and its value, or more of what stands before; the line is skipped");
    platform.stop().await;
}
