//! Help.

use clap::{Command, CommandFactory};
use landfall::Arguments;

use super::command::landfall;

/// Every command and group, by the words that call it.
fn commands() -> Vec<Vec<String>> {
    let mut found = vec![Vec::new()];
    collect(&Arguments::command(), &[], &mut found);
    found
}

fn collect(command: &Command, words: &[String], found: &mut Vec<Vec<String>>) {
    for sub in command.get_subcommands() {
        let words = [words, &[sub.get_name().to_owned()]].concat();
        collect(sub, &words, found);
        found.push(words);
    }
}

fn is_group(words: &[String]) -> bool {
    commands().iter().any(|other| other.len() > words.len() && other.starts_with(words))
}

#[test]
fn test_zero_cov_modules_import_smoke_every_command_explains_itself_with_an_example() {
    let dir = tempfile::tempdir().unwrap();
    let commands = commands();
    assert!(commands.len() > 20, "{commands:?}");
    for command in commands {
        let output = landfall(dir.path()).args(&command).arg("--help").output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{command:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let has_example = text.contains("Example");
        assert!(has_example || is_group(&command), "{command:?} has no example:\n{text}");
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
    for command in commands().iter().filter(|command| !is_group(command)) {
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
