//! ministack: AWS as a local process, for one more run of a conformance suite, or for a whole stack.
//!
//! It is looked for on `PATH`, or in the virtual environment that `LANDFALL_MINISTACK` names; `./dev test` installs it
//! where it can.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

/// The virtual environment to look in.
const ENVIRONMENT: &str = "LANDFALL_MINISTACK";
/// The region of whoever calls it.
const REGION: &str = "us-east-1";
/// How long it may take to start.
const START: Duration = Duration::from_mins(1);
/// How long a suite may take.
const SUITE: Duration = Duration::from_mins(4);

/// A ministack on a free port of the loopback address.
#[derive(Debug)]
pub struct Ministack {
    child: Child,
    url: String,
    _folder: TempDir,
}

impl Ministack {
    /// Starts one with these services, comma-separated; none, and a note, where it is not installed.
    pub async fn start(services: &str) -> Option<Self> {
        Self::configured(services, |_| {}).await
    }

    /// The same with a process that the test has changed.
    pub async fn configured(services: &str, change: impl FnOnce(&mut Command)) -> Option<Self> {
        let Some(program) = program() else {
            skipped(&format!("ministack is neither on PATH nor named by {ENVIRONMENT}"));
            return None;
        };
        let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = free.local_addr().expect("its address").port();
        drop(free);
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = without_foreign_variables(program);
        command
            // Without these it listens on every interface.
            .env("BIND_HOST", "127.0.0.1")
            .env("MINISTACK_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("SERVICES", services)
            .env("TMPDIR", folder.path())
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        change(&mut command);
        let mut child = command.spawn().expect("ministack starts");
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            let ended = child.try_wait().expect("its state");
            assert!(ended.is_none(), "ministack ended before it served: {ended:?}");
            assert!(begun.elapsed() < START, "ministack does not serve");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Some(Self { child, url: format!("http://127.0.0.1:{port}"), _folder: folder })
    }

    /// Where it serves.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Another program that takes it for AWS.
    pub fn caller(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = without_foreign_variables(program);
        command
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_REGION", REGION)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Ends it.
    pub async fn stop(mut self) {
        self.child.kill().await.expect("it ends");
    }

    /// Runs the tests of a module of this test binary, but for those of one in it, in a process of its own with a
    /// variable that names this endpoint; gives what they told.
    pub async fn run_suite(&self, (module, without): (&str, &str), variable: &str) -> String {
        let output = Command::new(std::env::current_exe().expect("this binary"))
            .args([&format!("{module}::"), "--skip", &format!("{module}::{without}"), "--test-threads=4"])
            .env(variable, &self.url)
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(SUITE, output).await.expect("the suite ends").expect("it runs");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(told.contains("\ntest result: "), "the suite did not run:\n{told}");
        told
    }
}

/// A program that does not see what the caller has for AWS and for Landfall: ministack hands its own variables on to
/// the functions that it runs.
fn without_foreign_variables(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let foreign = |name: &str| name.starts_with("AWS_") || name.starts_with("LANDFALL_");
        if name.to_str().is_some_and(foreign) || name == "DATABASE_URL" {
            command.env_remove(name);
        }
    }
    command
}

/// Tells that a test did nothing, and why.
pub fn skipped(why: &str) {
    let note = format!("SKIPPED: {why}\n");
    std::io::Write::write_all(&mut std::io::stderr(), note.as_bytes()).expect("it is told");
}

/// The Python of the virtual environment, where it has all of these modules.
pub fn python_with(modules: &[&str]) -> Option<PathBuf> {
    let environment = std::env::var_os(ENVIRONMENT).filter(|folder| !folder.is_empty())?;
    let python = Path::new(&environment).join("bin/python");
    let imports = format!("import {}", modules.join(", "));
    let imported = std::process::Command::new(&python).args(["-c", &imports]).stderr(Stdio::null()).status();
    imported.is_ok_and(|status| status.success()).then_some(python)
}

/// The installed program.
fn program() -> Option<PathBuf> {
    if let Some(environment) = std::env::var_os(ENVIRONMENT).filter(|folder| !folder.is_empty()) {
        let program = Path::new(&environment).join("bin/ministack");
        assert!(
            program.is_file(),
            "{ENVIRONMENT} names no virtual environment with ministack: {}",
            program.display()
        );
        return Some(program);
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("ministack")).find(|program| program.is_file())
}
