//! `landfall dumps`: plans and dry runs of generated archives, without a database.

use std::fmt::Write;
use std::path::Path;

use landfall_local::sample::fixtures::{
    self, Fixture, example_corrupt_inner, example_no_targets, example_small, example_spool_limit,
    example_truncated_outer, example_two_nodes,
};
use serde_json::Value;

use super::command::{json, landfall, told};

/// Writes an archive into a folder, with a fixed time of upload.
fn write(dir: &Path, fixture: &Fixture) -> String {
    let path = dir.join(&fixture.file_name);
    std::fs::write(&path, &fixture.bytes).unwrap();
    fixture.file_name.clone()
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_plan_shows_chains_files_ledger_rows_and_totals() {
    let dir = tempfile::tempdir().unwrap();
    let name = write(dir.path(), &example_small());
    let output = landfall(dir.path()).args(["dumps", "plan", &name]).output().unwrap();
    insta::assert_snapshot!(told(&output, dir.path()), @r"
    exit 0
    GMRE_DUMP_CORE_20250118-031500.tgz
      sha256    377880331dbecf2774c9af1fc0ef57831a79c561e0a26cc050fd3a19cbea514f
      bytes     830 B read, 4.61 kB inflated, 2 entries
      captured  2025-01-18T03:15:00Z, to the second, from name
      end       whole

    Catalogue
     SIZE  CRC       PLUGINS        TARGET FILE
     1258  84b3dcc4  dpr_db,dpr_3r  HEL-CORE-01_ECS81-1_ACT/cli/CLI_Show_DPR_DB.out
      696  effe3e7e  node           HEL-CORE-01_ECS81-1_ACT/cli/CLI_Show_Node.out

    HEL-CORE-01: chain GMRE_DUMP_CORE_20250118-031500.tgz!/HEL-CORE-01_ECS81-1_ACT
     PLUGIN                  BORN            FILE
     node                    PENDING         GMRE_DUMP_CORE_20250118-031500.tgz!/HEL-CORE-01_ECS81-1_ACT/cli/CLI_Show_Node.out
     dpr_db                  PENDING         GMRE_DUMP_CORE_20250118-031500.tgz!/HEL-CORE-01_ECS81-1_ACT/cli/CLI_Show_DPR_DB.out
     lsp                     DONE (missing)
     nea_trace               DONE (missing)
     nea_bucket_counts       DONE (missing)
     ma_notif_bucket_counts  DONE (missing)
     alarm_state             DONE (missing)
     dpr_3r                  PENDING         GMRE_DUMP_CORE_20250118-031500.tgz!/HEL-CORE-01_ECS81-1_ACT/cli/CLI_Show_DPR_DB.out
     dpr_links               DONE (missing)
     dpr_router_map          DONE (missing)
     alarm_state_legacy      DONE (missing)

    Index: 223 B, 1 archives, 0 checkpoints
     NE           FILES  REQUESTS  FETCHED BYTES  RECIPE BYTES
     HEL-CORE-01      2         1            822            32

    Totals
      2 files, 2 targets, 0 lost to damage; 2 to be read, 1.95 kB
      ledger rows: 3 open, 8 missing, 0 over the spool limit
    ---
    ");
}

#[test]
fn a_member_is_printed_by_its_path_or_by_an_end_of_it_that_no_other_has() {
    let dir = tempfile::tempdir().unwrap();
    let name = write(dir.path(), &example_small());
    let cat = |member: &str| landfall(dir.path()).args(["dumps", "cat", &name, member]).output().unwrap();
    let whole = cat("HEL-CORE-01_ECS81-1_ACT/cli/CLI_Show_Node.out");
    assert_eq!((whole.status.code(), crc32fast::hash(&whole.stdout)), (Some(0), 0xeffe_3e7e));
    let path = format!("{name}!/HEL-CORE-01_ECS81-1_ACT/cli/CLI_Show_Node.out");
    for named in ["CLI_Show_Node.out", "cli/CLI_Show_Node.out", &path] {
        assert_eq!(cat(named).stdout, whole.stdout, "{named}");
    }
    let args = ["dumps", "cat", &name, "CLI_Show_Node.out", "-o", "node.txt"];
    let output = landfall(dir.path()).args(args).output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty());
    assert_eq!(std::fs::read(dir.path().join("node.txt")).unwrap(), whole.stdout);
}

#[test]
fn a_name_that_no_member_or_several_have_is_answered_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let name = write(dir.path(), &example_two_nodes());
    let cat = |member: &str| {
        let output = landfall(dir.path()).args(["dumps", "cat", &name, member]).output().unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{member}");
        String::from_utf8(output.stderr).unwrap()
    };
    insta::assert_snapshot!(cat("Show_Node.out"), @r#"
    error: the archive has no member "Show_Node.out"
    `--list` shows what it has
    "#);
    let several = cat("CLI_Show_Node.out");
    assert!(several.contains("members end in \"CLI_Show_Node.out\":"), "{several}");
    assert!(several.contains("name one of them by its whole path"), "{several}");
}

#[test]
fn the_list_of_members_has_all_files_and_archives() {
    let dir = tempfile::tempdir().unwrap();
    let name = write(dir.path(), &example_small());
    let output = landfall(dir.path()).args(["dumps", "cat", &name, "--list"]).output().unwrap();
    insta::assert_snapshot!(told(&output, dir.path()), @r"
    exit 0
     SIZE  CRC       KIND  MEMBER
      696  effe3e7e  file  HEL-CORE-01_ECS81-1_ACT/cli/CLI_Show_Node.out
     1258  84b3dcc4  file  HEL-CORE-01_ECS81-1_ACT/cli/CLI_Show_DPR_DB.out
    ---
    ");
    let name = write(dir.path(), &example_two_nodes());
    let output = landfall(dir.path()).args(["dumps", "cat", &name, "--list", "--json"]).output().unwrap();
    let kinds: Vec<String> = json(&output)["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| member["kind"].as_str().unwrap().to_owned())
        .collect();
    assert!(kinds.iter().any(|kind| kind == "archive") && kinds.iter().any(|kind| kind == "file"));
}

#[test]
fn a_plan_as_json_is_the_plan_that_would_be_stored() {
    let dir = tempfile::tempdir().unwrap();
    let name = write(dir.path(), &example_two_nodes());
    let output = landfall(dir.path()).args(["dumps", "plan", &name, "--json"]).output().unwrap();
    let found = json(&output);
    let nes: Vec<&Value> = found["plan"]["nes"].as_array().unwrap().iter().map(|ne| &ne["ne"]).collect();
    insta::assert_compact_json_snapshot!(nes, @r#"["HEL-CORE-01", "TMP-AGG-02"]"#);
    assert_eq!(
        found["catalogue"].as_array().unwrap().len() as u64,
        found["counts"]["target_files"].as_u64().unwrap()
    );
    assert_eq!(found["bytes_read"], example_two_nodes().bytes.len());
    assert!(found["bytes_inflated"].as_u64() > found["bytes_read"].as_u64());
}

#[test]
fn a_stated_capture_time_wins_over_the_name() {
    let dir = tempfile::tempdir().unwrap();
    let name = write(dir.path(), &example_small());
    let mut command = landfall(dir.path());
    let output = command
        .args(["dumps", "plan", &name, "--json", "--capture-ts", "2024-02-03T04:05:06Z"])
        .output()
        .unwrap();
    let plan = &json(&output)["plan"];
    assert_eq!(plan["capture_ts"], "2024-02-03T04:05:06Z");
    assert_eq!(plan["capture_ts_source"], "meta");
}

#[test]
fn a_dry_run_tells_the_outcome_of_every_plugin() {
    let dir = tempfile::tempdir().unwrap();
    let name = write(dir.path(), &example_two_nodes());
    let output = landfall(dir.path()).args(["dumps", "dry-run", &name]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @r"
    NE           PLUGIN                  OUTCOME  RECORDS  WARNINGS  ERROR
    HEL-CORE-01  node                    partial  1        1
    HEL-CORE-01  dpr_db                  missing  0        0
    HEL-CORE-01  lsp                     partial  3        3
    HEL-CORE-01  nea_trace               missing  0        0
    HEL-CORE-01  nea_bucket_counts       missing  0        0
    HEL-CORE-01  ma_notif_bucket_counts  missing  0        0
    HEL-CORE-01  alarm_state             partial  5        3
    HEL-CORE-01  dpr_3r                  missing  0        0
    HEL-CORE-01  dpr_links               missing  0        0
    HEL-CORE-01  dpr_router_map          missing  0        0
    HEL-CORE-01  alarm_state_legacy      missing  0        0
    TMP-AGG-02   node                    partial  1        3
    TMP-AGG-02   dpr_db                  missing  0        0
    TMP-AGG-02   lsp                     partial  4        4
    TMP-AGG-02   nea_trace               missing  0        0
    TMP-AGG-02   nea_bucket_counts       missing  0        0
    TMP-AGG-02   ma_notif_bucket_counts  missing  0        0
    TMP-AGG-02   alarm_state             partial  2        2
    TMP-AGG-02   dpr_3r                  missing  0        0
    TMP-AGG-02   dpr_links               missing  0        0
    TMP-AGG-02   dpr_router_map          missing  0        0
    TMP-AGG-02   alarm_state_legacy      missing  0        0
    ");
}

#[test]
fn a_dry_run_prints_records_in_order_and_one_summary() {
    let dir = tempfile::tempdir().unwrap();
    let name = write(dir.path(), &example_two_nodes());
    let output = landfall(dir.path()).args(["dumps", "dry-run", &name]).output().unwrap();
    let lines = lines(&output.stdout);
    let (summary, records) = lines.split_last().unwrap();
    let place = |line: &Value| -> (String, usize, String) {
        let text = |name: &str| line[name].as_str().unwrap().to_owned();
        let priority = ["node", "lsp", "alarm_state"].iter().position(|p| *p == text("plugin")).unwrap();
        (text("ne"), priority, text("chain_path"))
    };
    assert!(records.is_sorted_by_key(place));
    let counted: u64 =
        summary["outcomes"].as_array().unwrap().iter().map(|o| o["records"].as_u64().unwrap()).sum();
    assert_eq!(counted, records.len() as u64);
    insta::assert_json_snapshot!(records.first().unwrap(), @r#"
    {
      "chain_path": "GMRE_DUMP_CORE_20250202-031500.tgz!/HEL-CORE-01_20250202-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250202.tgz!/EC1830-81-1-ACT/cli/CLI_Show_Node.out",
      "ne": "HEL-CORE-01",
      "plugin": "node",
      "record": {
        "admin_state": "UP",
        "area_id": "0.0.0.0",
        "kind": "node",
        "mgmt_ip": "172.20.10.1",
        "mgmt_ip_source": "reported",
        "ne_key": "name:HEL-CORE-01",
        "ne_name": "HEL-CORE-01",
        "ne_type": "1830 PSS-32",
        "network_version": "14.1-2",
        "oper_state": "UP",
        "router_id": "10.20.0.1",
        "uptime_s": 1048447,
        "version": "14.1-2",
        "version_build": "0452",
        "version_raw": "R 14.1-2 (build 0452)"
      }
    }
    "#);
    assert_eq!(summary["plan"]["capture_ts"], summary["capture_ts"]);
}

#[test]
fn two_dry_runs_of_equal_bytes_are_equal() {
    let dir = tempfile::tempdir().unwrap();
    let name = write(dir.path(), &example_two_nodes());
    let run = || landfall(dir.path()).args(["dumps", "dry-run", &name, "--json"]).output().unwrap().stdout;
    assert_eq!(run(), run());
}

#[test]
fn one_plugin_alone_gives_the_same_records_as_among_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let name = write(dir.path(), &example_two_nodes());
    let run = |args: &[&str]| {
        let output =
            landfall(dir.path()).args(["dumps", "dry-run", &name, "--json"]).args(args).output().unwrap();
        let mut lines = lines(&output.stdout);
        lines.pop();
        lines
    };
    let all = run(&[]);
    for plugin in ["node", "lsp", "alarm_state"] {
        let wanted: Vec<&Value> = all.iter().filter(|line| line["plugin"] == plugin).collect();
        assert!(!wanted.is_empty(), "{plugin}");
        let alone = run(&["--only", plugin]);
        assert_eq!(alone.iter().collect::<Vec<_>>(), wanted, "{plugin}");
    }
}

#[test]
fn exit_codes_tell_damage_from_uselessness() {
    let dir = tempfile::tempdir().unwrap();
    let mut table = String::new();
    let not_archive =
        Fixture { name: "a_log_file", file_name: "log.tgz".into(), bytes: b"just a log\n".repeat(90) };
    let empty = Fixture { name: "an_empty_file", file_name: "empty.tgz".into(), bytes: Vec::new() };
    let fixtures = [
        example_small(),
        example_corrupt_inner(),
        example_truncated_outer(),
        example_spool_limit(),
        example_no_targets(),
        not_archive,
        empty,
    ];
    for fixture in fixtures {
        let name = write(dir.path(), &fixture);
        let code = |command: &str| {
            let output = landfall(dir.path()).args(["dumps", command, &name, "--json"]).output().unwrap();
            let error = String::from_utf8(output.stderr).unwrap();
            let error = error.lines().next().map(|line| format!(" {line}")).unwrap_or_default();
            (output.status.code().unwrap(), error)
        };
        let (planned, _) = code("plan");
        let (run, error) = code("dry-run");
        writeln!(table, "{:<24} plan {planned} dry-run {run}{error}", fixture.name).unwrap();
    }
    insta::assert_snapshot!(table, @r"
    example_small            plan 0 dry-run 0
    example_corrupt_inner    plan 0 dry-run 0
    example_truncated_outer  plan 6 dry-run 6
    example_spool_limit      plan 0 dry-run 6
    example_no_targets       plan 4 dry-run 4 error: E_NO_TARGETS: GMRE_DUMP_CORE_20250207-031500.tgz: no whole target file among 3 files
    a_log_file               plan 4 dry-run 4 error: log.tgz: E_NOT_ARCHIVE: not an archive: neither gzip nor tar: no known format
    an_empty_file            plan 4 dry-run 4 error: empty.tgz: E_NOT_ARCHIVE: not an archive: empty
    ");
}

#[test]
fn an_unknown_plugin_and_a_missing_file_are_bad_arguments() {
    let dir = tempfile::tempdir().unwrap();
    let name = write(dir.path(), &example_small());
    let output = landfall(dir.path()).args(["dumps", "dry-run", &name, "--only", "lps"]).output().unwrap();
    insta::assert_snapshot!(told(&output, dir.path()), @r#"
    exit 2
    ---
    error: there is no plugin "lps"
    plugins are node, dpr_db, lsp, nea_trace, nea_bucket_counts, ma_notif_bucket_counts, alarm_state, dpr_3r, dpr_links, dpr_router_map, alarm_state_legacy
    "#);
    let output = landfall(dir.path()).args(["dumps", "dry-run", "nothing.tgz"]).output().unwrap();
    insta::assert_snapshot!(told(&output, dir.path()), @r"
    exit 2
    ---
    error: nothing.tgz is no file here, and objects cannot be looked up: no database: no platform runs on ./.landfall (there is no running.json) and DATABASE_URL is not set
    start one with `landfall up --data ./.landfall`, name the folder of a running one with --data, or set DATABASE_URL
    ");
}

#[test]
fn every_fixture_is_planned_or_refused_with_a_documented_code() {
    let dir = tempfile::tempdir().unwrap();
    for fixture in fixtures::all() {
        let name = write(dir.path(), &fixture);
        let output = landfall(dir.path()).args(["dumps", "dry-run", &name, "--json"]).output().unwrap();
        let code = output.status.code().unwrap();
        assert!([0, 4, 6].contains(&code), "{}: {}", fixture.name, String::from_utf8_lossy(&output.stderr));
    }
}
