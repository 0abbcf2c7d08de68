//! Tickets: change files put into a running platform, drained, and looked at.

use std::process::Output;
use std::time::Duration;

use landfall_local::sample::ticket_objects;

use super::command::{json, landfall, told};
use super::running::Up;

/// A platform with the sample change files of a morning, and a folder that holds them too.
struct Scene {
    up: Up,
    dir: tempfile::TempDir,
}

impl Scene {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let scene = Self { up: Up::start(dir.path()), dir };
        for object in ticket_objects("2026-03-01T09:40:00Z".parse().unwrap()) {
            let name = object.key.replace('/', "_");
            std::fs::write(scene.dir.path().join(&name), &object.body).unwrap();
            let put = scene.run(&["put", &name, "--to", &object.key]);
            assert!(put.status.success(), "{put:?}");
        }
        scene
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = landfall(self.dir.path());
        command.env("LANDFALL_TICKETS_SETTLE_SECONDS", "0").env_remove("LANDFALL_GEOCODER_KEY");
        command.args(args).args(["--data", "data"]).timeout(Duration::from_mins(1)).output().unwrap()
    }

    fn told(&self, args: &[&str]) -> String {
        told(&self.run(args), self.dir.path())
    }
}

#[test]
fn change_files_are_counted_drained_and_shown() {
    let mut scene = Scene::start();
    insta::assert_snapshot!(scene.told(&["tickets", "drain", "inc"]), @r"
    exit 0
     FILE                     STATUS   ROWS  NEW  CHANGED  ALARMS  DEDUPED  REJECTED  MOVED
     2026-03-01T12-00-00.csv  applied    44    -        -       1        -         0  no
     2026-03-01T12-20-00.csv  applied     9    -        -       0        -         0  no
     2026-03-01T12-40-00.csv  applied     7    -        -       0        -         1  no
    ignored: automations/inc/changes/latest.csv
    inc: success; 3 files, 0 tickets written, 0 too young, 0 behind one that fails; applied up to nothing (dry run: nothing is written; --apply applies)
    ---
    ");
    insta::assert_snapshot!(scene.told(&["tickets", "drain", "inc", "--apply"]), @r"
    exit 0
     FILE                     STATUS   ROWS  NEW  CHANGED  ALARMS  DEDUPED  REJECTED  MOVED
     2026-03-01T12-00-00.csv  applied    44   43        0       1        0         0  yes
     2026-03-01T12-20-00.csv  applied     9    0        8       0        1         0  yes
     2026-03-01T12-40-00.csv  applied     7    5        1       0        0         1  yes
    ignored: automations/inc/changes/latest.csv
    inc: success; 3 files, 57 tickets written, 0 too young, 0 behind one that fails; applied up to automations/inc/changes/2026-03-01T12-40-00.csv
    ---
    ");
    insta::assert_snapshot!(scene.told(&["tickets", "drain", "inc", "--apply"]), @r"
    exit 0
    ignored: automations/inc/changes/latest.csv
    inc: success; 0 files, 0 tickets written, 0 too young, 0 behind one that fails; applied up to automations/inc/changes/2026-03-01T12-40-00.csv
    ---
    ");
    let crq = json(&scene.run(&["tickets", "drain", "crq", "--apply", "--json"]));
    assert_eq!((&crq["status"], crq["files"].as_array().unwrap().len()), (&"success".into(), 2));

    let open = json(&scene.run(&["tickets", "open", "inc", "--limit", "3", "--json"]));
    let ids: Vec<_> = open.as_array().unwrap().iter().map(|one| one["ticket_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["INC000000000045", "INC000000000042", "INC000000000040"]);
    let map = json(&scene.run(&["tickets", "map", "--geojson", "--dataset", "inc"]));
    assert_eq!((&map["type"], map["features"].as_array().unwrap().len()), (&"FeatureCollection".into(), 1));
    let status = json(&scene.run(&["tickets", "status", "--json"]));
    let applied: Vec<_> = status["datasets"].as_array().unwrap().iter().map(|one| &one["applied"]).collect();
    assert_eq!(applied, [3, 2]);
    assert_eq!(scene.up.terminate(), Some(0));
}

#[test]
fn a_local_file_is_applied_without_a_key_and_what_cannot_be_done_is_said() {
    let mut scene = Scene::start();
    let file = "automations_inc_changes_2026-03-01T12-40-00.csv";
    insta::assert_snapshot!(scene.told(&["tickets", "drain", "inc", "--csv", file]), @r"
    exit 0
     FILE   STATUS   ROWS  NEW  CHANGED  ALARMS  DEDUPED  REJECTED  MOVED
     local  applied     7    -        -       0        -         1  no
    inc: success; 1 file, 0 tickets written, 0 too young, 0 behind one that fails; applied up to nothing (dry run: nothing is written; --apply applies)
    ---
    ");
    insta::assert_snapshot!(scene.told(&["tickets", "drain", "inc", "--csv", file, "--apply"]), @r"
    exit 0
     FILE   STATUS   ROWS  NEW  CHANGED  ALARMS  DEDUPED  REJECTED  MOVED
     local  applied     7    6        0       0        0         1  no
    inc: success; 1 file, 6 tickets written, 0 too young, 0 behind one that fails; applied up to nothing
    ---
    ");
    insta::assert_snapshot!(scene.told(&["tickets", "drain", "inc", "--csv", "missing.csv"]), @r"
    exit 2
    ---
    error: missing.csv cannot be read: No such file or directory (os error 2)
    ");
    insta::assert_snapshot!(scene.told(&["tickets", "drain", "crq", "--csv", file, "--apply"]), @r"
    exit 0
     FILE   STATUS   ROWS  NEW  CHANGED  ALARMS  DEDUPED  REJECTED  MOVED
     local  applied     7    0        0       0        0         7  no
    crq: success; 1 file, 0 tickets written, 0 too young, 0 behind one that fails; applied up to nothing
    ---
    ");
    let late = ["--apply-late", "automations/inc/changes/2026-03-01T12-40-00.csv"];
    insta::assert_snapshot!(scene.told(&[&["tickets", "drain", "inc"], &late[..]].concat()), @r"
    exit 3
    ---
    error: automations/inc/changes/2026-03-01T12-40-00.csv: it is not late: it has its turn in the next drain
    `landfall tickets status` shows how far the dataset is
    ");
    insta::assert_snapshot!(scene.told(&[&["tickets", "drain", "crq"], &late[..]].concat()), @r"
    exit 2
    ---
    error: automations/inc/changes/2026-03-01T12-40-00.csv is a change file of inc, not of crq
    ");
    insta::assert_snapshot!(scene.told(&["tickets", "geocode"]), @r"
    exit 2
    there is no key: set LANDFALL_GEOCODER_KEY; nothing was asked
    0 tickets have another place now
    ---
    ");
    assert_eq!(scene.up.terminate(), Some(0));
}
