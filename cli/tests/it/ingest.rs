//! Uploads that are followed to their end on a whole platform, and what `dumps list` and `dumps show` tell of them.

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use landfall_local::sample::fixtures::{
    example_deep_nested_depth8, example_small, example_small_v2, example_small_v2_with_lsp,
    example_spool_limit, example_truncated_outer,
};
use serde_json::Value;

use super::command::{json, landfall, told};
use super::running::Up;

/// A running platform, and a folder to run commands in.
struct Scene {
    dir: tempfile::TempDir,
    _up: Up,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let up = Up::start(dir.path());
        Self { dir, _up: up }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = landfall(self.path());
        command.arg("dumps").args(args).args(["--data", "data"]).timeout(Duration::from_mins(2)).output().unwrap()
    }

    fn told(&self, args: &[&str]) -> String {
        told(&self.run(args), self.path())
    }

    /// Exit code and JSON document of an upload.
    fn put(&self, file: &str, customer: &str, ticket: &str) -> (i32, Value) {
        let args = ["put", file, "--customer", customer, "--network", "core", "--ticket", ticket, "--json"];
        let output = self.run(&args);
        (output.status.code().unwrap(), json(&output))
    }
}

/// The parts of a result that are the same on every run.
fn result(document: &Value) -> Value {
    let mut result = document.clone();
    for name in ["file", "bucket", "key", "metadata", "size", "version"] {
        result.as_object_mut().unwrap().remove(name);
    }
    result
}

#[test]
fn an_upload_is_followed_to_its_end_and_its_result_is_told() {
    let scene = Scene::new();
    let (small, near) = (example_small(), example_small_v2());
    scene.write("a.tgz", &small.bytes);
    scene.write("GMRE_DUMP_CORE_20250119-121500.tgz", &near.bytes);
    scene.write("near/GMRE_DUMP_CORE_20250119-121500.tgz", &example_small_v2_with_lsp().bytes);
    scene.write("cut.tgz", &example_truncated_outer().bytes);
    scene.write("log.tgz", b"no archive at all");
    let (code, created) = scene.put("a.tgz", "acme", "CHG-1");
    assert_eq!(code, 0);
    insta::assert_json_snapshot!(result(&created), @"");
    let (code, linked) = scene.put("a.tgz", "acme", "CHG-2");
    assert_eq!(code, 0);
    insta::assert_json_snapshot!(result(&linked), @"");
    let (code, skipped) = scene.put("a.tgz", "acme", "CHG-2");
    assert_eq!((code, &skipped["verdict"], &skipped["dump_id"]), (0, &"SKIP".into(), &1.into()));
    let (code, foreign) = scene.put("a.tgz", "globex", "CHG-1");
    assert_eq!(code, 3);
    insta::assert_json_snapshot!(result(&foreign), @"");
    assert_eq!(scene.put("GMRE_DUMP_CORE_20250119-121500.tgz", "acme", "CHG-1").0, 0);
    let (code, near) = scene.put("near/GMRE_DUMP_CORE_20250119-121500.tgz", "acme", "CHG-1");
    assert_eq!((code, &near["verdict"], &near["code"]), (3, &"REJECT".into(), &"within_6h".into()));
    let (code, cut) = scene.put("cut.tgz", "acme", "CHG-1");
    assert_eq!(code, 6);
    insta::assert_json_snapshot!(result(&cut), @"");
    let (code, log) = scene.put("log.tgz", "acme", "CHG-1");
    assert_eq!(code, 4);
    insta::assert_json_snapshot!(result(&log), @"");
    let args = ["put", "a.tgz", "--key", "dumps/acme/core/CHG-3/a.tgz"];
    let text = scene.told(&args);
    assert!(text.contains("\nLINK linked, dump 1, run 8/1\n"), "{text}");
    let unfollowed = json(&scene.run(&[&args[..], &["--no-follow", "--json"]].concat()));
    assert!(unfollowed["version"].is_string() && unfollowed.get("verdict").is_none(), "{unfollowed}");
}

#[test]
fn test_backfill_or_ingest_by_tree_deep_one_bad_archive_does_not_stop_the_rest() {
    let scene = Scene::new();
    let v2 = example_small_v2();
    scene.write("tree/a/b/c/d/GMRE_DUMP_CORE_20250118-031500.tgz", &example_small().bytes);
    scene.write("tree/a/again.TGZ", &example_small().bytes);
    scene.write("tree/b/log.tar.gz", b"no archive at all");
    scene.write(&format!("tree/c/{}", v2.file_name), &v2.bytes);
    scene.write(&format!("tree/d/{}", v2.file_name), &example_small_v2_with_lsp().bytes);
    scene.write("tree/e/cut.tgz", &example_truncated_outer().bytes);
    scene.write("tree/f/deep.tgz", &example_deep_nested_depth8().bytes);
    scene.write("tree/.hidden/no.tgz", b"x");
    let flags = ["ingest-tree", "tree", "--customer", "acme", "--network", "core", "--ticket", "CHG-1"];
    insta::assert_snapshot!(scene.told(&flags), @"");

    let again = json(&scene.run(&[&flags[..], &["--unordered", "--json"]].concat()));
    assert_eq!(again["exit_code"], 4);
    insta::assert_json_snapshot!(again["summary"], @"");
    let files: Vec<_> = again["archives"].as_array().unwrap().iter().map(|a| a["file"].as_str()).collect();
    assert!(files.is_sorted() && files.len() == 7, "{files:?}");

    insta::assert_snapshot!(scene.told(&["list"]), @"");
    let listed = |args: &[&str]| -> Vec<i64> {
        let found = json(&scene.run(&[&["list", "--json"], args].concat()));
        found.as_array().unwrap().iter().filter_map(|dump| dump["dump_id"].as_i64()).collect()
    };
    assert_eq!(listed(&["--status", "partial"]).len(), 1);
    assert_eq!(listed(&["--ticket", "chg-1", "--limit", "2"]).len(), 2);
    assert_eq!(listed(&["--customer", "globex"]), Vec::<i64>::new());
    assert_eq!(listed(&["--from", "2025-01-19T00:00:00Z", "--to", "2025-01-20T00:00:00Z"]).len(), 1);
    let all = listed(&[]);
    let mut paged = listed(&["--limit", "3"]);
    paged.extend(listed(&["--after", &paged[2].to_string()]));
    assert_eq!(paged, all);
}

#[test]
fn test_ingest_ticket_folders_batch_each_folder_is_a_ticket() {
    let scene = Scene::new();
    let spool = example_spool_limit();
    scene.write("t/CHG-1/GMRE_DUMP_CORE_20250118-031500.tgz", &example_small().bytes);
    scene.write("t/CHG-2/deep/GMRE_DUMP_CORE_20250118-031500.tgz", &example_small().bytes);
    scene.write(&format!("t/CHG-2/{}", spool.file_name), &spool.bytes);
    scene.write("t/x/a.tgz", b"x");
    let flags = ["ingest-tickets", "t", "--customer", "acme", "--network", "core"];
    insta::assert_snapshot!(scene.told(&flags), @"");
    let shown = json(&scene.run(&["show", "1", "--json"]));
    let tickets: Vec<_> = shown["links"].as_array().unwrap().iter().map(|l| l["ticket"].as_str()).collect();
    assert_eq!(tickets, [Some("CHG-1"), Some("CHG-2")]);
    assert_eq!((&shown["status"], &shown["loads"][0]["visible"]), (&"COMPLETE".into(), &true.into()));
    let text = scene.told(&["show", "2"]);
    for line in ["dump 2 of acme/core", "E_SPOOL_LIMIT", "PARTIAL", "dump.dump_node", "visible"] {
        assert!(text.contains(line), "{text}");
    }
    insta::assert_snapshot!(scene.told(&["show", "99"]), @"");
}
