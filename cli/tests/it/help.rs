//! Help.

use super::command::landfall;

const COMMANDS: [&[&str]; 20] = [
    &[],
    &["up"],
    &["demo"],
    &["migrate"],
    &["put"],
    &["status"],
    &["objects"],
    &["explain"],
    &["replay"],
    &["dead"],
    &["dead", "list"],
    &["dead", "show"],
    &["dead", "redrive"],
    &["dumps"],
    &["dumps", "plan"],
    &["dumps", "dry-run"],
    &["dumps", "backfill"],
    &["dumps", "cat"],
    &["dumps", "sync-customers"],
    &["dumps", "adopt"],
];

#[test]
fn every_command_explains_itself_with_an_example() {
    let dir = tempfile::tempdir().unwrap();
    for command in COMMANDS {
        let output = landfall(dir.path()).args(command).arg("--help").output().unwrap();
        assert!(output.status.success(), "{command:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let is_group = matches!(command, [group] if ["dead", "dumps"].contains(group));
        assert!(is_group || text.contains("Example"), "{command:?} has no example:\n{text}");
    }
}

#[test]
fn exit_codes_are_documented() {
    let dir = tempfile::tempdir().unwrap();
    let output = landfall(dir.path()).arg("--help").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for line in ["0  done", "3  rejected by a rule", "4  archive error", "6  done in part"] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn every_command_is_on_the_page_about_the_command_line() {
    let page = include_str!("../../../docs/command-line.md");
    for command in COMMANDS
        .iter()
        .filter(|command| !command.is_empty() && **command != ["dead"] && **command != ["dumps"])
    {
        let name = format!("landfall {}", command.join(" "));
        assert!(page.contains(&format!("\n## {name}\n")), "{name} has no section");
    }
}

#[test]
fn a_misspelt_command_is_a_bad_argument() {
    let dir = tempfile::tempdir().unwrap();
    let output = landfall(dir.path()).arg("statsu").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("status"));
}
