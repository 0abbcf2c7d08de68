//! Leases of work that takes longer than a lease.

use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use landfall_domain::Stage;
use landfall_testkit::TestStage;
use tokio::sync::mpsc::unbounded_channel;

use crate::scene::{LEDGER, planned, watched, whole_dump};

/// More than the heartbeats of a test take.
const A_YEAR: Duration = Duration::from_hours(365 * 24);
/// When the lease of the plugin that is parsed runs out, in seconds from the start.
const LEASE: &str = "select extract(epoch from lease_until - '2025-03-01T09:00:00Z')::int::text
     from dump.plugin_ledger where plugin = 'lsp' and state = 'RUNNING'";

/// Lets heartbeats pass until the lease runs to so many seconds from the start.
async fn leased_until(stage: &TestStage, seconds: i64) {
    let begun = Instant::now();
    loop {
        let lease = stage.texts(LEASE).await;
        if lease == [seconds.to_string()] {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "the lease runs to {lease:?}, not to {seconds}");
        tokio::time::advance(Stage::ParseMember.settings().heartbeat()).await;
    }
}

#[tokio::test]
async fn a_parse_that_takes_longer_than_its_lease_keeps_it_and_is_committed_in_its_first_try() {
    let lease = i64::try_from(Stage::ParseMember.settings().lease().as_secs()).unwrap();
    let stage = TestStage::start().await;
    let start = stage.now();
    let object = planned(&stage, whole_dump()).await;
    let event = stage.take(Stage::ParseMember).await;

    let (tell, mut told) = unbounded_channel();
    let (let_go, going) = mpsc::channel::<()>();
    let going = Mutex::new(going);
    let worker = watched(&stage, move |_| {
        tell.send(()).unwrap();
        let _ = going.lock().unwrap().recv();
    });
    let watching = async {
        told.recv().await.unwrap();
        // While the parse holds its thread, the runtime's time passes only as it is told to.
        tokio::time::pause();
        leased_until(&stage, lease).await;
        for _ in 0..3 {
            stage.pass(lease - 1);
            let passed = stage.now().signed_duration_since(start).num_seconds();
            leased_until(&stage, passed + lease).await;
        }
        tokio::time::resume();
        let_go.send(()).unwrap();
    };
    let (again, ()) = tokio::join!(stage.handle_within(&worker, event, A_YEAR), watching);
    assert!(again.is_empty());
    assert_eq!(stage.state(object).await, "done complete");
    insta::assert_snapshot!(stage.texts(LEDGER).await.join("\n"), @"
    HEL-CORE-01 node DONE ok 1
    HEL-CORE-01 lsp DONE ok 1
    HEL-CORE-01 alarm_state DONE partial 1
    ");
}
