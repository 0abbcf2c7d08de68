//! What `./dev package` and `./dev deploy` refuse before they do anything, and what is told of built functions.
//!
//! The script runs in a copy of the little that it looks at, with tools that count as installed: nothing is built,
//! fetched or sent.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use regex::Regex;
use tempfile::TempDir;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A copy of the script, the profiles, and functions by name alone.
fn copy() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    fs::create_dir_all(root.join("infra/profiles")).unwrap();
    for file in ["dev", "infra/package_report.py", "infra/profiles/small.yaml"] {
        fs::copy(repository().join(file), root.join(file)).unwrap();
    }
    fs::create_dir(root.join("dev.d")).unwrap();
    for part in fs::read_dir(repository().join("dev.d")).unwrap().map(Result::unwrap) {
        fs::copy(part.path(), root.join("dev.d").join(part.file_name())).unwrap();
    }
    fs::create_dir_all(root.join("functions/plan-archive")).unwrap();
    fs::write(root.join("functions/plan-archive/Cargo.toml"), "").unwrap();
    let script = fs::read_to_string(root.join("dev")).unwrap();
    let tools = Regex::new(r"TEMPLATE_TOOLS=\((.*)\)").unwrap();
    for tool in tools.captures(&script).unwrap()[1].split(' ') {
        let folder = root.join("cache/landfall/tools").join(tool);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("complete"), "").unwrap();
    }
    dir
}

/// Runs the script there; gives its exit code and the last line that it says.
fn dev(dir: &TempDir, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(dir.path().join("dev"))
        .args(arguments)
        .env("XDG_CACHE_HOME", dir.path().join("cache"))
        .output()
        .unwrap();
    (output.status.code(), last_line(&output))
}

fn last_line(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned()
}

#[test]
fn a_command_that_there_is_not_is_refused() {
    let (code, told) = dev(&copy(), &["deplyo"]);
    assert_eq!((code, told.as_str()), (Some(1), "dev: there is no command deplyo"));
}

#[test]
fn package_refuses_an_argument_that_it_does_not_know() {
    let (code, told) = dev(&copy(), &["package", "--json", "--arm"]);
    assert_eq!((code, told.as_str()), (Some(1), "dev: ./dev package knows --arm64 and --json, not --arm"));
}

#[test]
fn deploy_wants_a_profile_that_there_is() {
    let dir = copy();
    for arguments in [&["deploy"][..], &["deploy", "huge"], &["deploy", "--plan"]] {
        let (code, told) = dev(&dir, arguments);
        let expected = "dev: ./dev deploy wants a profile first: small, medium or large";
        assert_eq!((code, told.as_str()), (Some(1), expected), "{arguments:?}");
    }
}

#[test]
fn deploy_refuses_an_argument_that_it_does_not_know_or_that_lacks_its_value() {
    let dir = copy();
    let (code, told) = dev(&dir, &["deploy", "small", "--force"]);
    assert_eq!(code, Some(1));
    assert!(told.ends_with("--stack, --region, --plan and --yes, not --force"), "{told}");
    let (code, told) = dev(&dir, &["deploy", "small", "--stack"]);
    assert_eq!(code, Some(1));
    assert!(told.ends_with("--stack wants a name"), "{told}");
}

#[test]
fn deploy_wants_every_function_built() {
    let (code, told) = dev(&copy(), &["deploy", "small"]);
    let expected = "dev: target/lambda has no plan-archive: run ./dev package first";
    assert_eq!((code, told.as_str()), (Some(1), expected));
}

/// The first bytes of a program for a processor.
fn program(machine: u16) -> Vec<u8> {
    let mut header = b"\x7fELF".to_vec();
    header.resize(18, 0);
    header.extend(machine.to_le_bytes());
    header.resize(64, 0);
    header
}

/// Runs the report on programs by name.
fn report(programs: &[(&str, Vec<u8>)]) -> Output {
    let dir = tempfile::tempdir().unwrap();
    for (name, program) in programs {
        fs::create_dir(dir.path().join(name)).unwrap();
        fs::write(dir.path().join(name).join("bootstrap"), program).unwrap();
    }
    Command::new("python3")
        .arg(repository().join("infra/package_report.py"))
        .arg(dir.path())
        .args(["--json", "--no-start"])
        .output()
        .unwrap()
}

#[test]
fn each_function_is_told_with_its_processor_and_sizes() {
    let text = b"#!/bin/sh\n".to_vec();
    let output = report(&[("b", program(183)), ("a", program(62)), ("c", text)]);
    assert!(output.status.success(), "{}", last_line(&output));
    let rows = String::from_utf8(output.stdout).unwrap();
    let rows: Vec<serde_json::Value> = rows.lines().map(|row| serde_json::from_str(row).unwrap()).collect();
    let told: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {} {}", row["function"], row["architecture"], row["program_bytes"]))
        .collect();
    assert_eq!(told, [r#""a" "x86_64" 64"#, r#""b" "aarch64" 64"#, r#""c" "unknown" 10"#]);
    assert!(rows.iter().all(|row| row["zip_bytes"].as_u64() > Some(0) && row["cold_start_ms"].is_null()));
}

#[test]
fn a_folder_without_functions_is_refused() {
    let output = report(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(last_line(&output).ends_with("build them first, with ./dev package"), "{}", last_line(&output));
}
