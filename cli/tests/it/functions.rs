//! `landfall up --functions`.

use std::os::unix::fs::PermissionsExt;

use super::command::{landfall, told};
use super::running::Up;

#[test]
fn a_place_of_functions_that_does_not_read_is_a_bad_argument() {
    let dir = tempfile::tempdir().unwrap();
    let output = landfall(dir.path()).args(["up", "--functions", "https://127.0.0.1:9000"]).output().unwrap();
    insta::assert_snapshot!(told(&output, dir.path()), @r"
    exit 2
    ---
    error: invalid value 'https://127.0.0.1:9000' for '--functions <URL>': expected http://HOST:PORT, as http://127.0.0.1:9000

    For more information, try '--help'.
    ");
}

#[test]
fn the_variables_of_functions_are_its_owners_alone_and_go_with_the_platform() {
    let dir = tempfile::tempdir().unwrap();
    let mut up = Up::start_with(dir.path(), &["--functions", "http://127.0.0.1:9"]);
    let path = dir.path().join("data/functions.env");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&path).unwrap();
    let names: Vec<&str> = text.lines().map(|line| line.split_once('=').unwrap().0).collect();
    insta::assert_snapshot!(names.join(" "), @"DATABASE_URL LANDFALL_QUEUE LANDFALL_BUCKET LANDFALL_WORK_BUCKET LANDFALL_S3_PATH_STYLE AWS_REGION LANDFALL_S3_ENDPOINT LANDFALL_S3_ACCESS_KEY LANDFALL_S3_SECRET_KEY LANDFALL_AUTO_CREATE_CUSTOMER LANDFALL_SIDECAR_WAIT_SECONDS LANDFALL_ACTIVE_ONLY LANDFALL_ACTIVE_ONLY_FALLBACK LANDFALL_SPOOL_LIMIT_BYTES LANDFALL_MAX_DEPTH LANDFALL_MAX_ENTRIES LANDFALL_MAX_TOTAL_BYTES LANDFALL_MAX_RATIO LANDFALL_TICKETS_DRAIN_ON_EVENT LANDFALL_TICKETS_SETTLE_SECONDS");
    assert!(text.contains("LANDFALL_AUTO_CREATE_CUSTOMER='true'\n"), "{text}");
    assert_eq!(up.terminate(), Some(0), "it ends though nobody answers");
    assert!(!path.exists());
}
