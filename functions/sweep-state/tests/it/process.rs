//! One sweep in a process of its own, so that it can be killed: the test binary runs itself once more.

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use landfall_domain::FixedClock;
use landfall_runtime::{Clients, Env};
use landfall_testkit::{TestStage, production};
use sweep_state::SweepState;
use tokio::process::Command;

/// The time of the sweep; without it the entry below does nothing.
const TIME: &str = "LANDFALL_TEST_SWEEP";
/// How long a sweep may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// The process itself: one sweep, as the function makes it.
#[tokio::test]
async fn sweep_process() {
    let Ok(time) = std::env::var(TIME) else { return };
    let clock = Arc::new(FixedClock::at(time.parse().unwrap()));
    let clients = Clients::from_env(&Env::of_process()).await.unwrap();
    SweepState::new(Clients { clock, ..clients }, production()).run().await.unwrap();
}

/// Runs a sweep that a script kills.
pub async fn killed(stage: &TestStage, script: &str) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "process::sweep_process", "--nocapture", "--test-threads=1"])
        .env(TIME, stage.now().to_rfc3339())
        .env("DATABASE_URL", stage.database_url())
        .env("LANDFALL_S3_ENDPOINT", "http://127.0.0.1:9")
        .env("LANDFALL_FAULTS", script)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let ended = tokio::time::timeout(PATIENCE, child.wait()).await.expect("the process dies").unwrap();
    assert_eq!(ended.signal(), Some(6), "{script}: {ended:?}");
}
