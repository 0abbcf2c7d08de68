//! Runs the binary.

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin;

/// Variables that a test may not inherit: they would lead it to somebody's database.
const FOREIGN: [&str; 5] =
    ["DATABASE_URL", "LANDFALL_BUCKET", "LANDFALL_S3_ENDPOINT", "LANDFALL_FAULTS", "LANDFALL_S3_LISTEN"];

/// The binary with an empty data folder and without variables that name a place.
pub fn landfall(dir: &Path) -> Command {
    Command::from_std(process(dir))
}

/// The same, for a test that does something else while it runs.
pub fn process(dir: &Path) -> std::process::Command {
    let mut command = std::process::Command::new(cargo_bin!("landfall"));
    for name in FOREIGN {
        command.env_remove(name);
    }
    command.current_dir(dir).env("RUST_LOG", "error");
    command
}

/// Exit code, output and error of a run, with the folder's name taken out.
pub fn told(output: &Output, dir: &Path) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&dir.display().to_string(), "DIR");
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    format!("exit {}\n{out}---\n{err}", output.status.code().unwrap())
}

/// The JSON document of a good run.
pub fn json(output: &Output) -> serde_json::Value {
    let err = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {err}"))
}
