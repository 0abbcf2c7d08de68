//! Every test and every code that the specification of the dumps names is there (specs: dumps 8, 9.1 to 9.3).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The names; a test proves one if its own name contains it.
const NAMES: [&str; 55] = [
    "test_reader_iter_streams",
    "test_reader_corrupt_inner_member",
    "test_reader_early_exit",
    "test_reader_respects_max_depth",
    "test_reader_windows_backslash_paths",
    "test_reader_case_insensitive",
    "test_reader_missing_target",
    "test_reader_multiple_targets_one_pass",
    "test_reader_lines_generator_lifetime",
    "test_registry_contract",
    "test_registry_match_order",
    "test_registry_multi_match",
    "test_registry_single_match",
    "test_plugin_meta_and_overlap_contract",
    "test_ts_from_name",
    "test_ts_hint_priority",
    "test_sha256_file",
    "test_dpr_links_parse",
    "test_dpr_router_map_parse",
    "test_ma_notif_bucket_counts_parse",
    "test_cli_modes_mode1_mode2",
    "test_env_loader",
    "test_backfill_or_ingest_by_tree_deep",
    "test_backfill_run_calls_pipeline",
    "test_backfill_plugins",
    "test_ingest_ticket_folders_batch",
    "test_sessions_proxy_contract",
    "test_customers_sheet_read",
    "test_zero_cov_modules_import_smoke",
    "test_pipeline_smoke",
    "test_pipeline_db",
    "test_pipeline_uses_chain",
    "test_lsp_ingestion",
    "test_duplicate_sha_policy_integration",
    "test_sha_duplicate_behaviour",
    "test_sha_different_creates_new_dump",
    "test_hc_id_overwrite_policy",
    "test_same_day_new_snapshot",
    "test_same_day_different_origin_snapshot",
    "test_snapshot_6h_guard",
    "test_network_identity_idempotent",
    "test_network_identity_uniqueness",
    "test_backfill_plugins_integration",
    "test_customers_db_upsert",
    "test_constraints",
    "test_constraints_links_and_3r",
    "test_guardrails",
    "test_plugin_ledger_state_machine",
    "test_plugin_db_write_guards",
    "test_overwrite_purge_children",
    "test_sha_duplicate_policy",
    "test_prepare_context_duplicate_policy_matrix",
    "test_multi_plugin_same_file_order_required",
    "test_schema_contract",
    "test_db_bootstrap",
];

/// The codes of the specification; a test proves one if its source names it (specs: dumps 8).
const CODES: [&str; 47] = [
    "W_ENCODING",
    "W_LINE_TOO_LONG",
    "W_CLI_ERROR",
    "W_UNPARSED_LINE",
    "W_BAD_ROW",
    "W_MISSING_FIELD",
    "W_BAD_VALUE",
    "W_BAD_TS",
    "W_DUP_ROW",
    "W_DUP_KEY",
    "W_COUNT_MISMATCH",
    "W_EXTRA_NODE",
    "W_MGMT_IP_FALLBACK",
    "W_VERSION_UNPARSED",
    "W_ROUTER_ID_INVALID",
    "W_ROUTER_ID_CONFLICT",
    "W_ROUTER_ID_DUPLICATE",
    "W_BUCKET_SUM",
    "W_PCT_MISMATCH",
    "W_MEMBER_ORPHAN",
    "W_TRACE_TRUNC",
    "W_MAX_DEPTH",
    "W_SPECIAL_MEMBER",
    "W_UNSAFE_PATH",
    "W_CORRUPT_MEMBER",
    "W_UNSUPPORTED_COMPRESSION",
    "W_ACTIVE_FALLBACK",
    "W_NO_ACTIVE",
    "W_EXTRA_CHAIN",
    "W_TS_FALLBACK",
    "W_META_CONFLICT",
    "W_COUNTRY_MISMATCH",
    "W_SAME_DAY_OTHER_ORIGIN",
    "E_NO_HEADER",
    "E_SPOOL_LIMIT",
    "E_CONSTRAINT",
    "E_LEASE_LOST",
    "E_LEDGER_STATE",
    "E_DEPENDENCY",
    "E_SOURCE_CHANGED",
    "E_SOURCE_MISSING",
    "E_OVERLAP",
    "E_NOT_ARCHIVE",
    "E_NO_TARGETS",
    "E_MEMBER_LIMIT",
    "E_TOTAL_LIMIT",
    "E_BOMB",
];

/// The specification between two headings.
fn section(from: &str, to: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/specs/dumps.md");
    let text = fs::read_to_string(path).unwrap();
    let (_, after) = text.split_once(from).unwrap();
    after.split_once(to).unwrap().0.to_owned()
}

/// The sources of the whole tree but this one, with their paths.
pub fn sources() -> Vec<(PathBuf, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("..")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with(file!()) {
                let source = fs::read_to_string(&path).unwrap();
                found.push((path, source));
            }
        }
    }
    found
}

/// The functions below an attribute of a test.
pub fn in_source(source: &str) -> Vec<String> {
    let mut is_test = false;
    let mut found = Vec::new();
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some((before, after)) = line.split_once("fn ") {
            let is_signature = before.is_empty() || before == "async ";
            if is_test && is_signature {
                found.push(after.split('(').next().unwrap_or_default().to_owned());
            }
            is_test = false;
        }
    }
    found
}

/// Whether a test's name says a name of the catalogue, and not merely the start of a longer one.
fn says(test: &str, name: &str) -> bool {
    let is_longer = |other: &str| other.len() > name.len() && other.starts_with(name);
    test.contains(name) && !NAMES.iter().any(|other| is_longer(other) && test.contains(other))
}

#[test]
fn the_lists_are_those_of_the_specification() {
    let rows = section("## 9. Test catalogue", "### 9.4");
    let names: Vec<&str> = rows.lines().filter_map(|row| row.strip_prefix("| ")?.split(' ').next()).collect();
    let names: BTreeSet<&str> = names.into_iter().filter(|name| name.starts_with("test_")).collect();
    assert_eq!(names, NAMES.into_iter().collect());
    let rows = section("## 8. Code lists", "## 9.");
    let words = rows.split(|c: char| !c.is_ascii_uppercase() && c != '_');
    let codes: BTreeSet<&str> = words.filter(|w| w.starts_with("W_") || w.starts_with("E_")).collect();
    assert_eq!(codes, CODES.into_iter().collect());
}

#[test]
fn each_name_of_the_catalogue_is_in_the_name_of_a_test() {
    let found: Vec<String> = sources().iter().flat_map(|(_, source)| in_source(source)).collect();
    assert!(found.len() > 500, "{} tests", found.len());
    let missing: Vec<&str> =
        NAMES.into_iter().filter(|name| !found.iter().any(|test| says(test, name))).collect();
    assert!(missing.is_empty(), "no test is named after {missing:#?}");
}

#[test]
fn each_code_of_the_specification_is_in_the_source_of_a_test() {
    let mut sources = sources();
    sources.retain(|(path, _)| path.to_string_lossy().contains("/tests/it/"));
    let missing: Vec<&str> =
        CODES.into_iter().filter(|code| !sources.iter().any(|(_, source)| source.contains(code))).collect();
    assert!(missing.is_empty(), "no test is about {missing:#?}");
}

#[test]
fn a_test_is_told_from_other_functions_and_from_a_longer_name() {
    let source =
        "#[test]\nfn test_a() {}\nfn helper() {}\n#[tokio::test(flavor = \"x\")]\n#[ignore]\nasync fn b() {}";
    assert_eq!(in_source(source), ["test_a", "b"]);
    assert!(says("test_constraints", "test_constraints"));
    assert!(!says("test_constraints_links_and_3r", "test_constraints"));
    assert!(says("test_constraints_links_and_3r_too", "test_constraints_links_and_3r"));
}
