//! Whole platforms: the demo, and `landfall up` with the commands that find it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use landfall_local::sample::{demo_objects, ticket_objects};
use serde_json::{Value, json};

use super::command::{json as document, landfall};
use super::running::Up;

#[test]
fn the_demo_closes_its_books_and_a_second_run_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    // The first --data is what a script passes, the second what its caller does.
    let args = ["demo", "--json", "--data", "elsewhere", "--data", "demo"];
    let demo = || {
        let output = landfall(dir.path()).args(args).timeout(Duration::from_mins(2)).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        document(&output)
    };
    let first = demo();
    let change_files = ticket_objects(DateTime::<Utc>::UNIX_EPOCH);
    let (samples, moved) = (demo_objects().len() + change_files.len(), change_files.len() - 1);
    assert_eq!(first["upload"]["new"], samples);
    let accounting = &first["accounting"];
    assert_eq!(accounting["closed"], true);
    assert_eq!(accounting["landed"], samples);
    assert_eq!((&accounting["moved"], &accounting["others"]), (&moved.into(), &0.into()));
    assert_eq!(accounting["listed"], samples);
    assert_eq!(accounting["in_flight"], 0);
    let counted: i64 = accounting["by_state"].as_object().unwrap().values().filter_map(Value::as_i64).sum();
    assert_eq!(usize::try_from(counted).unwrap(), samples + moved);
    insta::assert_snapshot!(tickets(&first["tickets"]["by_status"]), @"
    inc open         14 9 1 4 0 14
    inc in_progress  10 6 1 3 0 10
    inc pending      10 4 2 3 1 10
    inc assigned     8 3 2 3 0 8
    inc closed       6 0 0 0 0 6
    crq scheduled    7 4 1 2 0 7
    crq new          3 2 1 0 0 3
    crq closed       3 0 0 0 0 3
    crq cancelled    1 0 0 0 0 1
    ");
    assert!(first["rows"]["dump.lsp_entry"].as_i64() > Some(0));
    for stage in ["receive-object", "plan-archive", "parse-member"] {
        assert!(first["timings"][stage]["n"].as_i64() > Some(0), "{stage}");
    }
    assert!(!dir.path().join("elsewhere").exists());
    assert!(!dir.path().join("demo/running.json").exists());

    let second = demo();
    assert_eq!(second["upload"]["new"], 0);
    assert_eq!(second["upload"]["already_there"], samples);
    for same in ["objects", "rows", "warnings", "accounting"] {
        assert_eq!(first[same], second[same], "{same}");
    }
    assert_eq!(tickets(&first["tickets"]["by_status"]), tickets(&second["tickets"]["by_status"]));
    assert!(second["tickets"]["drains"].as_array().unwrap().iter().all(|drain| drain["files"] == json!([])));
}

/// A line for each status: all, open ones within, at risk, breached and unknown, those on the map.
fn tickets(by_status: &Value) -> String {
    let line = |count: &Value| {
        let numbers =
            ["tickets", "within", "at_risk", "breached", "unknown", "mapped"].map(|name| &count[name]);
        let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let name = |name: &str| count[name].as_str().unwrap().to_owned();
        format!("{} {:<12} {}", name("dataset"), name("status"), numbers.join(" "))
    };
    by_status.as_array().unwrap().iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_put_into_a_running_platform_can_be_waited_for_explained_and_verified() {
    let dir = tempfile::tempdir().unwrap();
    let mut up = Up::start(dir.path());
    let run = |args: &[&str]| {
        let mut command = landfall(dir.path());
        let output =
            command.args(args).args(["--data", "data"]).timeout(Duration::from_mins(1)).output().unwrap();
        let code = output.status.code().unwrap();
        (code, output)
    };
    for sample in demo_objects() {
        let name = sample.key.rsplit('/').next().unwrap();
        std::fs::write(dir.path().join(name), &sample.body).unwrap();
    }
    let nested = "GMRE_DUMP_CORE_20250118-031500.tgz";
    let dump = ["--customer", "Käse & Co", "--network", "core", "--ticket", "CHG-1"];
    let put = |file: &str, more: &[&str]| run(&[&["put", file, "--wait", "--json"], more].concat());

    let (code, output) = put(nested, &dump);
    let put_once = document(&output);
    assert_eq!((code, &put_once[0]["object"]["reason"]), (0, &Value::from("complete")));
    let id = put_once[0]["object"]["object_id"].to_string();
    assert_eq!(put("GMRE_DUMP_CORE_20250119-031500.tgz", &dump).0, 4);
    assert_eq!(put("GMRE_DUMP_METRO_20250124-031500.tgz", &dump).0, 6);
    assert_eq!(put("readme.txt", &["--to", "misc/readme.txt"]).0, 3);

    let (_, explained) = run(&["explain", &id, "--json"]);
    let explained = document(&explained);
    assert_eq!(explained["dumps"][0]["status"], "COMPLETE");
    assert!(explained["pending"].as_array().unwrap().is_empty());

    let (code, replayed) = run(&["replay", &id]);
    assert_eq!(code, 0, "{replayed:?}");
    let (code, planned) = run(&["dumps", "plan", &id, "--json"]);
    assert_eq!((code, &document(&planned)["plan"]["outer"]), (0, &Value::from(nested)));

    let (code, listed) = run(&["dumps", "cat", &id, "--list", "--json"]);
    let members = document(&listed);
    let target = |member: &&Value| member["path"].as_str().unwrap().ends_with("cli/all/CLI_Show_LSP.out");
    let member = members["members"].as_array().unwrap().iter().find(target).unwrap();
    let (printed, output) = run(&["dumps", "cat", &id, member["path"].as_str().unwrap()]);
    assert_eq!((code, printed, &output.stdout.len().into()), (0, 0, &member["size"]));
    assert_eq!(format!("{:08x}", crc32fast::hash(&output.stdout)), member["crc32"]);

    let (code, status) = run(&["status", "--verify", "--json"]);
    let status = document(&status);
    assert_eq!((code, &status["verification"]["closed"]), (0, &Value::from(true)), "{status}");
    assert_eq!(status["total"], 4);
    assert_eq!(up.terminate(), Some(0));
    assert!(!dir.path().join("data/running.json").exists());
}
