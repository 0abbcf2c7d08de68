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
        command
            .arg("dumps")
            .args(args)
            .args(["--data", "data"])
            .timeout(Duration::from_mins(2))
            .output()
            .unwrap()
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

/// The parts of a result that are the same on every run of the test.
fn result(document: &Value) -> Value {
    let mut result = document.clone();
    let object = result.as_object_mut().unwrap();
    let run_id = object.remove("run_id").unwrap();
    assert!(run_id.as_str().unwrap().ends_with("/1"), "{run_id}");
    for name in ["file", "bucket", "key", "metadata", "size", "version"] {
        object.remove(name);
    }
    result
}

/// Exit code, verdict, code and dump of an upload.
fn ended((exit, document): &(i32, Value)) -> (i32, Option<&str>, Option<&str>, Option<i64>) {
    let text = |name: &str| document[name].as_str();
    (*exit, text("verdict"), text("code"), document["dump_id"].as_i64())
}

#[test]
fn the_same_archive_again_is_linked_or_skipped_and_tells_nobody_of_another_customer() {
    let scene = Scene::new();
    let small = example_small();
    let a = small.file_name.as_str();
    scene.write(a, &small.bytes);
    let created = scene.put(a, "acme", "CHG-1");
    assert_eq!(ended(&created), (0, Some("CREATE"), Some("complete"), Some(1)));
    let created = created.1;
    insta::assert_json_snapshot!(result(&created), @r#"
    {
      "code": "complete",
      "dump_id": 1,
      "errors": [],
      "inserted": {
        "dump.dpr_entry": 5,
        "dump.dump_node": 1
      },
      "ok": true,
      "verdict": "CREATE",
      "warnings": [
        {
          "code": "W_BAD_VALUE",
          "count": 3,
          "first": [
            {
              "chain_path": "GMRE_DUMP_CORE_20250118-031500.tgz!/HEL-CORE-01_ECS81-1_ACT/cli/CLI_Show_DPR_DB.out",
              "line": 12,
              "ne": "HEL-CORE-01",
              "plugin": "dpr_db",
              "text": "expected a value of the field's type; a required field costs its record, another takes its default"
            }
          ]
        },
        {
          "code": "W_UNPARSED_LINE",
          "count": 1,
          "first": [
            {
              "chain_path": "GMRE_DUMP_CORE_20250118-031500.tgz!/HEL-CORE-01_ECS81-1_ACT/cli/CLI_Show_Node.out",
              "line": 19,
              "ne": "HEL-CORE-01",
              "plugin": "node",
              "text": "expected a key and its value, or more of what stands before; the line is skipped"
            }
          ]
        }
      ]
    }
    "#);
    assert_eq!(ended(&scene.put(a, "acme", "CHG-2")), (0, Some("LINK"), Some("linked"), Some(1)));
    assert_eq!(ended(&scene.put(a, "acme", "CHG-2")), (0, Some("SKIP"), Some("duplicate"), Some(1)));
    let foreign = scene.put(a, "globex", "CHG-1");
    assert_eq!(ended(&foreign), (3, Some("REJECT"), Some("sha_customer_conflict"), None));
    assert!(!foreign.1.to_string().contains("acme"), "{foreign:?}");
    let args = ["put", a, "--key", "dumps/acme/core/CHG-3/a.tgz"];
    let text = scene.told(&args);
    assert!(text.contains("\nLINK linked, dump 1, run "), "{text}");
    let unfollowed = json(&scene.run(&[&args[..], &["--no-follow", "--json"]].concat()));
    assert!(unfollowed["version"].is_string() && unfollowed.get("verdict").is_none(), "{unfollowed}");
}

#[test]
fn an_upload_that_ends_badly_or_in_part_tells_why_and_exits_so() {
    let scene = Scene::new();
    let (v2, cut) = (example_small_v2(), example_truncated_outer());
    let near = format!("near/{}", v2.file_name);
    scene.write(&v2.file_name, &v2.bytes);
    scene.write(&near, &example_small_v2_with_lsp().bytes);
    scene.write(&cut.file_name, &cut.bytes);
    scene.write("log.tgz", b"no archive at all");
    assert_eq!(scene.put(&v2.file_name, "acme", "CHG-1").0, 0);
    let rejected = scene.put(&near, "acme", "CHG-1");
    assert_eq!(ended(&rejected), (3, Some("REJECT"), Some("within_6h"), None));
    let key = format!("dumps/acme/core/CHG-1/{}", v2.file_name);
    let replaced = scene.run(&["put", &near, "--key", &key, "--overwrite", "--json"]);
    let replaced = (replaced.status.code().unwrap(), json(&replaced));
    assert_eq!(ended(&replaced), (0, Some("OVERWRITE"), Some("complete"), Some(1)));
    assert!(replaced.1["inserted"]["dump.lsp_entry"].as_i64() > Some(0), "{replaced:?}");
    let log = scene.put("log.tgz", "acme", "CHG-1");
    assert_eq!(ended(&log), (4, None, Some("E_NOT_ARCHIVE"), None));
    assert_eq!(log.1["errors"][0]["text"], "not an archive: neither gzip nor tar: no known format");
    let cut = scene.put(&cut.file_name, "acme", "CHG-1");
    assert_eq!(ended(&cut), (6, Some("CREATE"), Some("partial"), Some(2)));
    let cut = cut.1;
    insta::assert_json_snapshot!([&cut["errors"], &cut["inserted"], &cut["warnings"][1]], @r#"
    [
      [
        {
          "code": "partial",
          "text": "the archive is damaged: outer_truncated (byte 15273)"
        }
      ],
      {
        "dump.dump_node": 1,
        "dump.lsp_entry": 3
      },
      {
        "code": "W_CORRUPT_MEMBER",
        "count": 1,
        "first": [
          {
            "chain_path": "GMRE_DUMP_CORE_20250204-031500.tgz",
            "line": 0,
            "ne": "",
            "plugin": "plan",
            "text": "truncated: gzip stream unfinished, at byte 15273 of the gzip stream (byte 15273)"
          }
        ]
      }
    ]
    "#);
}

#[test]
fn test_backfill_or_ingest_by_tree_deep_one_bad_archive_does_not_stop_the_rest() {
    let scene = Scene::new();
    let (v2, cut, deep) = (example_small_v2(), example_truncated_outer(), example_deep_nested_depth8());
    scene.write("tree/a/b/c/d/GMRE_DUMP_CORE_20250118-031500.tgz", &example_small().bytes);
    scene.write("tree/a/again_20250118-031500.TGZ", &example_small().bytes);
    scene.write("tree/b/log.tar.gz", b"no archive at all");
    scene.write(&format!("tree/c/{}", v2.file_name), &v2.bytes);
    scene.write(&format!("tree/d/{}", v2.file_name), &example_small_v2_with_lsp().bytes);
    scene.write(&format!("tree/e/{}", cut.file_name), &cut.bytes);
    scene.write(&format!("tree/f/{}", deep.file_name), &deep.bytes);
    scene.write("tree/.hidden/no.tgz", b"x");
    let flags = ["ingest-tree", "tree", "--customer", "acme", "--network", "core", "--ticket", "CHG-1"];
    insta::assert_snapshot!(scene.told(&flags), @r"
    exit 4
    CREATE complete tree/a/again_20250118-031500.TGZ: dump 1, 6 rows, 4 warnings
    SKIP duplicate tree/a/b/c/d/GMRE_DUMP_CORE_20250118-031500.tgz: dump 1
    E_NOT_ARCHIVE tree/b/log.tar.gz: not an archive: neither gzip nor tar: no known format
    CREATE complete tree/c/GMRE_DUMP_CORE_20250119-121500.tgz: dump 2, 6 rows, 3 warnings
    REJECT within_6h tree/d/GMRE_DUMP_CORE_20250119-121500.tgz: dump 2 of origin gmre_dump_core was captured at 2025-01-19 12:15:00 UTC, less than 6 h apart; overwrite=true replaces it
    CREATE partial tree/e/GMRE_DUMP_CORE_20250204-031500.tgz: dump 3, 4 rows, 5 warnings, the archive is damaged: outer_truncated (byte 15273)
    CREATE complete tree/f/GMRE_DUMP_CORE_20250123-031500.tgz: dump 4, 4 rows, 4 warnings

     OUTCOME           ARCHIVES  ROWS
     CREATE complete          3    16
     CREATE partial           1     4
     E_NOT_ARCHIVE            1     0
     REJECT within_6h         1     0
     SKIP duplicate           1     0
    ---
    ");

    let again = json(&scene.run(&[&flags[..], &["--unordered", "--json"]].concat()));
    assert_eq!(again["exit_code"], 4);
    insta::assert_json_snapshot!(again["summary"], @r#"
    {
      "E_NOT_ARCHIVE": {
        "archives": 1,
        "rows": 0
      },
      "REJECT within_6h": {
        "archives": 1,
        "rows": 0
      },
      "SKIP duplicate": {
        "archives": 5,
        "rows": 0
      }
    }
    "#);
    let files: Vec<_> = again["archives"].as_array().unwrap().iter().map(|a| a["file"].as_str()).collect();
    assert!(files.is_sorted() && files.len() == 7, "{files:?}");
    the_list_has_what_came_of_it(&scene);
}

/// Filters and pages of the dumps of the tree.
fn the_list_has_what_came_of_it(scene: &Scene) {
    insta::assert_snapshot!(scene.told(&["list"]), @r"
    exit 0
     DUMP  STATUS    CUSTOMER  NETWORK  CAPTURED              ORIGIN          TICKETS  NES  RECORDS  WARNINGS
        3  PARTIAL   acme      core     2025-02-04T03:15:00Z  gmre_dump_core  CHG-1      1        4         4
        4  COMPLETE  acme      core     2025-01-23T03:15:00Z  gmre_dump_core  CHG-1      1        4         4
        2  COMPLETE  acme      core     2025-01-19T12:15:00Z  gmre_dump_core  CHG-1      1        6         3
        1  COMPLETE  acme      core     2025-01-18T03:15:00Z  again           CHG-1      1        6         4
    ---
    ");
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
    paged.extend(listed(&["--after", &paged.last().unwrap().to_string()]));
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
    insta::assert_snapshot!(scene.told(&flags), @r#"
    exit 2
    CREATE complete t/CHG-1/GMRE_DUMP_CORE_20250118-031500.tgz: dump 1, 6 rows, 4 warnings
    CREATE partial t/CHG-2/GMRE_DUMP_CORE_20250206-031500.tgz: dump 2, 1 row, 1 warning, E_SPOOL_LIMIT: GMRE_DUMP_CORE_20250206-031500.tgz!/HEL-CORE-01_ECS81-1_ACT/cli/CLI_Show_LSP.out has 67108865 bytes, more than the 67108864 bytes of spool_limit
    LINK linked t/CHG-2/deep/GMRE_DUMP_CORE_20250118-031500.tgz: dump 1
    skipped t/x: "x" is not a ticket: 3 to 40 of A-Z 0-9 _ -, the first a letter or digit

     OUTCOME          ARCHIVES  ROWS
     CREATE complete         1     6
     CREATE partial          1     1
     LINK linked             1     0
     skipped                 1     0
    ---
    "#);
    let shown = json(&scene.run(&["show", "1", "--json"]));
    let tickets: Vec<_> = shown["links"].as_array().unwrap().iter().map(|l| l["ticket"].as_str()).collect();
    assert_eq!(tickets, [Some("CHG-1"), Some("CHG-2")]);
    assert_eq!((&shown["status"], &shown["loads"][0]["visible"]), (&"COMPLETE".into(), &true.into()));
    let text = scene.told(&["show", "2"]);
    for line in ["dump 2 of acme/core", "E_SPOOL_LIMIT", "PARTIAL", "dump.dump_node", "visible"] {
        assert!(text.contains(line), "{text}");
    }
    insta::assert_snapshot!(scene.told(&["show", "99"]), @r"
    exit 2
    ---
    error: there is no dump 99
    `landfall dumps list` lists what is there
    ");
}
