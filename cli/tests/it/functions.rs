//! `landfall up --functions`.

use std::os::unix::fs::PermissionsExt;

use super::command::{landfall, told};
use super::running::Up;

#[test]
fn a_place_of_functions_that_does_not_read_is_a_bad_argument() {
    let dir = tempfile::tempdir().unwrap();
    let output = landfall(dir.path()).args(["up", "--functions", "https://127.0.0.1:9000"]).output().unwrap();
    insta::assert_snapshot!(told(&output, dir.path()), @"");
}

#[test]
fn the_variables_of_functions_are_its_owners_alone_and_go_with_the_platform() {
    let dir = tempfile::tempdir().unwrap();
    let mut up = Up::start_with(dir.path(), &["--functions", "http://127.0.0.1:9"]);
    let path = dir.path().join("data/functions.env");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&path).unwrap();
    let names: Vec<&str> = text.lines().map(|line| line.split_once('=').unwrap().0).collect();
    insta::assert_snapshot!(names.join(" "), @"");
    assert!(text.contains("LANDFALL_AUTO_CREATE_CUSTOMER='true'\n"), "{text}");
    assert_eq!(up.terminate(), Some(0), "it ends though nobody answers");
    assert!(!path.exists());
}
