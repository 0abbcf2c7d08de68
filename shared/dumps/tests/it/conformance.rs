//! Every sample against its expected result (specs: dumps 4).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use landfall_dumps::plugins::{ParseContext, ParsedFile, Registry};
use serde_json::{Value, json};

/// Where the samples lie: one folder per plugin.
fn samples() -> PathBuf {
    let fixtures = || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    std::env::var_os("LANDFALL_DUMP_SAMPLES").map_or_else(fixtures, PathBuf::from)
}

/// The sample texts of a plugin, with their names.
pub fn sample_texts(plugin: &str) -> Vec<(String, Vec<u8>)> {
    let expected = expected_files().into_iter().map(|path| {
        let expected: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        (path, expected)
    });
    let own = expected.filter(|(_, expected)| expected["plugin"] == plugin);
    own.map(|(path, expected)| {
        let input = expected["input"].as_str().unwrap().to_owned();
        let text = fs::read(path.with_file_name(&input)).unwrap();
        (input, text)
    })
    .collect()
}

fn expected_files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for plugin in fs::read_dir(samples()).unwrap() {
        let files = fs::read_dir(plugin.unwrap().path()).unwrap().map(|file| file.unwrap().path());
        found.extend(files.filter(|path| path.to_string_lossy().ends_with(".expected.json")));
    }
    found.sort();
    found
}

fn context(expected: &Value) -> ParseContext {
    let text = |name: &str| expected["context"][name].as_str().map(str::to_owned);
    ParseContext {
        ne_name: text("ne_name"),
        router_id: text("router_id").map(|ip| ip.parse().unwrap()),
        ne_dir: text("ne_dir").unwrap_or_default(),
        path_ip: text("path_ip").map(|ip| ip.parse().unwrap()),
        basename: basename(expected["input"].as_str().unwrap()),
    }
}

/// The sample names carry `<NE>_` only to be unique on disk.
fn basename(input: &str) -> String {
    let name = Path::new(input).file_name().unwrap().to_str().unwrap();
    name.split_once('_').unwrap().1.to_owned()
}

fn shown(parsed: &ParsedFile) -> Value {
    json!({
        "outcome": parsed.outcome,
        "records": parsed.records,
        "warnings": parsed.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn wanted(expected: &Value) -> Value {
    let warnings = expected["warnings"].as_array().unwrap();
    let warnings = warnings.iter().map(|w| format!("{}@{}", w["code"].as_str().unwrap(), w["line"]));
    json!({
        "outcome": expected["outcome"],
        "records": expected["records"],
        "warnings": warnings.collect::<Vec<_>>(),
    })
}

/// Compares the samples of the plugins that are chosen; gives those that have samples.
fn conform(chosen: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let registry = Registry::with_test_plugins().unwrap();
    let mut seen = BTreeSet::new();
    for path in expected_files() {
        let expected: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let input = expected["input"].as_str().unwrap();
        let plugin = registry.plugin(expected["plugin"].as_str().unwrap()).unwrap();
        if !chosen(plugin.name()) {
            continue;
        }
        let matched = registry.match_plugins(&basename(input));
        assert!(matched.iter().any(|found| found.name() == plugin.name()), "{input}");
        let bytes = fs::read(path.with_file_name(input)).unwrap();
        let parsed = plugin.parse(&bytes, &context(&expected));
        assert_eq!(shown(&parsed), wanted(&expected), "{}", path.display());
        assert_eq!(parsed.warning_total, parsed.warnings.len() as u64, "{input}");
        seen.insert(plugin.name().to_owned());
    }
    seen
}

#[test]
fn all_samples_conform() {
    let registry = Registry::with_test_plugins().unwrap();
    let all: BTreeSet<String> = registry.plugins().map(|plugin| plugin.name().to_owned()).collect();
    assert_eq!(conform(|_| true), all);
}

#[test]
fn test_dpr_links_parse_samples_conform() {
    assert_eq!(conform(|plugin| plugin == "dpr_links").len(), 1);
}

#[test]
fn test_dpr_router_map_parse_samples_conform() {
    assert_eq!(conform(|plugin| plugin == "dpr_router_map").len(), 1);
}

#[test]
fn test_ma_notif_bucket_counts_parse_samples_conform() {
    assert_eq!(conform(|plugin| plugin == "ma_notif_bucket_counts").len(), 1);
}

#[test]
fn record_fields_come_in_the_specified_order() {
    let registry = Registry::with_test_plugins().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let first = |plugin: &str, file: &str| {
        let bytes = fs::read(root.join(plugin).join(file)).unwrap();
        let parsed = registry.plugin(plugin).unwrap().parse(&bytes, &ParseContext::default());
        serde_json::to_string(&parsed.records[0]).unwrap()
    };
    insta::assert_snapshot!(first("node", "HEL-CORE-01_CLI_Show_Node.out"), @r#"{"kind":"node","ne_name":"HEL-CORE-01","ne_key":"name:HEL-CORE-01","ne_type":"1830 PSS-32","router_id":"10.20.0.1","mgmt_ip":"172.20.10.1","mgmt_ip_source":"reported","version_raw":"R 14.1-2 (build 0452)","version":"14.1-2","version_build":"0452","network_version":"14.1-2","area_id":"0.0.0.0","admin_state":"UP","oper_state":"UP","uptime_s":1048447}"#);
    insta::assert_snapshot!(first("lsp", "HEL-CORE-01_CLI_Show_LSP.out"), @r#"{"kind":"lsp","from_node":"10.20.0.1","to_node":"10.20.0.2","label":"9330","label_raw":"193.30 THz","lsp_name":"HEL-TMP-100G-1","tunnel_id":101,"signal_type":"OTU4","role":"ORIGIN","state":"UP","protection":"1+R"}"#);
    insta::assert_snapshot!(first("alarm_state", "HEL-CORE-01_alarm_state.out"), @r#"{"kind":"alarm","source":"alarm_state","alarm_id":1,"severity":"CR","condition":"LOS-P","aid":"112SCA1-3-4-L1","card":"112SCA1","shelf":3,"slot":4,"port":"L1","service_affecting":true,"raised_at":"2025-01-18T02:11:09.000Z","description":"Incoming payload loss of signal"}"#);
}
