//! Errors name the thing and say what to do next.

use super::command::{landfall, told};

#[test]
fn without_a_platform_and_a_database_the_error_says_how_to_get_one() {
    let dir = tempfile::tempdir().unwrap();
    let output = landfall(dir.path()).arg("status").output().unwrap();
    insta::assert_snapshot!(told(&output, dir.path()), @r"
    exit 5
    ---
    error: no database: no platform runs on ./.landfall (there is no running.json) and DATABASE_URL is not set
    start one with `landfall up --data ./.landfall`, name the folder of a running one with --data, or set DATABASE_URL
    ");
}

#[test]
fn a_database_that_is_not_there_is_told_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = landfall(dir.path());
    let output =
        command.env("DATABASE_URL", "postgres://u:secret@127.0.0.1:9/none").arg("objects").output().unwrap();
    let text = told(&output, dir.path());
    assert!(!text.contains("secret"), "{text}");
    insta::assert_snapshot!(text, @r"
    exit 5
    ---
    error: database is not available: error communicating with database: Connection refused (os error 111)
    check that the database runs and that DATABASE_URL names it
    ");
}

#[test]
fn a_platform_that_was_killed_is_not_taken_for_a_running_one() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new("true").spawn().unwrap();
    let pid = child.id();
    child.wait().unwrap();
    let running = format!(
        r#"{{"pid": {pid}, "path_style": true, "bucket": "landing", "database_url": "postgres://u@127.0.0.1:9/d",
            "private_database": true, "started": "2026-01-01T00:00:00Z"}}"#
    );
    std::fs::write(dir.path().join("running.json"), running).unwrap();
    let output = landfall(dir.path()).args(["status", "--data", "."]).output().unwrap();
    let text = told(&output, dir.path()).replace(&pid.to_string(), "PID");
    insta::assert_snapshot!(text, @r"
    exit 5
    ---
    error: no database: the platform that ran on . (process PID) has ended and DATABASE_URL is not set
    start one with `landfall up --data .`, name the folder of a running one with --data, or set DATABASE_URL
    ");
}

#[test]
fn an_upload_that_would_be_rejected_is_refused_before_it_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.tgz"), "x").unwrap();
    let put = |args: &[&str]| {
        let output = landfall(dir.path()).arg("put").args(args).output().unwrap();
        told(&output, dir.path())
    };
    insta::assert_snapshot!(put(&["a.tgz"]), @r"
    exit 2
    ---
    error: no key for a.tgz
    give --customer, --network and --ticket, or --to KEY, or --prefix PREFIX
    ");
    insta::assert_snapshot!(put(&["a.tgz", "--to", "dumps/a.tgz", "--customer", "acme"]), @r"
    exit 2
    ---
    error: a.tgz would be rejected as dumps/a.tgz: missing in object metadata, sidecar and key: network, ticket
    see --customer, --network, --ticket and the other options of `landfall put --help`
    ");
    insta::assert_snapshot!(put(&["missing.tgz", "--to", "dumps/a.tgz"]), @r"
    exit 2
    ---
    error: cannot read missing.tgz: No such file or directory (os error 2)
    ");
    insta::assert_snapshot!(put(&["a.tgz", "a.tgz", "--to", "x"]), @r"
    exit 2
    ---
    error: --to names the key of one file
    use --prefix
    ");
    insta::assert_snapshot!(
        put(&["a.tgz", "--customer", "acme", "--network", "core", "--ticket", "CHG-1", "--dry-run"]), @r"
    exit 0
    would put a.tgz to landing/dumps/acme/core/CHG-1/a.tgz (1 B)
    ---
    "
    );
}

#[test]
fn a_wrong_variable_is_named() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.tgz"), "x").unwrap();
    let mut command = landfall(dir.path());
    let output = command.env("LANDFALL_MAX_DEPTH", "deep").args(["dumps", "plan", "a.tgz"]).output().unwrap();
    insta::assert_snapshot!(told(&output, dir.path()), @r#"
    exit 2
    ---
    error: environment variable LANDFALL_MAX_DEPTH does not read: "deep": invalid digit found in string
    docs/configuration.md lists every variable
    "#);
}

#[test]
fn a_folder_of_somebody_else_is_not_wiped() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("thesis.tex"), "all my work").unwrap();
    let output = landfall(dir.path()).args(["demo", "--fresh", "--data"]).arg(dir.path()).output().unwrap();
    insta::assert_snapshot!(told(&output, dir.path()), @r"
    exit 2
    ---
    error: DIR is no data folder of landfall: it is not emptied
    choose another one with --data
    ");
    assert!(dir.path().join("thesis.tex").exists());
}
